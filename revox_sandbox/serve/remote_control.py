"""Serve the remote control of a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from revox_sandbox.serve.callers import only_own_pages
from revox_sandbox.serve.faults import Fault
from revox_sandbox.settings import SandboxAssistant

if TYPE_CHECKING:
    from revox_sandbox.serve.state import SandboxState


class Jump(BaseModel):
    """How much time all campaigns skip."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class People(BaseModel):
    """People who want no calls."""

    model_config = ConfigDict(extra="forbid")

    phone_numbers: list[str]


class AssistantDefinition(BaseModel):
    """An assistant that the organization has from now on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: Annotated[str, Field(min_length=1)]
    name: str = ""
    prompt: str = ""
    first_sentence: str | None = SandboxAssistant.first_sentence
    end_of_call_sentence: str | None = None
    voicemail_message: str | None = None
    sms_template: str | None = None


async def _show_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - tells the type checker what FastAPI guarantees
    # FastAPI's own answer repeats the input, and an infinite number in it can't be sent as JSON.
    problems = [{part: problem[part] for part in ("type", "loc", "msg")} for problem in error.errors()]
    return JSONResponse({"detail": problems}, 422)


def create_control(state: SandboxState) -> FastAPI:
    """
    Make the remote control.

    :param state: The sandbox that it controls.
    """
    control = FastAPI(openapi_url=None, dependencies=[Depends(only_own_pages(state.settings.host))])
    control.add_exception_handler(RequestValidationError, _show_invalid)
    store, faults = state.store, state.faults

    def show_faults() -> dict[str, Any]:
        waiting = [fault.model_dump(exclude_none=True) for fault in faults.waiting]
        return {"fired": faults.fired, "faults": waiting}

    @control.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok"}

    @control.get("/faults")
    def get_faults() -> dict[str, Any]:
        return show_faults()

    @control.post("/faults")
    def add_faults(added: list[Fault]) -> dict[str, Any]:
        faults.add(*added)
        return show_faults()

    @control.put("/faults")
    def replace_faults(added: list[Fault]) -> dict[str, Any]:
        faults.clear()
        faults.add(*added)
        return show_faults()

    @control.delete("/faults")
    def clear_faults() -> dict[str, Any]:
        faults.clear()
        return show_faults()

    @control.get("/requests")
    def requests() -> dict[str, Any]:
        return {"requests": [record._asdict() for record in state.journal.records()]}

    @control.get("/calls-per-person")
    def calls_per_person() -> dict[str, int]:
        return store.calls_per_person()

    @control.get("/calls-after-an-answer")
    def calls_after_an_answer() -> dict[str, int]:
        return store.calls_after_an_answer()

    @control.post("/do-not-contact")
    def do_not_contact(people: People) -> dict[str, Any]:
        store.mark_do_not_contact(people.phone_numbers)
        return {"status": "ok"}

    @control.post("/assistants")
    def define_assistants(defined: list[AssistantDefinition]) -> dict[str, Any]:
        store.define_assistants(SandboxAssistant(**assistant.model_dump()) for assistant in defined)
        return {"status": "ok"}

    @control.post("/advance")
    def advance(jump: Jump) -> dict[str, Any]:
        state.advance(jump.seconds)
        return {"status": "ok"}

    @control.post("/reset")
    def reset() -> dict[str, Any]:
        state.reset()
        return {"status": "ok"}

    return control
