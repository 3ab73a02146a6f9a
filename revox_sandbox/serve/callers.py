"""
Decide who may use what the sandbox has beside the API: its remote control and its pages.

A page of another site, in a browser on this machine, can send requests to this machine. Its site can also
give a name of its own the address of this machine. So the name in the header ``Host`` counts, too.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from fastapi import HTTPException, Request


def only_own_pages(own_host: str) -> Callable[[Request], None]:
    """
    Return a check that refuses other machines, and pages of other sites.

    :param own_host: The name or address that the sandbox listens on.
    """

    def check(request: Request) -> None:
        _check_machine(request, own_host)
        if _is_of_another_site(request):
            raise HTTPException(403, "A page of another site sent this request, so the sandbox refuses it.")

    return check


def also_visitors(own_host: str) -> Callable[[Request], None]:
    """
    Return a check that also lets a visitor follow a link of another site, such as Airflow's, to a page.

    It is for pages without data. Their scripts read the data, and :func:`only_own_pages` guards it.

    :param own_host: The name or address that the sandbox listens on.
    """

    def check(request: Request) -> None:
        _check_machine(request, own_host)
        if _is_of_another_site(request) and not _is_visit(request):
            raise HTTPException(403, "A page of another site sent this request, so the sandbox refuses it.")

    return check


def _check_machine(request: Request, own_host: str) -> None:
    if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "Another machine sent this request, so the sandbox refuses it.")
    if not _is_this_machine(request.headers.get("host", ""), own_host):
        raise HTTPException(403, "Open the sandbox as 127.0.0.1 or localhost, not by another name.")


def _is_of_another_site(request: Request) -> bool:
    origins = request.headers.getlist("origin")
    site = request.headers.get("sec-fetch-site", "none")
    own = f"http://{request.headers.get('host', '')}"
    return any(origin != own for origin in origins) or site not in ("none", "same-origin")


def _is_visit(request: Request) -> bool:
    """Return whether a person follows a link in a window: no script, and no frame of another page."""
    is_window = (request.headers.get("sec-fetch-mode"), request.headers.get("sec-fetch-dest"))
    return is_window == ("navigate", "document") and "origin" not in request.headers


def _is_this_machine(host: str, own_host: str) -> bool:
    found = re.fullmatch(r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[^:@/\[\]]+))(?::\d{1,5})?", host)
    if found is None:
        return False
    name = found["ipv6"] or found["name"]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() in ("localhost", own_host.lower())
