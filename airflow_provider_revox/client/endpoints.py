"""The calls of the API: each a request and how to read its answer. Pure, like :mod:`.protocol`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from airflow_provider_revox.client.answers import malformed, member, read_model, validate
from airflow_provider_revox.client.campaign_path import campaign_path
from airflow_provider_revox.client.errors import InvalidRequestError, NotSupportedError
from airflow_provider_revox.client.messages import Answer, Endpoint, Request, Sink
from airflow_provider_revox.client.models import (
    Campaign,
    FoundCampaigns,
    LaunchedCalls,
    PhoneHistory,
    PhoneRecord,
    RowsExport,
    RowsPage,
    Statistics,
)
from airflow_provider_revox.client.requests import (
    CampaignCreate,
    CampaignUpdate,
    LaunchCalls,
)
from airflow_provider_revox.client.streams.lists import CampaignScanner, HistoryScanner
from airflow_provider_revox.client.streams.rows import RowsAnswer, RowsScanner


def create_campaign(campaign: CampaignCreate) -> Endpoint[Campaign]:
    """``POST /campaigns``: create, and launch where that is a part of creating. Not repeatable."""

    def sensitive() -> Iterable[str]:
        for contact in json.loads(campaign.body)["contacts"]:
            yield contact["to_phone_number"]
            yield from contact["prompt_variables"].values()

    request = Request("POST", "/campaigns", body=campaign.body, repeatable=False, sensitive=sensitive)
    return Endpoint.of(request, lambda answer: read_model(Campaign, request, answer, "campaign"))


def list_campaigns() -> Endpoint[list[Campaign]]:
    """``GET /campaigns``: every campaign of the organization, finished ones too."""
    request = Request("GET", "/campaigns")

    def read(answer: Answer) -> list[Campaign]:
        items = member(request, answer, "campaigns")
        if not isinstance(items, list):
            raise malformed(request, answer, '"campaigns" is not a list')
        return [validate(Campaign, request, answer, item) for item in items]

    return Endpoint.of(request, read)


def find_campaigns(wanted: Callable[[str], bool]) -> Endpoint[FoundCampaigns]:
    """
    ``GET /campaigns``, of which only the wanted are kept: however long the list, it takes little memory.

    :param wanted: Tells from its name whether a campaign is looked for.
    """
    request = Request("GET", "/campaigns")

    def attempt() -> tuple[Callable[[Answer], FoundCampaigns], Sink]:
        scanner = CampaignScanner(wanted)

        def read(answer: Answer) -> FoundCampaigns:
            try:
                found = scanner.finish()
            except ValueError as error:
                raise malformed(request, answer, str(error)) from None
            campaigns = [validate(Campaign, request, answer, campaign) for campaign in found]
            return FoundCampaigns(campaigns, counts_not_launched=scanner.counts_not_launched)

        return read, scanner

    return Endpoint(request, attempt)


def check_access() -> Endpoint[None]:
    """``GET /campaigns``, of which only the head is read: does this key open this API?"""
    request = Request("GET", "/campaigns", reads_body=False)

    def read(answer: Answer) -> None:
        if "json" not in answer.headers.get("content-type", ""):
            raise malformed(request, answer, "not JSON, so this is not the Revox API: check the base URL")

    return Endpoint.of(request, read)


def get_campaign(campaign_id: str) -> Endpoint[Campaign]:
    """``GET /campaigns/{id}``."""
    request = Request("GET", campaign_path(campaign_id))
    return Endpoint.of(request, lambda answer: read_model(Campaign, request, answer, "campaign"))


def cancel_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/cancel``: pending and queued calls are aborted, calls in progress finish."""
    return _success("POST", f"{campaign_path(campaign_id)}/cancel")


def launch_campaign(campaign_id: str) -> Endpoint[Campaign]:
    """``POST /campaigns/{id}/launch``, of a draft. Not repeatable: a second one is refused."""
    request = Request("POST", f"{campaign_path(campaign_id)}/launch", repeatable=False)
    return Endpoint.of(request, lambda answer: read_model(Campaign, request, answer, "campaign"))


def launch_calls(campaign_id: str, order: LaunchCalls) -> Endpoint[LaunchedCalls]:
    """``POST /campaigns/{id}/launch-calls``. Repeatable where only calls are launched that are not yet."""
    request = Request(
        "POST",
        f"{campaign_path(campaign_id)}/launch-calls",
        body=order.body,
        repeatable=order.is_repeatable,
        sensitive=order.sensitive,
    )
    return Endpoint.of(request, lambda answer: read_model(LaunchedCalls, request, answer))


def pause_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/pause``: calls in progress finish, the others are held."""
    return _success("POST", f"{campaign_path(campaign_id)}/pause")


def resume_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/resume``: calls that were held are made."""
    return _success("POST", f"{campaign_path(campaign_id)}/resume")


def update_campaign(campaign_id: str, update: CampaignUpdate) -> Endpoint[Campaign]:
    """``PATCH /campaigns/{id}``."""
    request = Request("PATCH", campaign_path(campaign_id), body=update.body, sensitive=update.sensitive)
    return Endpoint.of(request, lambda answer: read_model(Campaign, request, answer, "campaign"))


def get_statistics(campaign_id: str) -> Endpoint[Statistics]:
    """``GET /campaigns/{id}/statistics``."""
    request = Request("GET", f"{campaign_path(campaign_id)}/statistics")
    return Endpoint.of(request, lambda answer: read_model(Statistics, request, answer, "statistics"))


def get_auth_status() -> Endpoint[bool]:
    """
    ``GET /auth-status``: true where the key is good; a wrong one is a 401, an error.

    The API page has none, so a 404 says nothing of the key.
    """
    request = Request("GET", "/auth-status")
    return Endpoint.of(request, lambda answer: member(request, answer, "authenticated") is True)


def get_phone_history(numbers: Collection[str] | None = None) -> Endpoint[PhoneHistory]:
    """
    ``GET /calls/phone-history``, of which only the wanted are kept.

    :param numbers: The numbers looked for; ``None``: all.
    :raises InvalidRequestError: It is one text, in which a part of a number would be found too.
    """
    if isinstance(numbers, str):
        raise InvalidRequestError(["numbers: must be a collection of numbers, not one text"])
    wanted = (lambda _: True) if numbers is None else numbers.__contains__
    found: dict[str, Any] = {}

    def start() -> Callable[[str, Any], None]:
        found.clear()
        return found.__setitem__

    scan = scan_phone_history(wanted, start=start)

    def attempt() -> tuple[Callable[[Answer], PhoneHistory], Sink | None]:
        finish, sink = scan.attempt()

        def read(answer: Answer) -> PhoneHistory:
            finish(answer)
            read_record = partial(validate, PhoneRecord, scan.request, answer, whole="phone_history")
            return PhoneHistory({number: read_record(record) for number, record in found.items()})

        return read, sink

    return Endpoint(scan.request, attempt)


def scan_phone_history(
    wanted: Callable[[str], bool], *, start: Callable[[], Callable[[str, Any], None]]
) -> Endpoint[None]:
    """
    ``GET /calls/phone-history``, handed on record by record.

    The API takes no numbers and tells of everybody the organization ever called.

    :param wanted: Tells whether a number is looked for.
    :param start: Called when an attempt begins; returns what takes a number and its record, as they came.
        Those of an attempt that failed don't count.
    """
    request = Request("GET", "/calls/phone-history")

    def attempt() -> tuple[Callable[[Answer], None], Sink]:
        scanner = HistoryScanner(wanted, start())

        def read(answer: Answer) -> None:
            try:
                scanner.finish()
            except ValueError as error:
                raise malformed(request, answer, str(error)) from None

        return read, scanner

    return Endpoint(request, attempt)


def delete_campaign(campaign_id: str) -> Endpoint[bool]:
    """``DELETE /campaigns/{id}``: irreversible; repeating it can only answer 404."""
    return _success("DELETE", campaign_path(campaign_id))


def get_rows(
    campaign_id: str,
    *,
    page: int,
    page_size: int,
    query: str | None = None,
    result: str | None = None,
    statuses: str | None = None,
) -> Endpoint[RowsPage]:
    """
    ``GET /campaigns/{id}/rows``: one page of the contacts and their calls.

    An API without pages answers with all rows whatever is asked for: then only a first page without filters
    can be had.
    """
    filters = {"query": query, "result": result, "statuses": statuses}
    request = Request(
        "GET",
        f"{campaign_path(campaign_id)}/rows",
        query={
            "page": str(page),
            "page_size": str(page_size),
            **{name: value for name, value in filters.items() if value is not None},
        },
        sensitive=lambda: [query] if query else [],
    )

    def read(answer: Answer) -> RowsPage:
        rows = read_model(RowsPage, request, answer)
        if (
            rows.page is None
            and rows.total is None
            and (page > 1 or any(value is not None for value in filters.values()))
        ):
            raise NotSupportedError(
                answer.status,
                request.method,
                request.path,
                "it has neither pages nor filters and sent all rows: ask for page 1 without filters, "
                "or use CampaignResultsOperator",
            )
        return rows

    return Endpoint.of(request, read)


def scan_rows(
    campaign_id: str, *, page: int, page_size: int, start: Callable[[], Callable[[dict[str, Any]], None]]
) -> Endpoint[RowsAnswer]:
    """
    ``GET /campaigns/{id}/rows``, handed on row by row: one page, or all rows where the API has no pages.

    :param start: Called when an attempt begins; returns what takes its rows. Those of an attempt that failed
        don't count.
    """
    request = Request(
        "GET",
        f"{campaign_path(campaign_id)}/rows",
        query={"page": str(page), "page_size": str(page_size)},
    )

    def attempt() -> tuple[Callable[[Answer], RowsAnswer], Sink]:
        scanner = RowsScanner(start())

        def read(answer: Answer) -> RowsAnswer:
            try:
                return scanner.finish()
            except ValueError as error:
                raise malformed(request, answer, str(error)) from None

        return read, scanner

    return Endpoint(request, attempt)


def export_rows(campaign_id: str) -> Endpoint[RowsExport]:
    """``GET /campaigns/{id}/export``: all rows as CSV text."""
    request = Request("GET", f"{campaign_path(campaign_id)}/export")
    return Endpoint.of(request, lambda answer: read_model(RowsExport, request, answer))


def _success(method: str, path: str) -> Endpoint[bool]:
    request = Request(method, path)
    return Endpoint.of(request, lambda answer: member(request, answer, "success") is True)
