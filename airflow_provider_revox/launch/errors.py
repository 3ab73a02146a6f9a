"""How a launch ends if it can't say which campaign stands."""

from __future__ import annotations

from airflow_provider_revox.client.errors import RevoxError


class LaunchError(RevoxError):
    """The launch ended, and the task has no campaign to return."""


class LaunchUnconfirmedError(LaunchError):
    """It is not known whether the campaign is launched. The next try looks again before it sends anything."""

    transient = True


class LaunchUncheckedError(LaunchError):
    """It is not known whether the campaign is launched, and without a launch key it can't be looked up."""


class SecondCampaignError(LaunchError):
    """Two campaigns of one launch stand, or may stand. The next try looks again."""

    transient = True


class PartlyLaunchedError(LaunchError):
    """
    A campaign of an earlier try has calls that are launched and calls that are not.

    Revox may still be launching them: then the next try finds all of them launched. Or a person has decided
    it.

    :param finding: What was found, and what to do.
    :param campaign_id: The id of that campaign.
    """

    transient = True

    def __init__(self, finding: str, campaign_id: str) -> None:
        super().__init__(finding, campaign_id)
        self.finding, self.campaign_id = finding, campaign_id

    def __str__(self) -> str:
        return self.finding


class OtherListError(LaunchError):
    """A campaign of this launch has another list, and this task can't know which list is right."""


class TagLostError(LaunchError):
    """The campaign is launched, but Revox changed its name, so that a retry would not find it."""


class LaunchRefusedError(LaunchError):
    """Revox refuses to launch the campaign, or the campaign of an earlier try must not be launched."""


class LaunchKilledError(LaunchError):
    """The task was killed before anybody was called. If its worker was shut down, the next try launches."""

    transient = True


class CampaignWasCancelledError(LaunchError):
    """
    The campaign of this launch was cancelled. The operator adds how its people can be called all the same.

    :param finding: What was found.
    :param campaign_id: The id of the only campaign of this launch that may have called people; ``None``:
        there may be several.
    """

    def __init__(self, finding: str, campaign_id: str | None) -> None:
        super().__init__(finding, campaign_id)
        self.finding, self.campaign_id = finding, campaign_id

    def __str__(self) -> str:
        return self.finding
