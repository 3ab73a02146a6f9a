"""Refuse requests: the status, a message, and what is wrong where. Never repeats a value from the request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

T = TypeVar("T")


class Refused(HTTPException):
    """
    Refuses a request. The sandbox has changed nothing.

    :param status: The status of the answer.
    :param message: Why the request is refused.
    :param issues: What is wrong where, one line for each problem.
    """

    def __init__(self, status: int, message: str, issues: list[str] | None = None) -> None:
        super().__init__(status, message)
        self.issues = issues


def found(answer: T | None, message: str = "Campaign not found") -> T:
    """
    Return the answer about something that a path names.

    :param message: Why the request is refused if there is no answer.
    :raises Refused: There is no answer.
    """
    if answer is None:
        raise Refused(404, message)
    return answer


def add_refusals(api: FastAPI) -> None:
    """Let the API answer refused requests in its own format."""
    api.add_exception_handler(HTTPException, _show_refused)
    api.add_exception_handler(RequestValidationError, _show_invalid)


async def _show_refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what FastAPI guarantees
    issues = error.issues if isinstance(error, Refused) else None
    content = {"message": error.detail} if issues is None else {"message": error.detail, "issues": issues}
    return JSONResponse(content, error.status_code)


async def _show_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    part = error.errors()[0]["loc"][0]  # body, query or path
    issues = [_describe(problem) for problem in error.errors()]
    return await _show_refused(request, Refused(400, f"The {part} is not valid", issues))


def _describe(problem: Mapping[str, Any]) -> str:
    part, *fields = problem["loc"]
    return f"{_path(fields) or part}: {str(problem['msg']).removeprefix('Value error, ')}"


def _path(fields: Sequence[int | str]) -> str:
    path = ""
    for field in fields:
        if isinstance(field, int):
            path += f"[{field}]"
        else:
            # A key that does not look like a name of a field may be a person's data.
            path += f".{field if re.fullmatch('[A-Za-z_][A-Za-z_ -]{0,40}', field) else '…'}"
    return path.removeprefix(".")
