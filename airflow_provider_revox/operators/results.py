"""Write the results of a campaign to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    calls_that_may_change,
    is_done,
    launched_part_is_done,
)
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts.options import one_of
from airflow_provider_revox.exceptions import CampaignUnfinishedError, airflow_error
from airflow_provider_revox.metrics import RESULTS, Metrics
from airflow_provider_revox.operators._campaign_operator import CampaignOperator, cancelled_or_unknown
from airflow_provider_revox.templating import read_campaign_id, read_option
from airflow_provider_revox.units import in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.models import Campaign

OnUnfinished = Literal["warn", "fail"]
"""What to do if the campaign has not ended."""


class CampaignResultsOperator(CampaignOperator):
    """
    Writes the results of a campaign to a file. A record is one row of the campaign, or one attempt to call.

    The file is CSV, JSON Lines or Parquet, on a disk or in object storage (through Airflow's
    ``ObjectStoragePath``). It appears when it is complete; a task that fails leaves an older file unchanged.
    :doc:`/reference/results-columns` describes every column. What was said in the calls is in the file on
    request only.

    The file shows the campaign at this moment. For the final results, wait with
    :class:`~airflow_provider_revox.sensors.revox.CampaignSensor` first.

    Returns a manifest: ``{"campaign_id", "campaign_status", "is_cancelled", "path", "schema",
    "schema_version", "rows", "records", "by_status", "by_result", "by_outcome"}``. If an asset is among the
    ``outlets``, the manifest is the ``extra`` of its event, too. Manifest, logs and rendered fields contain
    nothing personal.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param path: Path or URL of the file: ``s3://conn_id@bucket/{{ ds }}/calls.parquet``, as text, a ``Path``
        or an ``ObjectStoragePath``. Choose a place that later tasks can reach from their workers. The name
        ends with ``.csv``, ``.tsv``, ``.jsonl`` (all three also with ``.gz``) or ``.parquet``. An existing
        file is replaced. On a local disk only its owner may read the new one.
    :param rows: What a record is. ``"calls"``: a row of the campaign with its call and the last attempt.
        ``"attempts"``: one attempt to call. A row without an attempt has one record in both.
    :param variable_columns: The prompt variables that get a column of their own, such as the key of the CRM.
        All variables of a row are also in its ``input_data``.
    :param transcripts: Whether the file has what was said: the columns ``transcript`` and
        ``post_call_transcript``.
    :param on_unfinished: What to do if the campaign has not ended, or calls of it are not done: ``"warn"``
        and write what there is, or ``"fail"`` before anything is written. Airflow retries that. A campaign
        that runs because calls of it are not launched is finished as soon as all others are done.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "path", "variable_columns", "revox_conn_id")

    def __init__(
        self,
        *,
        path: Any,
        rows: Literal["calls", "attempts"] = "calls",
        variable_columns: Sequence[str] | str | None = None,
        transcripts: bool = False,
        on_unfinished: OnUnfinished = "warn",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.rows = one_of(Literal["calls", "attempts"], rows, "rows")
        self.variable_columns = variable_columns
        self.transcripts = one_of(Literal[True, False], transcripts, "transcripts")
        self.on_unfinished = one_of(OnUnfinished, on_unfinished, "on_unfinished")

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the rows, write the file, return the manifest."""
        try:
            with self.collecting_lineage():
                return self._download(context)
        except RevoxError as error:
            raise airflow_error(error) from None

    def _download(self, context: Context) -> dict[str, Any]:
        from airflow_provider_revox.compatibility import outlet_events
        from airflow_provider_revox.files.formats import path_text
        from airflow_provider_revox.results.columns import SCHEMA_VERSION, Layout, check_variables
        from airflow_provider_revox.results.download import read_all
        from airflow_provider_revox.results.write import Results

        campaign_id = read_campaign_id(self.campaign_id, self)
        layout = Layout(self.rows, self.transcripts)
        variables = check_variables(read_option(self.variable_columns, "variable_columns"), layout.columns)
        layout = layout._replace(variables=variables)
        path = path_text(self.path)
        check_target(path)
        client = self.hook.get_conn()
        campaign = self.read_campaign(context, campaign_id)
        self._check_finished(campaign)
        with Results(path, layout) as written:
            read_all(client, campaign, layout, written, self.log)
            written.publish()
        counts = written.counts
        absent = [name for name in variables if name not in counts.variables_found]
        if counts.rows and absent:
            self.log.warning("No row has the variable %s: its column is empty.", ", ".join(absent))
        status, is_cancelled = campaign.shown_status, cancelled_or_unknown(campaign)
        results = counts.to_dict()
        manifest = {
            "campaign_id": campaign_id,
            "campaign_status": status,
            "is_cancelled": is_cancelled,
            "path": path,
            "schema": layout.record_of,
            "schema_version": SCHEMA_VERSION,
            **results,
        }
        self.lineage.campaign.update(
            campaign_id=campaign_id, status=status, is_cancelled=is_cancelled, results=results
        )
        Metrics(context.get("ti")).count_each(RESULTS, {name: results[name] for name in ("rows", "records")})
        for event in outlet_events(context, self.outlets):
            event.extra.update(manifest)
        self.log.info("Wrote the results of campaign %s to %s: %s", campaign_id, path, _in_words(results))
        return manifest

    def _check_finished(self, campaign: Campaign) -> None:
        """Warn if the campaign has not ended, or fail."""
        state = campaign.shown_status
        if is_done(campaign):
            changing = calls_that_may_change(campaign)
            if not changing:
                return
            state = f"over, but Revox is not done with {changing:,} of its calls"
        elif launched_part_is_done(campaign):
            self.log.info(
                "All calls of campaign %s that are launched are done. It has %s more, not launched.",
                campaign.id,
                f"{calls_not_launched(campaign):,}",
            )
            return
        if self.on_unfinished == "fail":
            raise CampaignUnfinishedError(
                f"Campaign {campaign.id} is {state}, so its results are not final. Nothing was written. "
                "Wait for it with CampaignSensor before this task, or let the task retry."
            )
        self.log.warning(
            "Campaign %s is %s: these are its results at this moment, not the final ones.", campaign.id, state
        )


def _in_words(results: Mapping[str, Any]) -> str:
    """Return the counts in words: ``3 rows; status: 2 completed, 1 errored; result: 2 human, 1 none; …``."""
    rows, records = results["rows"], results["records"]
    parts = [in_words(rows, "row") + (f" in {in_words(records, 'record')}" if rows != records else "")]
    for kind in ("status", "result", "outcome"):
        counts = sorted(results[f"by_{kind}"].items(), key=lambda item: (-item[1], item[0]))
        parts += [f"{kind}: " + ", ".join(f"{count:,} {word}" for word, count in counts)] if counts else []
    return "; ".join(parts)


def check_target(path: Any) -> None:
    """
    Check the path of the results file before any row is read.

    :raises InvalidRequestError: The path is not text, its ending names no known format, the worker can't
        write that format, the path may contain a secret, or it names a connection that does not exist.
    """
    from airflow_provider_revox.files.formats import file_format
    from airflow_provider_revox.files.parquet import check_pyarrow
    from airflow_provider_revox.files.storage import storage_path

    if not isinstance(path, str):
        raise InvalidRequestError([f"path: must be text, not {type(path).__name__}"])
    address = path.partition("://")[2]
    if "?" in address:
        raise InvalidRequestError(
            [
                "path: must not have a query (?...), which may contain a key. Name an Airflow connection "
                "instead, as in s3://conn_id@bucket/calls.csv"
            ]
        )
    form = file_format(path)
    if form.kind == "parquet":
        check_pyarrow(form.name)
    user = address.partition("/")[0].rpartition("@")[0]
    if ":" in user:
        raise InvalidRequestError(
            [
                "path: must not contain a password. Name an Airflow connection instead, as in "
                "s3://conn_id@bucket/calls.csv"
            ]
        )
    storage_path(path, form.name)
