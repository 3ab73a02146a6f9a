"""What the routes have in common: bodies, answers and refusals."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ValidationError

from airflow_provider_revox.client.invalid_fields import describe_invalid
from revox_sandbox.api import schemas

SCHEMA = "#/components/schemas/{model}"
ABSENT: dict[int | str, dict[str, Any]] = {404: {"model": schemas.Problem}}

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Refused(Exception):  # noqa: N818 - nothing is wrong with the sandbox
    """
    Nothing was done.

    :param status: Of the answer.
    :param message: Says why.
    :param issues: Says what is wrong where.
    """

    def __init__(self, status: int, message: str, issues: list[str] | None = None) -> None:
        self.status = status
        self.content = {"message": message} if issues is None else {"message": message, "issues": issues}


async def _read_body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_read_body)]


def described(model: type[BaseModel]) -> dict[str, Any]:
    """
    Describe a route's body.

    :param model: Its shape.
    """
    schema = {"$ref": SCHEMA.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def parse(model: type[M], body: bytes, what: str) -> M:
    """
    Read a body.

    :param model: Its shape.
    :param body: As it came.
    :param what: What it is, such as ``campaign``.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Refused(400, f"The {what} is not valid", describe_invalid(error)) from None


def json_answer(content: bytes) -> Response:
    """Return an answer that is JSON already."""
    return Response(content, media_type="application/json")


def found(answer: T | None) -> T:
    """Return what was found, or refuse."""
    if answer is None:
        raise Refused(404, "Campaign not found")
    return answer
