"""
The API's protocol, without I/O: what a request and an answer are, and how an exchange goes.

Both clients drive :func:`exchange`; neither decides anything itself. The calls are in :mod:`.calls`, when to
send again is in :mod:`.retry`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RevoxError,
    UnexpectedAnswerError,
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


class Sink(Protocol):
    """Takes the body of a good answer piece by piece, instead of holding all of it."""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""


@dataclass(frozen=True)
class Answer:
    """A complete answer. ``headers`` has lower-case names; ``body`` is empty where a sink has taken it."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Endpoint(Generic[T]):
    """
    A request together with how to read its answer.

    :param request: What is sent.
    :param attempt: Starts an attempt: returns what reads its answer, and the sink for its body, if any.
    """

    request: Request
    attempt: Callable[[], tuple[Callable[[Answer], T], Sink | None]]

    @classmethod
    def of(cls, request: Request, read: Callable[[Answer], T]) -> Endpoint[T]:
        """Return a call whose answer is read as a whole."""
        return cls(request, lambda: (read, None))


@dataclass(frozen=True)
class Transmit:
    """Step of an exchange: send the request; the result is its :class:`Answer` or a transport error."""

    request: Request
    sink: Sink | None = None


@dataclass(frozen=True)
class Pause:
    """Step of an exchange: wait."""

    seconds: float


Exchange = Generator[Transmit | Pause, Answer | RevoxError | None, T]


def exchange(call: Endpoint[T], *, retries: int, secrets: Iterable[str] = ()) -> Exchange[T]:
    """
    Play one call to its end, as steps for a sender to carry out.

    :param call: What to ask.
    :param retries: How often it may be sent again.
    :param secrets: Texts that must not be repeated in an error, beside those of the request.
    :return: What the answer says.
    :raises RevoxError: The call failed for good.
    """
    for attempt in itertools.count():
        read, sink = call.attempt()
        try:
            outcome = yield Transmit(call.request, sink)
            if isinstance(outcome, RevoxError):
                raise outcome
            if not isinstance(outcome, Answer):
                raise TypeError("a Transmit step needs an Answer or a RevoxError")
            if not 200 <= outcome.status < 300:
                raise read_error(call.request, outcome, secrets)
            return read(outcome)
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
