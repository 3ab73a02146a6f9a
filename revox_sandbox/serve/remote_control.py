"""Serve what a sandbox has beside the API: its remote control, and a page that shows a campaign."""

from __future__ import annotations

import html
import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from revox_sandbox.play.campaign import Campaign
from revox_sandbox.serve.faults import Fault
from revox_sandbox.settings import SandboxAssistant

if TYPE_CHECKING:
    from revox_sandbox.api.contract import ContractAnswers
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


def _check_caller(request: Request, own_host: str) -> None:
    """
    Refuse other machines, and pages of other sites in a browser on this machine.

    Such a page can send requests to this machine. Its site can also give a name of its own the address of
    this machine. So the name in the header ``Host`` counts, too.
    """
    if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "Only from this machine")
    host = request.headers.get("host", "")
    if not _is_this_machine(host, own_host):
        raise HTTPException(403, "Only with the address of this machine as the host")
    origins = request.headers.getlist("origin")
    site = request.headers.get("sec-fetch-site", "none")
    if any(origin != f"http://{host}" for origin in origins) or site not in ("none", "same-origin"):
        raise HTTPException(403, "Not from a page of another site")


def _is_this_machine(host: str, own_host: str) -> bool:
    found = re.fullmatch(r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[^:@/\[\]]+))(?::\d{1,5})?", host)
    if found is None:
        return False
    name = found["ipv6"] or found["name"]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() in ("localhost", own_host.lower())


def create_control(state: SandboxState) -> FastAPI:
    """
    Make the remote control.

    :param state: The sandbox that it controls.
    """

    def check_caller(request: Request) -> None:
        _check_caller(request, state.settings.host)

    control = FastAPI(openapi_url=None, dependencies=[Depends(check_caller)])
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


def campaign_page(answers: ContractAnswers, campaign: Campaign) -> HTMLResponse:
    """
    Return a page that shows how far a campaign is. It shows nothing about people.

    :param answers: Knows the status and the counts.
    :param campaign: A campaign that is up to date.
    """
    cancelled = "yes" if campaign.simulation.is_cancelled else "no"
    facts = {"status": answers.status(campaign), "cancelled": cancelled}
    facts |= {name: f"{count:,}" for name, count in answers.row_stats(campaign).items()}
    lines = "".join(f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>" for name, value in facts.items())
    name = html.escape(campaign.request.name)
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        f"<title>{name}</title></head><body><h1>{name}</h1><table>{lines}</table></body></html>"
    )
