"""Define the exceptions that a task ends with. Their type tells Airflow whether to retry the task."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from airflow_provider_revox.client.errors import RevoxError


class RevoxUnavailableError(AirflowException):
    """Revox does not answer, or can't act now. Another try may succeed, so Airflow retries."""


class RevoxRefusedError(AirflowFailException):
    """The request or the connection is wrong. Another try can't help, so Airflow does not retry."""


class CampaignFailedError(AirflowFailException):
    """
    The campaign is not a success, and Airflow does not retry.

    It was cancelled, too many contacts failed, it is paused and ``on_paused`` is ``"fail"``, or Revox does
    not say enough to be sure of a success.
    """


class CampaignTimeoutError(AirflowException):
    """The campaign was not completed in time. A retry waits for the same campaign again."""


class TaskKilledError(AirflowException):
    """Airflow killed the task after it had created its campaign. A retry adopts the campaign."""


class RowsChangedError(AirflowException):
    """A campaign's rows changed each time they were read. A retry reads them again."""


class CampaignUnfinishedError(AirflowException):
    """The campaign has not ended, and ``on_unfinished`` is ``"fail"``. A retry looks again."""


def airflow_error(error: RevoxError) -> AirflowException:
    """Return the exception that makes Airflow retry if another try may succeed, and only then."""
    kind = RevoxUnavailableError if error.transient else RevoxRefusedError
    return kind(str(error))
