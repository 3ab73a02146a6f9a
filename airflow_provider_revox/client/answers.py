"""Read an answer as the API promises it. If it is something else, the error shows nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.client.ids import has_name_of, has_number_of
from airflow_provider_revox.client.invalid_fields import describe_invalid
from airflow_provider_revox.client.limits import (
    DEEPEST,
    MOST_VALUES,
    MOST_VALUES_OF_LONG,
    has_more_values,
    is_too_deep,
)
from airflow_provider_revox.client.messages import Answer, Request
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.whole_or_page import sign_of_more

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", covariant=True)


class Stream(Protocol[R]):
    """Reads an answer that comes in pieces."""

    def finish(self, headers: Mapping[str, str]) -> R:
        """
        Return the result, or raise a ``ValueError`` that shows nothing of the answer.

        :param headers: The headers of the answer, with names in lower case.
        """


def finish_stream(stream: Stream[R], request: Request, answer: Answer) -> R:
    """
    Return what a stream has read.

    :raises MalformedAnswerError: The answer was not complete, or not as the API promises it.
    """
    check_not_partial(request, answer)
    try:
        return stream.finish(answer.headers)
    except ValueError as error:
        raise malformed(request, answer, str(error)) from None


def whole_list(request: Request, answer: Answer, name: str) -> list[Any]:
    """
    Return a list that the answer holds as a whole.

    :raises MalformedAnswerError: The answer has no such list, or not the whole list.
    """
    content = _object(request, answer, name)
    items = content[name]
    if not isinstance(items, list):
        raise malformed(request, answer, f'"{name}" is not a list')
    check_not_partial(request, answer)
    if sign := sign_of_more(content, answer.headers, listed=len(items), item=name):
        raise malformed(request, answer, f"is not the whole list of {name}: {sign}")
    return items


def check_not_partial(request: Request, answer: Answer) -> None:
    """
    Check that the status does not say that the answer is a part.

    :raises MalformedAnswerError: It does.
    """
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        raise malformed(request, answer, "is not the whole list: its status says that it is a part")


def member(request: Request, answer: Answer, name: str) -> Any:
    """
    Return a member of the JSON object that the answer holds.

    :raises MalformedAnswerError: The answer is no JSON object, or has no such member.
    """
    return _object(request, answer, name)[name]


def member_or_whole(request: Request, answer: Answer, name: str) -> Any:
    """
    Return a member of the answer if it is an object, and otherwise the whole answer.

    :raises MalformedAnswerError: The answer is not JSON.
    """
    content = _json(request, answer)
    inner = content.get(name) if isinstance(content, dict) else None
    return inner if isinstance(inner, dict) else content


def succeeded(request: Request, answer: Answer) -> bool:
    """
    Return whether the answer says that the request had success.

    :raises MalformedAnswerError: The answer says nothing about it.
    """
    return member(request, answer, "success") is True


def authenticated(request: Request, answer: Answer) -> bool:
    """
    Return whether the answer says that the API key is good.

    :raises MalformedAnswerError: The answer says neither true nor false. It comes from something else than
        Revox, and shows nothing.
    """
    found = member(request, answer, "authenticated")
    if not isinstance(found, bool):
        raise malformed(request, answer, '"authenticated" is neither true nor false')
    return found


def _object(request: Request, answer: Answer, name: str) -> dict[str, Any]:
    content = _json(request, answer)
    if not isinstance(content, dict) or name not in content:
        raise malformed(request, answer, f'has no "{name}"')
    return content


def _json(request: Request, answer: Answer) -> Any:
    most = MOST_VALUES if request.size == "one" else MOST_VALUES_OF_LONG
    if has_more_values(answer.body, most):
        raise malformed(request, answer, f"it has more than {most:,} values")
    try:
        content = _parsed(answer.body)
    except RecursionError:
        raise malformed(request, answer, f"it has more than {DEEPEST} levels") from None
    except ValueError:
        raise malformed(request, answer, "not JSON") from None
    if is_too_deep(content):
        raise malformed(request, answer, f"it has more than {DEEPEST} levels")
    return content


def _parsed(body: bytes | bytearray) -> Any:
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:  # json also reads halves of surrogate pairs, NaN, and more encodings than UTF-8
        return json.loads(body)


def read_model(model: type[M], request: Request, answer: Answer, name: str | None = None) -> M:
    """
    Read the answer, or one member of it, as a model.

    :param name: The member; ``None``: the whole answer.
    :raises MalformedAnswerError: It does not fit the model.
    """
    content = member(request, answer, name) if name else _json(request, answer)
    return validate(model, request, answer, content, name or "answer")


def new_campaign(request: Request, answer: Answer) -> Campaign:
    """
    Read the campaign that a request has created.

    :raises MalformedAnswerError: It does not fit the model, or its id has something of a contact in it.
    """
    return _without_people(
        read_model(Campaign, request, answer, "campaign"), request, answer, request.sensitive
    )


def found_campaigns(
    request: Request, answer: Answer, found: Iterable[Any], sensitive: Callable[[str], Iterable[str]]
) -> list[Campaign]:
    """
    Read campaigns of a list. One of them may be the campaign whose id was refused when it was created.

    :param found: The campaigns as the answer has them.
    :param sensitive: Returns what is known of the people of the campaign with this name.
    :raises MalformedAnswerError: One does not fit the model, or its id has something of a contact in it.
    """
    campaigns = [validate(Campaign, request, answer, campaign) for campaign in found]
    return [
        _without_people(campaign, request, answer, partial(sensitive, campaign.name or ""))
        for campaign in campaigns
    ]


def _without_people(
    campaign: Campaign, request: Request, answer: Answer, sensitive: Callable[[], Iterable[str]]
) -> Campaign:
    if has_number_of(campaign.id, sensitive):
        raise malformed(request, answer, "campaign.id: has the phone number of a contact in it")
    if has_name_of(campaign.id, sensitive):
        raise malformed(request, answer, "campaign.id: is a word of what was sent about a contact")
    return campaign


def validate(model: type[M], request: Request, answer: Answer, content: Any, whole: str = "campaign") -> M:
    """
    Read content as a model.

    :param whole: What an error calls the content if no single field is wrong.
    :raises MalformedAnswerError: The content does not fit the model.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise malformed(request, answer, "; ".join(describe_invalid(error, whole)[:3])) from None


def malformed(request: Request, answer: Answer, what: str) -> MalformedAnswerError:
    """
    Return the error for an answer that can't be used.

    :param what: What is wrong with the answer, without any value of it.
    """
    return MalformedAnswerError(
        answer.status, request.method, request.path, f"the answer can't be used: {what}"
    )
