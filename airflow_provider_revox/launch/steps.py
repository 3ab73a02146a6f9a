"""The steps of a launch: :mod:`.protocol` decides them, and :mod:`.run` carries them out."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.generations import Form

T = TypeVar("T")


@dataclass(frozen=True)
class LookUp:
    """
    Step: find the campaigns of this launch. Result: the campaigns, or a :class:`RevoxError`.

    :param patient: Whether the client sends it again when it fails; otherwise the protocol does.
    """

    patient: bool


@dataclass(frozen=True)
class Look:
    """Step: look at one campaign, patiently. Result: the campaign, or a :class:`RevoxError`."""

    campaign_id: str


@dataclass(frozen=True)
class AskForNewerFields:
    """Step: ask whether the server is newer than the API page. Result: ``True`` or a :class:`RevoxError`."""


@dataclass(frozen=True)
class Create:
    """
    Step: create, and launch where that is a part of it. Result: the campaign, or a :class:`RevoxError`.

    :param form: Of its body.
    """

    form: Form


@dataclass(frozen=True)
class ComparePeople:
    """
    Step: compare a campaign's people with those of this try. Result: whether they are the same, or a
    :class:`RevoxError`.

    :param total: How many the campaign has, where it says so.
    """

    campaign_id: str
    total: int | None = None


@dataclass(frozen=True)
class LaunchDraft:
    """
    Step: launch a draft. Result: the campaign, or a :class:`RevoxError`.

    :param fresh: Whether this try has created it.
    """

    campaign_id: str
    fresh: bool = False


@dataclass(frozen=True)
class LaunchCalls:
    """
    Step: launch the calls that are not launched. Result: what came of it, or a :class:`RevoxError`.

    :param fresh: Whether this try has created the campaign.
    """

    campaign_id: str
    fresh: bool = False


@dataclass(frozen=True)
class Cancel:
    """Step: cancel a campaign. Result: whether it could be, or a :class:`RevoxError`."""

    campaign_id: str


@dataclass(frozen=True)
class Wait:
    """Step: wait. Result: seconds that passed since the launch began."""

    seconds: float


@dataclass(frozen=True)
class Note:
    """Step: tell the user. Result: ``None``."""

    text: str


AskingStep = LookUp | Look | AskForNewerFields | Create | ComparePeople | LaunchDraft | LaunchCalls | Cancel
"""A step that asks the API."""
Step = AskingStep | Wait | Note
Steps = Generator[Step, Any, T]


@dataclass(frozen=True)
class Launched:
    """
    The campaign that stands.

    :param campaign: As the API showed it.
    :param adopted: Whether this try found it instead of getting it as the answer to its create.
    """

    campaign: Campaign
    adopted: bool


Launch = Steps[Launched]
