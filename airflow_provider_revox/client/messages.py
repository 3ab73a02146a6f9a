"""
Describe what goes over the wire: a request, its answer, and an endpoint that puts both together.

Nothing here sends anything: :mod:`.sync_client` and :mod:`.async_client` do.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.redaction import server_message
from airflow_provider_revox.client.retry import parse_retry_after

T = TypeVar("T")

REMEMBERED = 8
"""How many requests about people a client remembers."""
Size: TypeAlias = Literal["one", "long", "stream"]
"""How long a good answer may be: about one campaign, long and read as a whole, or long and read in pieces."""


@dataclass(frozen=True)
class Request:
    """
    Describes one HTTP request.

    :param path: The path, relative to the base URL.
    :param repeatable: Whether sending it twice has the same effect as sending it once.
    :param sensitive: Returns every text of the request that an error must not repeat.
    :param reads_body: Whether the body of a successful answer is read.
    :param size: Which of the :class:`~.limits.Limits` its answer has.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True
    sensitive: Callable[[], Iterable[str]] = field(default=tuple, repr=False)
    reads_body: bool = True
    size: Size = "one"


class Sink(Protocol):
    """Takes the body of a successful answer in pieces, so that it is never in memory as a whole."""

    @property
    def is_broken(self) -> bool:
        """Whether the answer can't be used, whatever else comes. Then the rest of it is not read."""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""


@dataclass(frozen=True)
class Answer:
    """
    Describes a complete answer.

    :param headers: Their names are in lower case.
    :param body: Empty if a sink has taken it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | bytearray = field(repr=False)


@dataclass(frozen=True)
class Endpoint(Generic[T]):
    """
    Puts a request together with the way to read its answer. :mod:`.endpoints` makes them.

    :param request: What is sent.
    :param begin_attempt: Called each time before the request is sent. Returns a function that reads the
        answer, and the sink for its body, if there is one.
    """

    request: Request
    begin_attempt: Callable[[], tuple[Callable[[Answer], T], Sink | None]]

    @classmethod
    def of(cls, request: Request, read: Callable[[Answer], T]) -> Endpoint[T]:
        """Return an endpoint that reads its answer as a whole."""
        return cls(request, lambda: (read, None))


def is_success(status: int) -> bool:
    """Return whether an HTTP status means success."""
    return 200 <= status < 300


def wants_body(request: Request, status: int) -> bool:
    """Return whether the body of an answer is read: the body of an error always is."""
    return request.reads_body or not is_success(status)


def remember(sent: deque[Request], request: Request) -> None:
    """
    Remember a request that says something about people.

    A later answer may repeat what it says: the look for a campaign, for example, whose create had no answer.
    """
    if request.sensitive is not tuple and all(request is not other for other in sent):
        sent.append(request)


def check_success(
    request: Request, answer: Answer, secrets: Collection[str] = (), sent: Iterable[Request] = ()
) -> None:
    """
    Refuse an answer that is not a success.

    :param secrets: Keys and passwords that the error must not repeat.
    :param sent: Requests of this client before this one.
    :raises AnswerError: The status is not 2xx.
    """
    if not is_success(answer.status):
        raise read_error(request, answer, secrets, sent)


def read_error(
    request: Request, answer: Answer, secrets: Collection[str] = (), sent: Iterable[Request] = ()
) -> AnswerError:
    """
    Turn an answer that is not a success into a typed error.

    :param secrets: Keys and passwords that the error must not repeat.
    :param sent: Requests of this client before this one.
    """
    sensitive = itertools.chain.from_iterable(
        each.sensitive() for each in [request, *(other for other in sent if other is not request)]
    )
    message = server_message(bytes(answer.body), sensitive, secrets)
    retry_after = parse_retry_after(answer.headers.get("retry-after"), date=answer.headers.get("date"))
    if 300 <= answer.status < 400:
        message = "a redirect, which is not followed with the API key: check the base URL"
    kind = _ERRORS.get(answer.status, RejectedError if 400 <= answer.status < 500 else UnexpectedAnswerError)
    return kind(answer.status, request.method, request.path, message, retry_after)


_ERRORS: dict[int, type[AnswerError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    # A proxy may answer 408 or 409 after Revox has acted on the request.
    408: UnexpectedAnswerError,
    409: UnexpectedAnswerError,
    429: RateLimitedError,
}
