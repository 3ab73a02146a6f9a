"""Reading an answer as what was promised, or saying that it is not, without showing any of it."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.client.invalid_fields import describe_invalid
from airflow_provider_revox.client.messages import Answer, Request

M = TypeVar("M", bound=BaseModel)


def member(request: Request, answer: Answer, name: str) -> Any:
    """Return a member of the object that an answer is."""
    content = _json(request, answer)
    if not isinstance(content, dict) or name not in content:
        raise malformed(request, answer, f'has no "{name}"')
    return content[name]


def _json(request: Request, answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise malformed(request, answer, "not JSON") from None


def read_model(model: type[M], request: Request, answer: Answer, name: str | None = None) -> M:
    """Return what an answer, or a member of it, holds."""
    content = member(request, answer, name) if name else _json(request, answer)
    return validate(model, request, answer, content, name or "answer")


def validate(model: type[M], request: Request, answer: Answer, content: Any, whole: str = "campaign") -> M:
    """Return content as a model of it; ``whole`` is what an error calls it."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise malformed(request, answer, "; ".join(describe_invalid(error, whole)[:3])) from None


def malformed(request: Request, answer: Answer, what: str) -> MalformedAnswerError:
    """Return the error for an answer that can't be used."""
    return MalformedAnswerError(
        answer.status, request.method, request.path, f"the answer can't be used: {what}"
    )
