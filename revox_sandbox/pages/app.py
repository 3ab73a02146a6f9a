"""Serve the pages: their files, and as JSON what they show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response

from revox_sandbox.pages.views import CAMPAIGNS_PER_PAGE, Part, campaign_view, detail_view, pages

if TYPE_CHECKING:
    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.play.store import Store

STATIC = Path(__file__).with_name("static")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript"}
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        # Nothing but the files of this sandbox runs in its pages, and no other page has them in a frame.
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
Page = Annotated[int, Query(ge=1, le=1_000_000)]
Check = Callable[[Request], None]


def create_pages(
    store: Store, answers: ContractAnswers, speed: float, *, check_reader: Check, check_visitor: Check
) -> FastAPI:
    """
    Make the pages.

    :param store: The campaigns.
    :param answers: Knows the status of a campaign.
    :param speed: How many seconds of a campaign pass in one real second.
    :param check_reader: Refuses a request for data or for a script that does not come from a page of this
        sandbox.
    :param check_visitor: Refuses a request for a page that is not a visit, such as one by a frame.
    """
    app = FastAPI(openapi_url=None)
    visit, read = [Depends(check_visitor)], [Depends(check_reader)]
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in TYPES}

    @app.get("/", dependencies=visit)
    def list_page() -> Response:
        return _file(files["list.html"])

    @app.get("/campaigns/{id}", dependencies=visit)
    def campaign_page(id: str) -> Response:  # noqa: A002
        is_known = store.read(id, lambda campaign: True)
        return _file(files["campaign.html"], 200 if is_known else 404)

    @app.get("/pages/static/{name}", dependencies=read)
    def static(name: str) -> Response:
        if name not in files:
            raise HTTPException(404, "There is no such file")
        return _file(files[name])

    @app.get("/pages/campaigns", dependencies=read)
    def campaigns(page: Page = 1) -> Response:
        views = store.watch_all(lambda campaign: campaign_view(answers, campaign))
        start = (page - 1) * CAMPAIGNS_PER_PAGE
        shown = views[start : start + CAMPAIGNS_PER_PAGE]
        return _json(
            {"speed": speed, "page": page, "pages": pages(len(views), CAMPAIGNS_PER_PAGE), "campaigns": shown}
        )

    @app.get("/pages/campaigns/{id}", dependencies=read)
    def campaign(id: str, part: Part | None = None, page: Page = 1) -> Response:  # noqa: A002
        view = store.read(id, lambda campaign: detail_view(answers, campaign, part, page))
        if view is None:
            raise HTTPException(404, "There is no such campaign")
        return _json(view | {"speed": speed})

    return app


def _file(path: Path, status: int = 200) -> Response:
    return Response(path.read_bytes(), status, dict(HEADERS), TYPES[path.suffix])


def _json(value: Any) -> Response:
    return Response(json.dumps(value), headers=dict(HEADERS), media_type="application/json")
