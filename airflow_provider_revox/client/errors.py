"""
Define the errors of the client. There is one class for each case that a caller handles differently.

No error holds the API key, a request body or a query string. What the server says is shown only after all
phone numbers and all values of the request are removed from it.
"""

from __future__ import annotations

from collections.abc import Sequence


class RevoxError(Exception):
    """Base class of every error of the client."""

    transient = False
    """Whether the same request may succeed later, because the network or the server is in trouble."""


class InvalidConfigurationError(RevoxError):
    """A setting of the client can't be used. Nothing was sent. The text names the setting and the reason."""


class InvalidRequestError(RevoxError):
    """
    The request breaks a rule of the API. Nothing was sent.

    :param problems: One line per problem: the field and what is wrong with it, without its value.
    :param more: How many problems there are beside these.
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
    The request got no answer.

    :param method: The HTTP method of the request.
    :param path: Its path, without the query.
    :param reason: What happened to the connection.
    """

    transient = True

    def __init__(self, method: str, path: str, reason: str) -> None:
        super().__init__(method, path, reason)
        self.method, self.path, self.reason = method, path, reason


class NotSentError(TransportError):
    """No connection could be made, so Revox has surely not seen the request."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}: Revox can't be reached, so nothing was sent: {self.reason}"


class NoAnswerError(TransportError):
    """There is no answer, although the request may have been sent: Revox may or may not have acted on it."""

    def __str__(self) -> str:
        return (
            f"{self.method} {self.path}: no answer, and Revox may or may not have acted on it: {self.reason}"
        )


class AnswerError(RevoxError):
    """
    Revox answered, but not with what was asked for.

    :param status: The HTTP status of the answer.
    :param method: The HTTP method of the request.
    :param path: Its path, without the query.
    :param message: What the server says about it, without personal data.
    :param retry_after: How many seconds the server asks to wait, if it says so.
    """

    advice = ""
    advice_without_id = ""
    """What to do if the request names no campaign. Default: the same."""

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
        without_id = "" if self.path.startswith("/campaigns/") else self.advice_without_id
        return f"{text} {without_id or self.advice}".rstrip()


class MalformedAnswerError(AnswerError):
    """The status means success, but the body is not what the API promises."""

    transient = True


class RejectedError(AnswerError):
    """Revox refuses the request (4xx). It would refuse it again."""


class AuthenticationError(RejectedError):
    """The API key is wrong (401)."""

    advice = "(check the API key: it is the password of the Airflow connection)"


class PermissionDeniedError(RejectedError):
    """The API key has no right to do this (403)."""

    advice = "(this API key may not do that: check its rights and its organization in Revox)"


class NotFoundError(RejectedError):
    """There is no such campaign, the base URL is wrong, or this Revox does not have the endpoint (404)."""

    advice = (
        "(check the id, that the API key is of the same organization, and the base URL; an older "
        "Revox also answers 404 to a request that it does not have)"
    )
    advice_without_id = (
        "(check the base URL: it is the host of the Airflow connection, and most often /api is missing at "
        "its end; an older Revox also answers 404 to a request that it does not have)"
    )


class NotSupportedError(NotFoundError):
    """Revox can't do what was asked for: its API is of another generation."""

    advice = "(the Revox API of this organization can't do that: it is of another generation)"
    advice_without_id = ""


class RateLimitedError(AnswerError):
    """There were too many requests, and Revox did not act on this one (429)."""

    transient = True


class UnexpectedAnswerError(AnswerError):
    """Revox may or may not have acted on the request (5xx, a redirect, 408 or 409)."""

    transient = True


class RowsDriftedError(RevoxError):
    """
    The rows that were read are not exactly those of the campaign: they may have changed meanwhile.

    :param campaign_id: The campaign.
    :param finding: What does not add up.
    """

    transient = True

    def __init__(self, campaign_id: str, finding: str) -> None:
        super().__init__(campaign_id, finding)
        self.campaign_id, self.finding = campaign_id, finding

    def __str__(self) -> str:
        return (
            f"The rows of campaign {self.campaign_id} do not add up: {self.finding}. They may have changed "
            "while they were read: read them again."
        )
