"""What a task ends with: the client's errors as Airflow's, by whether another try can help."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from airflow_provider_revox.client.errors import RevoxError


class RevoxUnavailableError(AirflowException):
    """Revox or the way to it is in trouble: another try may succeed, so Airflow retries."""


class RevoxRefusedError(AirflowFailException):
    """The request or the connection is wrong: another try can't help, so Airflow does not retry."""


class CampaignFailedError(AirflowFailException):
    """The campaign ended, but not well: it was cancelled, or its end can't be trusted."""


class CampaignTimeoutError(AirflowException):
    """The campaign was not completed in time. A retry waits for the same campaign again."""


class RowsChangedError(AirflowException):
    """A campaign's rows changed while they were read, again and again. A retry reads them anew."""


def airflow_error(error: RevoxError) -> AirflowException:
    """Turn an error of the client into the one that makes Airflow do the right thing."""
    kind = RevoxUnavailableError if error.transient else RevoxRefusedError
    return kind(str(error))
