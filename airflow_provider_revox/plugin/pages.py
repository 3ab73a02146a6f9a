"""The pages: files with no data in them. Only users who are logged in get them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from airflow.api_fastapi.app import API_ROOT_PATH
from fastapi import Request
from fastapi.responses import FileResponse, RedirectResponse

FOLDER = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Everything comes from Airflow itself, and only Airflow may show the page in a frame."""
NO_STORE = {"Cache-Control": "no-store"}
"""For what depends on the user, so that no cache shows it to another user."""
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def list_page() -> FileResponse:
    """Return the page with the list of campaigns."""
    return _page("list.html")


def campaign_page() -> FileResponse:
    """Return the page of one campaign."""
    return _page("campaign.html")


def static_file(name: str) -> FileResponse | None:
    """Return a file that the pages need; ``None`` if there is none with this name."""
    kind = KINDS.get(Path(name).suffix)
    if kind is None or name not in {path.name for path in FOLDER.iterdir()}:
        return None
    return FileResponse(FOLDER / name, media_type=kind, headers={**HEADERS, "Cache-Control": "no-cache"})


def login_redirect(request: Request) -> RedirectResponse:
    """Send a browser to Airflow's login, and back to the page after it."""
    target = quote(str(request.url.replace(scheme="", netloc="")), safe="")
    return RedirectResponse(
        f"{API_ROOT_PATH}api/v2/auth/login?next={target}", status_code=302, headers=NO_STORE
    )


def _page(name: str) -> FileResponse:
    return FileResponse(FOLDER / name, media_type="text/html", headers={**HEADERS, **NO_STORE})
