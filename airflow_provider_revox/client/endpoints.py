"""
Describe every endpoint of the Revox API: what is sent, and how the answer is read.

To send an endpoint, pass it to the ``send`` of a client. Not every Revox server has every endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from airflow_provider_revox.client.answers import (
    authenticated,
    finish_stream,
    found_campaigns,
    malformed,
    new_campaign,
    read_model,
    succeeded,
    validate,
    whole_list,
)
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError, NotSupportedError
from airflow_provider_revox.client.ids import campaign_path
from airflow_provider_revox.client.limits import MOST_ITEMS
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
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.client.streams.lists import CampaignScanner, HistoryScanner
from airflow_provider_revox.client.streams.rows import RowsAnswer, RowsScanner, Shape


def create_campaign(campaign: CampaignCreate) -> Endpoint[Campaign]:
    """``POST /campaigns``: create a campaign. On some servers this launches it. Not repeatable."""
    request = Request(
        "POST", "/campaigns", body=campaign.body, repeatable=False, sensitive=campaign.sensitive
    )
    return Endpoint.of(request, partial(new_campaign, request))


def list_campaigns() -> Endpoint[list[Campaign]]:
    """``GET /campaigns``: read every campaign of the organization, the finished ones too."""
    request = Request("GET", "/campaigns", size="long")

    def read(answer: Answer) -> list[Campaign]:
        campaigns = whole_list(request, answer, "campaigns")
        return [validate(Campaign, request, answer, campaign) for campaign in campaigns]

    return Endpoint.of(request, read)


def find_campaigns(
    wanted: Callable[[str], bool],
    *,
    most: int = MOST_ITEMS,
    sensitive: Callable[[str], Iterable[str]] = lambda _: (),
) -> Endpoint[FoundCampaigns]:
    """
    ``GET /campaigns``: keep only the wanted campaigns. The list is read as a stream.

    :param wanted: Returns whether the campaign with this name is wanted.
    :param most: How many campaigns may be wanted. With more of them the answer can't be used.
    :param sensitive: Returns what is known of the people of a campaign, by its name. Its id may not have it.
    """
    request = Request("GET", "/campaigns", size="stream")

    def begin_attempt() -> tuple[Callable[[Answer], FoundCampaigns], Sink]:
        scanner = CampaignScanner(wanted, most)

        def read(answer: Answer) -> FoundCampaigns:
            found = finish_stream(scanner, request, answer)
            campaigns = found_campaigns(request, answer, found, sensitive)
            return FoundCampaigns(campaigns, counts_not_launched=scanner.counts_not_launched)

        return read, scanner

    return Endpoint(request, begin_attempt)


def check_access() -> Endpoint[None]:
    """``GET /campaigns``: read only the headers, to check the base URL and the API key."""
    request = Request("GET", "/campaigns", reads_body=False)

    def read(answer: Answer) -> None:
        if "json" not in answer.headers.get("content-type", ""):
            raise malformed(request, answer, "not JSON, so this is not the Revox API: check the base URL")

    return Endpoint.of(request, read)


def get_campaign(campaign_id: str) -> Endpoint[Campaign]:
    """``GET /campaigns/{id}``: read one campaign."""
    return _campaign(Request("GET", campaign_path(campaign_id)))


def cancel_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/cancel``: abort pending and queued calls; calls in progress go on."""
    return _success("POST", f"{campaign_path(campaign_id)}/cancel")


def launch_campaign(campaign_id: str) -> Endpoint[Campaign]:
    """``POST /campaigns/{id}/launch``: launch a draft. Not repeatable: Revox refuses a second launch."""
    return _campaign(Request("POST", f"{campaign_path(campaign_id)}/launch", repeatable=False))


def launch_calls(campaign_id: str, order: LaunchCalls) -> Endpoint[LaunchedCalls]:
    """``POST /campaigns/{id}/launch-calls``. Repeatable if it selects only calls that are not launched."""
    request = Request(
        "POST",
        f"{campaign_path(campaign_id)}/launch-calls",
        body=order.body,
        repeatable=order.is_repeatable,
        sensitive=order.sensitive,
    )
    return Endpoint.of(request, lambda answer: read_model(LaunchedCalls, request, answer))


def pause_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/pause``: hold pending and queued calls; calls in progress go on."""
    return _success("POST", f"{campaign_path(campaign_id)}/pause")


def resume_campaign(campaign_id: str) -> Endpoint[bool]:
    """``POST /campaigns/{id}/resume``: make the calls that were held."""
    return _success("POST", f"{campaign_path(campaign_id)}/resume")


def update_campaign(campaign_id: str, update: CampaignUpdate) -> Endpoint[Campaign]:
    """``PATCH /campaigns/{id}``: change a campaign, with what ``update.for_campaign`` returns."""
    path = campaign_path(campaign_id)
    return _campaign(Request("PATCH", path, body=update.body, sensitive=update.sensitive))


def get_statistics(campaign_id: str) -> Endpoint[Statistics]:
    """``GET /campaigns/{id}/statistics``: read the statistics of a campaign."""
    request = Request("GET", f"{campaign_path(campaign_id)}/statistics")
    return Endpoint.of(request, lambda answer: read_model(Statistics, request, answer, "statistics"))


def get_auth_status() -> Endpoint[bool]:
    """
    ``GET /auth-status``: return true for a good API key. A wrong key is answered with 401, which is an error.

    The API page does not have this endpoint, so a 404 says nothing about the key. Nobody can tell whether a
    404 comes from Revox or from a proxy: both may answer with a web page or with JSON.
    """
    request = Request("GET", "/auth-status")
    return Endpoint.of(request, partial(authenticated, request))


def get_phone_history(numbers: Collection[str] | None = None) -> Endpoint[PhoneHistory]:
    """
    ``GET /calls/phone-history``: keep only the records of these numbers.

    :param numbers: In E.164 format; ``None``: all.
    :raises InvalidRequestError: ``numbers`` is one text: a part of a number would be found in it, too.
    """
    if isinstance(numbers, str):
        raise InvalidRequestError(["numbers: must be a collection of numbers, not one text"])
    wanted = (lambda _: True) if numbers is None else numbers.__contains__
    found: dict[str, Any] = {}

    def forget_and_take() -> Callable[[str, Any], None]:
        found.clear()
        return found.__setitem__

    scan = scan_phone_history(wanted, begin_attempt=forget_and_take)

    def begin_attempt() -> tuple[Callable[[Answer], PhoneHistory], Sink | None]:
        finish, sink = scan.begin_attempt()

        def read(answer: Answer) -> PhoneHistory:
            finish(answer)
            read_record = partial(validate, PhoneRecord, scan.request, answer, whole="phone_history")
            return PhoneHistory({number: read_record(record) for number, record in found.items()})

        return read, sink

    return Endpoint(scan.request, begin_attempt)


def scan_phone_history(
    wanted: Callable[[str], bool], *, begin_attempt: Callable[[], Callable[[str, Any], None]]
) -> Endpoint[None]:
    """
    ``GET /calls/phone-history``: hand on the wanted records one by one.

    The endpoint takes no numbers: it sends a record of every number that the organization ever called.

    :param wanted: Returns whether the record of this number is wanted.
    :param begin_attempt: Called each time before the request is sent. It forgets the records of the last
        attempt, which failed, and returns a function that takes a number and its record.
    """
    request = Request("GET", "/calls/phone-history", size="stream")

    def begin() -> tuple[Callable[[Answer], None], Sink]:
        scanner = HistoryScanner(wanted, begin_attempt())
        return partial(finish_stream, scanner, request), scanner

    return Endpoint(request, begin)


def delete_campaign(campaign_id: str) -> Endpoint[bool]:
    """``DELETE /campaigns/{id}``: delete a campaign for good. Sent again, it is answered with 404."""
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
    ``GET /campaigns/{id}/rows``: read one page of the contacts and their calls.

    Some servers have no pages and no filters. They always answer with all rows, so the endpoint refuses their
    answer, unless it asked for page 1 without filters.
    """
    filters = {"query": query, "result": result, "statuses": statuses}
    given = {name: value for name, value in filters.items() if value is not None}
    request = Request(
        "GET",
        f"{campaign_path(campaign_id)}/rows",
        query={"page": str(page), "page_size": str(page_size), **given},
        sensitive=lambda: [query] if query else [],
        size="long",
    )

    def read(answer: Answer) -> RowsPage:
        rows = read_model(RowsPage, request, answer)
        if rows.page is None and rows.total is None and (page > 1 or given):
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
    campaign_id: str,
    *,
    page: int,
    page_size: int,
    begin_attempt: Callable[[], Callable[[list[Any]], None]],
    shape: Shape | None = None,
) -> Endpoint[RowsAnswer]:
    """
    ``GET /campaigns/{id}/rows``: hand on the rows of one page, or all rows if the server has no pages.

    :param begin_attempt: Called each time before the request is sent. It forgets the rows of the last
        attempt, which failed, and returns a function that takes rows.
    :param shape: Reads the rows, if they are not read as a whole.
    """
    query = {"page": str(page), "page_size": str(page_size)}
    request = Request("GET", f"{campaign_path(campaign_id)}/rows", query=query, size="stream")

    def begin() -> tuple[Callable[[Answer], RowsAnswer], Sink]:
        scanner = RowsScanner(begin_attempt(), shape)
        return partial(finish_stream, scanner, request), scanner

    return Endpoint(request, begin)


def export_rows(campaign_id: str) -> Endpoint[RowsExport]:
    """``GET /campaigns/{id}/export``: read all rows as the text of a CSV file."""
    request = Request("GET", f"{campaign_path(campaign_id)}/export", size="long")
    return Endpoint.of(request, lambda answer: read_model(RowsExport, request, answer))


def _campaign(request: Request) -> Endpoint[Campaign]:
    return Endpoint.of(request, lambda answer: read_model(Campaign, request, answer, "campaign"))


def _success(method: str, path: str) -> Endpoint[bool]:
    request = Request(method, path)
    return Endpoint.of(request, partial(succeeded, request))
