"""
The API's protocol, without I/O: build a request, read an answer, decide on a retry.

Both clients drive :func:`exchange`; neither decides anything itself.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    InvalidRequestError,
    MalformedAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import (
    Campaign,
    CampaignCreate,
    RowsExport,
    RowsPage,
    describe_invalid,
)
from airflow_provider_revox.client.redaction import server_message
from airflow_provider_revox.client.retry import parse_retry_after, retry_pause

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Request:
    """
    One HTTP request, relative to the base URL.

    :param repeatable: Whether sending it twice has the effect of sending it once.
    :param sensitive: Yields every text in the request that must not be repeated in an error.
    :param reads_body: Whether the body of a good answer matters.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True
    sensitive: Callable[[], Iterable[str]] = field(default=tuple, repr=False)
    reads_body: bool = True


@dataclass(frozen=True)
class Answer:
    """A complete answer. ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request together with how to read its answer."""

    request: Request
    read: Callable[[Answer], T]


@dataclass(frozen=True)
class Transmit:
    """Step of an exchange: send the request; the result is its :class:`Answer` or a transport error."""

    request: Request


@dataclass(frozen=True)
class Pause:
    """Step of an exchange: wait."""

    seconds: float


Exchange = Generator[Transmit | Pause, Answer | RevoxError | None, T]


# --- the calls -------------------------------------------------------------------------------------------


def create_campaign(campaign: CampaignCreate) -> Call[Campaign]:
    """``POST /campaigns``: create and launch. The one request that is not repeatable."""

    def sensitive() -> Iterable[str]:
        for contact in campaign.contacts:
            yield contact.to_phone_number
            yield from contact.prompt_variables.values()

    request = Request("POST", "/campaigns", body=campaign.to_json(), repeatable=False, sensitive=sensitive)
    return Call(request, lambda answer: _model(Campaign, request, answer, "campaign"))


def list_campaigns() -> Call[list[Campaign]]:
    """``GET /campaigns``: every campaign of the organization, finished ones too."""
    request = Request("GET", "/campaigns")

    def read(answer: Answer) -> list[Campaign]:
        items = _member(request, answer, "campaigns")
        if not isinstance(items, list):
            raise _malformed(request, answer, '"campaigns" is not a list')
        return [_validate(Campaign, request, answer, item) for item in items]

    return Call(request, read)


def check_access() -> Call[None]:
    """``GET /campaigns``, of which only the head is read: does this key open this API?"""
    request = Request("GET", "/campaigns", reads_body=False)

    def read(answer: Answer) -> None:
        if "json" not in answer.headers.get("content-type", ""):
            raise _malformed(request, answer, "not JSON, so this is not the Revox API: check the base URL")

    return Call(request, read)


def get_campaign(campaign_id: str) -> Call[Campaign]:
    """``GET /campaigns/{id}``."""
    request = Request("GET", _campaign_path(campaign_id))
    return Call(request, lambda answer: _model(Campaign, request, answer, "campaign"))


def cancel_campaign(campaign_id: str) -> Call[bool]:
    """``POST /campaigns/{id}/cancel``: pending and queued calls are aborted, calls in progress finish."""
    request = Request("POST", f"{_campaign_path(campaign_id)}/cancel")
    return Call(request, lambda answer: _member(request, answer, "success") is True)


def delete_campaign(campaign_id: str) -> Call[bool]:
    """``DELETE /campaigns/{id}``: irreversible; repeating it can only answer 404."""
    request = Request("DELETE", _campaign_path(campaign_id))
    return Call(request, lambda answer: _member(request, answer, "success") is True)


def get_rows(
    campaign_id: str,
    *,
    page: int,
    page_size: int,
    query: str | None = None,
    result: str | None = None,
    statuses: str | None = None,
) -> Call[RowsPage]:
    """``GET /campaigns/{id}/rows``: one page of the contacts and their calls."""
    filters = {"query": query, "result": result, "statuses": statuses}
    request = Request(
        "GET",
        f"{_campaign_path(campaign_id)}/rows",
        query={
            "page": str(page),
            "page_size": str(page_size),
            **{name: value for name, value in filters.items() if value is not None},
        },
        sensitive=lambda: [query] if query else [],
    )
    return Call(request, lambda answer: _model(RowsPage, request, answer))


def export_rows(campaign_id: str) -> Call[RowsExport]:
    """``GET /campaigns/{id}/export``: all rows as CSV text."""
    request = Request("GET", f"{_campaign_path(campaign_id)}/export")
    return Call(request, lambda answer: _model(RowsExport, request, answer))


def _campaign_path(campaign_id: str) -> str:
    if not campaign_id or campaign_id in (".", ".."):
        raise InvalidRequestError(["campaign_id: must not be empty"])
    return f"/campaigns/{quote(campaign_id, safe='')}"


def campaign_create(**fields: Any) -> CampaignCreate:
    """
    Check the fields of a campaign.

    :param fields: As :class:`~airflow_provider_revox.client.models.CampaignCreate` has them.
    :raises InvalidRequestError: A field breaks a rule of the API.
    """
    try:
        campaign = CampaignCreate(**fields)
        campaign.to_json()
    except ValidationError as error:
        raise InvalidRequestError(describe_invalid(error)) from None
    except PydanticSerializationError:
        raise InvalidRequestError(
            ["campaign: has text that UTF-8 can't hold (half a surrogate pair)"]
        ) from None
    return campaign


# --- one exchange: send, read, decide ---------------------------------------------------------------------


def exchange(call: Call[T], *, retries: int, secrets: Iterable[str] = ()) -> Exchange[T]:
    """
    Play one call to its end, as steps for a sender to carry out.

    :param call: What to ask.
    :param retries: How often it may be sent again.
    :param secrets: Texts that must not be repeated in an error, beside those of the request.
    :return: What the answer says.
    :raises RevoxError: The call failed for good.
    """
    for attempt in itertools.count():
        try:
            outcome = yield Transmit(call.request)
            if isinstance(outcome, RevoxError):
                raise outcome
            if not isinstance(outcome, Answer):
                raise TypeError("a Transmit step needs an Answer or a RevoxError")
            if not 200 <= outcome.status < 300:
                raise read_error(call.request, outcome, secrets)
            return call.read(outcome)
        except RevoxError as error:
            pause = retry_pause(error, repeatable=call.request.repeatable, attempt=attempt, retries=retries)
            if pause is None:
                raise
        yield Pause(pause)
    raise AssertionError("unreachable")


def read_error(request: Request, answer: Answer, secrets: Iterable[str] = ()) -> AnswerError:
    """Turn an answer that is no success into a typed error."""
    message = server_message(answer.body, request.sensitive(), secrets)
    retry_after = parse_retry_after(answer.headers.get("retry-after"), now=datetime.now(UTC))
    if 300 <= answer.status < 400:
        message = "a redirect, which is not followed with the API key: check the base URL"
    kind = _ERRORS.get(answer.status, RejectedError if 400 <= answer.status < 500 else UnexpectedAnswerError)
    return kind(answer.status, request.method, request.path, message, retry_after)


_ERRORS: dict[int, type[AnswerError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    # Something between here and the server may answer these two after the server has acted.
    408: UnexpectedAnswerError,
    409: UnexpectedAnswerError,
    429: RateLimitedError,
}


def _member(request: Request, answer: Answer, name: str) -> Any:
    content = _json(request, answer)
    if not isinstance(content, dict) or name not in content:
        raise _malformed(request, answer, f'has no "{name}"')
    return content[name]


def _json(request: Request, answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise _malformed(request, answer, "not JSON") from None


def _model(model: type[M], request: Request, answer: Answer, member: str | None = None) -> M:
    content = _member(request, answer, member) if member else _json(request, answer)
    return _validate(model, request, answer, content)


def _validate(model: type[M], request: Request, answer: Answer, content: Any) -> M:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _malformed(request, answer, "; ".join(describe_invalid(error)[:3])) from None


def _malformed(request: Request, answer: Answer, what: str) -> MalformedAnswerError:
    return MalformedAnswerError(
        answer.status, request.method, request.path, f"the answer can't be used: {what}"
    )
