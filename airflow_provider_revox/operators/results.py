"""Write the results of a campaign to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.campaign_state import is_done
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.operators._campaign_operator import CampaignOperator, cancelled_or_unknown
from airflow_provider_revox.templating import read_campaign_id, read_option

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class CampaignResultsOperator(CampaignOperator):
    """
    Write the results of a campaign to a file. Each record is one row of the campaign with its call.

    The file is CSV, JSON Lines or Parquet, on a disk or in object storage (through Airflow's
    ``ObjectStoragePath``). It appears when it is complete; a task that fails leaves an older file unchanged.
    Its columns are ``campaign_id``, ``row_id``, ``row_index``, ``phone_number``, ``call_id``, ``status``,
    ``result``, ``outcome``, ``attempts``, ``answered_at``, ``ended_at``, ``duration_seconds``,
    ``recording_url``, ``end_reason``, ``dial_error``, ``structured_output`` and ``input_data`` (both JSON),
    then one column for each of ``variable_columns``. It does not contain the transcripts of the calls.

    The file shows the campaign at this moment. For the final results, wait with
    :class:`~airflow_provider_revox.sensors.revox.CampaignSensor` first.

    Returns a manifest: ``{"campaign_id", "campaign_status", "is_cancelled", "path", "rows", "by_status",
    "by_result", "by_outcome"}``. The manifest, logs and rendered fields contain nothing personal.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param path: Path or URL of the file: ``s3://conn_id@bucket/{{ ds }}/calls.parquet``, as text, a ``Path``
        or an ``ObjectStoragePath``. Choose a place that later tasks can reach from their workers. The name
        ends with ``.csv``, ``.tsv``, ``.jsonl`` (all three also with ``.gz``) or ``.parquet``. An existing
        file is replaced. On a local disk only its owner may read the new one.
    :param variable_columns: The prompt variables that get a column of their own, such as the key of the CRM.
        All variables of a row are also in its ``input_data``.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "path", "variable_columns", "revox_conn_id")

    def __init__(
        self, *, path: Any, variable_columns: Sequence[str] | str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.variable_columns = variable_columns

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the rows, write the file, return the manifest."""
        try:
            with self.collecting_lineage():
                return self._download(context)
        except RevoxError as error:
            raise airflow_error(error) from None

    def _download(self, context: Context) -> dict[str, Any]:
        from airflow_provider_revox.files.formats import path_text
        from airflow_provider_revox.results.columns import check_variables
        from airflow_provider_revox.results.download import read_all
        from airflow_provider_revox.results.spool import Spool
        from airflow_provider_revox.results.write import write_results

        campaign_id = read_campaign_id(self.campaign_id, self)
        variables = check_variables(read_option(self.variable_columns, "variable_columns"))
        path = path_text(self.path)
        check_target(path)
        client = self.hook.get_conn()
        campaign = self.read_campaign(context, campaign_id)
        if not is_done(campaign):
            self.log.warning(
                "Campaign %s is %s: these are its results at this moment, not the final ones.",
                campaign_id,
                campaign.shown_status,
            )
        with Spool() as spool:
            read_all(client, campaign, variables, spool, self.log)
            counts = write_results(path, spool, variables=variables)
        absent = [name for index, name in enumerate(variables) if index not in counts.variables_found]
        if counts.rows and absent:
            self.log.warning("No row has the variable %s: its column is empty.", ", ".join(absent))
        status, is_cancelled = campaign.shown_status, cancelled_or_unknown(campaign)
        results = counts.to_dict()
        manifest = {
            "campaign_id": campaign_id,
            "campaign_status": status,
            "is_cancelled": is_cancelled,
            "path": path,
            **results,
        }
        self.lineage.campaign.update(
            campaign_id=campaign_id, status=status, is_cancelled=is_cancelled, results=results
        )
        self.log.info("Wrote the results of campaign %s to %s: %s", campaign_id, path, _in_words(results))
        return manifest


def _in_words(results: Mapping[str, Any]) -> str:
    """Return the counts in words: ``3 rows; status: 2 completed, 1 errored; result: 2 human, 1 none; …``."""
    parts = [f"{results['rows']:,} rows"]
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
