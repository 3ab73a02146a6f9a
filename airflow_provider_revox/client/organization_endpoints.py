"""Describe the endpoints of assistants and phone numbers. They change nothing."""

from __future__ import annotations

from airflow_provider_revox.client.answers import malformed, member_or_whole, validate, whole_list
from airflow_provider_revox.client.ids import assistant_path
from airflow_provider_revox.client.messages import Answer, Endpoint, Request
from airflow_provider_revox.client.organization import Assistant, PhoneNumber


def list_assistants() -> Endpoint[list[Assistant]]:
    """``GET /assistants``: read every assistant of the organization."""
    request = Request("GET", "/assistants", size="long")

    def read(answer: Answer) -> list[Assistant]:
        listed = whole_list(request, answer, "assistants")
        return [validate(Assistant, request, answer, one, "assistant") for one in listed]

    return Endpoint.of(request, read)


def get_assistant(assistant_id: str) -> Endpoint[Assistant]:
    """
    ``GET /assistants/{id}``: read one assistant.

    The types of the official client say that the answer is the assistant itself. One that has it in the field
    ``assistant`` is read, too.
    """
    request = Request("GET", assistant_path(assistant_id), size="long")

    def read(answer: Answer) -> Assistant:
        assistant = validate(
            Assistant, request, answer, member_or_whole(request, answer, "assistant"), "assistant"
        )
        if assistant.id != assistant_id:
            raise malformed(request, answer, "assistant.id: is not the id that was asked for")
        return assistant

    return Endpoint.of(request, read)


def list_phone_numbers() -> Endpoint[list[PhoneNumber]]:
    """``GET /phone-numbers``: read every phone number of the organization. Not on the API page."""
    request = Request("GET", "/phone-numbers", size="long")

    def read(answer: Answer) -> list[PhoneNumber]:
        listed = whole_list(request, answer, "phone_numbers")
        return [validate(PhoneNumber, request, answer, one, "phone_number") for one in listed]

    return Endpoint.of(request, read)
