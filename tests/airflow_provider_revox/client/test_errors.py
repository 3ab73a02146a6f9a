from __future__ import annotations

import inspect
import pickle

import pytest

from airflow_provider_revox.client import errors
from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    InvalidConfigurationError,
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    NotSupportedError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RevoxError,
    RowsDriftedError,
    TransportError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.messages import Answer, Request, read_error

EXAMPLES = [
    InvalidConfigurationError("retries must be 0 or more"),
    InvalidRequestError(["name: too short"] * 12),
    NotSentError("POST", "/campaigns", "ConnectError: refused"),
    NoAnswerError("POST", "/campaigns", "ReadTimeout"),
    RowsDriftedError("c", "a row came twice"),
    *(
        kind(400, "GET", "/campaigns/c", "what the server says", 3.5)
        for kind in (
            MalformedAnswerError,
            RejectedError,
            AuthenticationError,
            PermissionDeniedError,
            NotFoundError,
            NotSupportedError,
            RateLimitedError,
            UnexpectedAnswerError,
        )
    ),
]


def test_there_is_an_example_of_every_error():
    bases = {RevoxError, TransportError, AnswerError}
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RevoxError)}
    assert {type(example) for example in EXAMPLES} == kinds - bases


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
    assert copy.transient == error.transient


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (301, UnexpectedAnswerError, True),
        (307, UnexpectedAnswerError, True),
        (400, RejectedError, False),
        (401, AuthenticationError, False),
        (403, PermissionDeniedError, False),
        (404, NotFoundError, False),
        (408, UnexpectedAnswerError, True),
        (409, UnexpectedAnswerError, True),
        (413, RejectedError, False),
        (418, RejectedError, False),
        (422, RejectedError, False),
        (429, RateLimitedError, True),
        (500, UnexpectedAnswerError, True),
        (502, UnexpectedAnswerError, True),
        (503, UnexpectedAnswerError, True),
        (504, UnexpectedAnswerError, True),
        (599, UnexpectedAnswerError, True),
    ],
)
def test_a_status_becomes_a_typed_error_with_its_particulars(status, kind, transient):
    answer = Answer(status, {"retry-after": "7"}, b'{"message": "so it is"}')
    error = read_error(Request("GET", "/campaigns/c"), answer)
    assert type(error) is kind
    assert (error.status, error.method, error.path, error.retry_after) == (status, "GET", "/campaigns/c", 7)
    assert error.transient is transient
    text = str(error)
    assert text.startswith(f"GET /campaigns/c: Revox answered {status}: ")
    assert ("redirect" if status < 400 else "so it is") in text


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "check the API key: it is the password of the Airflow connection"),
        (403, "check its rights and its organization"),
        (404, "check the id, that the API key is of the same organization, and the base URL"),
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"message": "no"}', b"<html>"])
def test_what_people_can_mend_comes_with_advice(status, advice, body):
    assert advice in str(read_error(Request("GET", "/campaigns/c"), Answer(status, {}, body)))


@pytest.mark.parametrize("path", ["/campaigns", "/auth-status", "/calls/phone-history"])
def test_not_found_speaks_of_an_id_only_if_the_request_has_one(path):
    text = str(read_error(Request("GET", path), Answer(404, {}, b"")))
    assert "check the base URL" in text
    assert "check the id" not in text
    for more in ("", "/rows", "/cancel", "/launch-calls"):
        assert "check the id" in str(read_error(Request("GET", f"/campaigns/c{more}"), Answer(404, {}, b"")))


def test_what_is_not_supported_is_said_whatever_the_path():
    for path in ("/campaigns", "/campaigns/c/rows"):
        assert "another generation" in str(NotSupportedError(404, "GET", path))


def test_an_error_without_a_message_has_no_loose_ends():
    assert str(read_error(Request("GET", "/x"), Answer(500, {}, b""))) == "GET /x: Revox answered 500"


def test_whether_the_server_acted_is_said():
    assert "nothing was sent" in str(NotSentError("POST", "/campaigns", "ConnectError"))
    assert "may or may not have acted" in str(NoAnswerError("POST", "/campaigns", "ReadTimeout"))
    assert "Nothing was sent" in str(InvalidRequestError(["name: too short"]))


def test_the_query_is_in_no_error():
    request = Request("GET", "/campaigns/c/rows", query={"query": "+33612345678"})
    assert "336" not in f"{read_error(request, Answer(500, {}, b''))} {request!r}"
