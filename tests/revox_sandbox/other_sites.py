"""The headers with which pages of other sites, and names of other machines, ask a sandbox."""

HEADERS_OF_OTHERS = [
    *(
        {"Host": host}
        for host in (
            "evil.example",
            "evil.example:8765",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "localhost@evil.example",
            "evil.example#@localhost",
            "127.0.0.1:80@evil.example",
            "192.0.2.1",
            "0.0.0.0",
            "[::2]",
            "[::ffff:192.0.2.1]",
            "127.1",
            "",
            "localhost, evil.example",
        )
    ),
    *(
        {"Origin": origin}
        for origin in (
            "http://evil.example",
            "https://evil.example",
            "null",
            "",
            "http://localhost:1",
            "http://127.0.0.1.evil.example",
            "file://",
        )
    ),
    *({"Sec-Fetch-Site": site} for site in ("cross-site", "same-site")),
]
