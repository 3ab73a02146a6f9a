"""How a launch ends when no campaign stands."""

from __future__ import annotations

from airflow_provider_revox.client.errors import RevoxError


class LaunchError(RevoxError):
    """The launch ended without a campaign that stands."""


class LaunchUnconfirmedError(LaunchError):
    """Whether the campaign was launched is not known, and it was not found. The next try looks again."""

    transient = True


class LaunchUncheckedError(LaunchError):
    """Whether the campaign was launched is not known, and without a launch key it can't be found."""


class SecondCampaignError(LaunchError):
    """There is, or may be, a second live campaign of the same launch. The next try looks again."""

    transient = True


class PartlyLaunchedError(LaunchError):
    """
    A campaign of an earlier try has calls that are launched and calls that are not.

    Either Revox is still about it, and the next try sees it done, or somebody has decided so.

    :param finding: What was found.
    :param campaign_id: That campaign.
    """

    transient = True

    def __init__(self, finding: str, campaign_id: str) -> None:
        super().__init__(finding, campaign_id)
        self.finding, self.campaign_id = finding, campaign_id

    def __str__(self) -> str:
        return self.finding


class LaunchRefusedError(LaunchError):
    """Revox refuses to launch."""


class LaunchKilledError(LaunchError):
    """The task was killed before anybody was called. If its worker was shut down, another try may launch."""

    transient = True


class CampaignWasCancelledError(LaunchError):
    """
    The campaign of this launch key was cancelled. The way out is the operator's to tell.

    :param finding: What was found.
    :param campaign_id: The one campaign of the launch key that may have called people; ``None``: there may be
        several.
    """

    def __init__(self, finding: str, campaign_id: str | None) -> None:
        super().__init__(finding, campaign_id)
        self.finding, self.campaign_id = finding, campaign_id

    def __str__(self) -> str:
        return self.finding
