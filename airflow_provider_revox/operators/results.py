"""The operator that brings the results of a campaign back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.operators._campaign_operator import CampaignOperator
from airflow_provider_revox.templating import read_literal

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class CampaignResultsOperator(CampaignOperator):
    """
    Write the results of a campaign to a file: every row with its call, one record each.

    CSV, JSON Lines or Parquet, on a disk or in object storage, through Airflow's ``ObjectStoragePath``. The
    file is there when it is complete, or not at all. It has the columns ``campaign_id``, ``row_id``,
    ``row_index``, ``phone_number``, ``call_id``, ``status``, ``result``, ``outcome``, ``attempts``,
    ``answered_at``, ``ended_at``, ``duration_seconds``, ``recording_url``, ``end_reason``, ``dial_error``,
    ``structured_output`` and ``input_data`` (both JSON), and then one per ``variable_columns``. What was said
    in the calls is not in it.

    The results are those of the moment: to get the final ones, wait with
    :class:`~airflow_provider_revox.sensors.revox.CampaignSensor` first.

    Returns a manifest: ``{"campaign_id", "campaign_status", "is_cancelled", "path", "rows", "by_status",
    "by_result", "by_outcome"}``. Nothing personal is in it, or in logs and rendered fields.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param path: Path or URL of the file, which every worker that reads it must reach:
        ``s3://conn_id@bucket/{{ ds }}/calls.parquet``. Its name ends with ``.csv``, ``.tsv``, ``.jsonl``
        (these also with ``.gz``) or ``.parquet``. A file that is there already is replaced.
    :param variable_columns: Which prompt variables become columns of their own, such as the key of the CRM.
        All variables of a row are in its ``input_data``.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "path", "variable_columns", "revox_conn_id")

    def __init__(
        self, *, path: str, variable_columns: Sequence[str] | str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.variable_columns = variable_columns

    def execute(self, context: Context) -> dict[str, Any]:
        """Read, write, count."""
        try:
            return self._download()
        except RevoxError as error:
            raise airflow_error(error) from None

    def _download(self) -> dict[str, Any]:
        from airflow_provider_revox.results.columns import check_variables
        from airflow_provider_revox.results.download import read_all
        from airflow_provider_revox.results.spool import Spool
        from airflow_provider_revox.results.write import write_results

        campaign_id = self.checked_campaign_id()
        variables = check_variables(read_literal(self.variable_columns, "variable_columns"))
        check_target(self.path)
        client = self.hook.get_conn()
        campaign = client.get_campaign(campaign_id)
        if campaign.status != "completed" and not campaign.is_cancelled:
            self.log.warning(
                "Campaign %s is %s: these results are of this moment, not the final ones.",
                campaign_id,
                campaign.shown_status,
            )
        with Spool() as spool:
            read_all(client, campaign, variables, spool, self.log)
            counts = write_results(self.path, spool, variables=variables)
        absent = [name for index, name in enumerate(variables) if index not in counts.variables_found]
        if counts.rows and absent:
            self.log.warning("No row has the variable %s: its column is empty.", ", ".join(absent))
        manifest = {
            "campaign_id": campaign_id,
            "campaign_status": campaign.shown_status,
            "is_cancelled": campaign.is_cancelled,
            "path": self.path,
            **counts.to_dict(),
        }
        self.log.info("Wrote the results of campaign %s: %s", campaign_id, manifest)
        return manifest


def check_target(path: Any) -> None:
    """
    Refuse what is no path of a results file, before anything is read.

    :raises InvalidRequestError: It is no path, its name tells no kind of file, that kind can't be written
        here, or it may hold a secret.
    """
    from airflow_provider_revox.files.formats import file_format
    from airflow_provider_revox.files.parquet import check_pyarrow

    if not isinstance(path, str):
        raise InvalidRequestError([f"path: must be text, not {type(path).__name__}"])
    address = path.partition("://")[2]
    if "?" in address:
        raise InvalidRequestError(
            [
                "path: a URL must have no query, which may hold a key; name an Airflow connection, as in "
                "s3://conn_id@bucket/calls.csv"
            ]
        )
    form = file_format(path)
    if form.kind == "parquet":
        check_pyarrow(form.name)
    user = address.partition("/")[0].rpartition("@")[0]
    if ":" in user:
        raise InvalidRequestError(
            [
                "path: must not hold a password; name an Airflow connection, as in s3://conn_id@bucket/calls.csv"
            ]
        )
