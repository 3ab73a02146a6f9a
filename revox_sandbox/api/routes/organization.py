"""Show the assistants and the phone numbers of the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response

from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import found
from revox_sandbox.play.organization import Organization

if TYPE_CHECKING:
    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.store import Store


def add_assistants(api: FastAPI, store: Store, answers: ContractAnswers) -> None:
    """Add the routes that show assistants. All generations have them."""

    @api.get("/assistants")
    async def list_assistants() -> Response:
        """List all assistants."""
        return json_answer(store.read_organization(answers.all_assistants))

    @api.get("/assistants/{id}")
    async def get_assistant(id: str) -> Response:  # noqa: A002 - the name in the vendor's description
        """Show one assistant."""

        def show(organization: Organization) -> bytes | None:
            assistant = organization.assistants.get(id)
            return None if assistant is None else answers.assistant_json(assistant)

        return json_answer(found(store.read_organization(show), "Assistant not found"))


def add_phone_numbers(api: FastAPI, store: Store, answers: LaterAnswers) -> None:
    """Add the route that shows phone numbers. The later generations have it."""

    @api.get("/phone-numbers")
    async def list_phone_numbers() -> Response:
        """List all phone numbers of the organization."""
        return json_answer(store.read_organization(answers.all_phone_numbers))
