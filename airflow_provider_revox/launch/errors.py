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
    """Another campaign of the same launch is live and could not be cancelled. The next try tries again."""

    transient = True


class CampaignWasCancelledError(LaunchError):
    """The campaign of this launch key was cancelled."""
