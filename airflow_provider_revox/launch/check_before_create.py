"""Check a campaign against its organization right before it is created: warn, or refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.launch.ask_organization import ask_organization
from airflow_provider_revox.launch.preflight import (
    Finding,
    check_assistant,
    check_from_phone_number,
    check_variables,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.requests import CampaignCreate
    from airflow_provider_revox.contacts.variable_names import VariableNames
    from airflow_provider_revox.logger import Logger

PATIENCE = 3.0
"""Seconds for each question. They are few, because another try may create the campaign meanwhile."""


def check_before_create(
    client: RevoxClient, campaign: CampaignCreate, variables: VariableNames, log: Logger, *, refuses: bool
) -> None:
    """
    Log what does not fit: assistant, prompt variables, calling number.

    It takes one to three requests, each sent once. What Revox does not tell is no problem.

    :param campaign: The campaign to create.
    :param variables: The names of the prompt variables of its contacts.
    :param refuses: Whether a problem is an error.
    :raises InvalidRequestError: There is a problem, and ``refuses`` is set.
    """
    findings = _findings(client, campaign, variables, log)
    problems = [f"{one.subject}: {one.text}" for one in findings if one.verdict == "problem"]
    for one in findings:
        if one.verdict != "problem":
            log.info("Preflight: %s: %s: %s", one.verdict, one.subject, one.text)
    if problems and refuses:
        raise InvalidRequestError(problems)
    for problem in problems:
        log.warning("Preflight: problem: %s", problem)


def _findings(
    client: RevoxClient, campaign: CampaignCreate, variables: VariableNames, log: Logger
) -> list[Finding]:
    number = campaign.from_phone_number
    known = ask_organization(
        client.hurried(PATIENCE), campaign.assistant_id, needs_phone_numbers=number is not None
    )
    for error in known.errors:
        log.info("Preflight: %s", error)
    findings = [
        check_assistant(known.assistant, known.assistants),
        check_variables(known.assistant, variables.of_all, of_some=variables.of_some),
    ]
    if number is not None:
        findings.append(check_from_phone_number(number, known.phone_numbers))
    return findings
