"""
What can go wrong with a call to the API: one type per thing that a caller does differently about.

No error carries the API key, a request body or a query string, and what the server says is repeated only
after every phone number and every value that was sent has been taken out of it.
"""

from __future__ import annotations

from collections.abc import Sequence


class RevoxError(Exception):
    """Base of every error of the client."""

    transient = False
    """Whether the same request may well succeed later: the network or the server is in trouble."""


class InvalidConfigurationError(RevoxError):
    """The client's settings can't be used; nothing was sent. The text says which setting and why."""


class InvalidRequestError(RevoxError):
    """
    The request breaks a rule of the API; nothing was sent.

    :param problems: One line per problem: where it is and what is wrong, without the value.
    :param more: How many more there are than these.
    """

    MAX_SHOWN = 10

    def __init__(self, problems: Sequence[str], more: int = 0) -> None:
        super().__init__(problems, more)
        self.problems, self._more = list(problems), more

    def __str__(self) -> str:
        lines = [f"  {problem}" for problem in self.problems[: self.MAX_SHOWN]]
        if (more := self._more + len(self.problems) - len(lines)) > 0:
            lines.append(f"  and {more:,} more")
        return "\n".join(["Nothing was sent to Revox, because the request is not valid:", *lines])


class TransportError(RevoxError):
    """
    There is no answer.

    :param method: HTTP method of the request.
    :param path: Its path, without the query.
    :param reason: What happened on the wire.
    """

    transient = True

    def __init__(self, method: str, path: str, reason: str) -> None:
        super().__init__(method, path, reason)
        self.method, self.path, self.reason = method, path, reason


class NotSentError(TransportError):
    """No connection could be made: the server surely has not seen the request."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}: Revox can't be reached, so nothing was sent: {self.reason}"


class NoAnswerError(TransportError):
    """The request may have been sent, but its answer was lost: the server may have acted on it or not."""

    def __str__(self) -> str:
        return (
            f"{self.method} {self.path}: no answer, and Revox may or may not have acted on it: {self.reason}"
        )


class AnswerError(RevoxError):
    """
    The server answered, but not with what was asked for.

    :param status: HTTP status of the answer.
    :param method: HTTP method of the request.
    :param path: Its path, without the query.
    :param message: What the server says of it, without personal data.
    :param retry_after: Seconds the server asks to wait, where it does.
    """

    advice = ""

    def __init__(
        self, status: int, method: str, path: str, message: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(status, method, path, message, retry_after)
        self.status, self.method, self.path = status, method, path
        self.message, self.retry_after = message, retry_after

    def __str__(self) -> str:
        text = f"{self.method} {self.path}: Revox answered {self.status}"
        if self.message:
            text += f": {self.message}"
        return f"{text} {self.advice}".rstrip()


class MalformedAnswerError(AnswerError):
    """The status says success, the body is not what the API promises."""

    transient = True


class RejectedError(AnswerError):
    """The server refuses the request (4xx): sending it again can't help."""


class AuthenticationError(RejectedError):
    """401: the API key is wrong."""

    advice = "(check the API key: it is the password of the Airflow connection)"


class PermissionDeniedError(RejectedError):
    """403: the API key may not do this."""

    advice = "(this API key may not do that: check its rights and its organization in Revox)"


class NotFoundError(RejectedError):
    """404: there is no such campaign, or the base URL is wrong."""

    advice = (
        "(check the id, that the API key is of the same organization, and the base URL; an older Revox "
        "answers so to a request that it does not know)"
    )


class NotSupportedError(NotFoundError):
    """The API of this organization can't do what was asked for."""

    advice = "(the Revox API of this organization can't do that: it is of another generation)"


class RateLimitedError(AnswerError):
    """429: too many requests; this one was not taken."""

    transient = True


class UnexpectedAnswerError(AnswerError):
    """5xx, a redirect, 408 or 409: the server may have acted on the request or not."""

    transient = True
