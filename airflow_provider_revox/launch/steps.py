"""The steps of a launch: :mod:`.decide` yields them, and :mod:`.carry_out` carries them out."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.identity import Reason

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls

T = TypeVar("T")


@dataclass(frozen=True)
class LookUp:
    """
    Finds the campaigns that carry the tag of this launch. Result: these campaigns.

    :param patient: Whether the client repeats the request when it fails.
    """

    patient: bool


@dataclass(frozen=True)
class Prepare:
    """
    Prepares the contacts for the campaign. Result: ``None``.

    :param history_applies: Whether people are left out by Revox's phone history. The history also shows the
        calls of this launch, so it does not apply where a campaign of this launch stands.
    """

    history_applies: bool


@dataclass(frozen=True)
class GetCampaign:
    """Gets one campaign. The client repeats the request when it fails. Result: the campaign."""

    campaign_id: str


@dataclass(frozen=True)
class AskAuthStatus:
    """Asks for ``/auth-status``, which a Revox of the API page does not have. Result: ``True``."""


@dataclass(frozen=True)
class Create:
    """
    Creates the campaign. A Revox of the API page launches it, too. Result: the campaign.

    :param form: The form of the body.
    """

    form: CreateForm


@dataclass(frozen=True)
class ComparePeople:
    """
    Compares the people of a campaign with those of this try. Result: whether they are the same.

    :param total: How many people the campaign has, if it says so.
    """

    campaign_id: str
    total: int | None = None


@dataclass(frozen=True)
class SharePeople:
    """
    Compares the people of a campaign with those of this try. Result: how many people of this try it has, and
    how many it does not have.

    :param total: How many people the campaign has, if it says so.
    """

    campaign_id: str
    total: int | None = None


@dataclass(frozen=True)
class HasOtherPeople:
    """
    Looks at the first rows of a campaign. Result: whether they show people who are not on a list.

    :param of_list: The campaign that has the list; ``None``: it is the list of this try.
    """

    campaign_id: str
    of_list: str | None = None


@dataclass(frozen=True)
class LaunchDraft:
    """
    Launches a draft. Result: the campaign.

    :param created_by_this_try: Whether this try has created the draft.
    """

    campaign_id: str
    created_by_this_try: bool = False


@dataclass(frozen=True)
class LaunchCalls:
    """
    Launches the calls that are not launched. Result: how many Revox has launched.

    :param created_by_this_try: Whether this try has created the campaign.
    :param call_ids: The only calls to launch; ``None``: all.
    """

    campaign_id: str
    created_by_this_try: bool = False
    call_ids: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ReadUnlaunched:
    """
    Reads which calls of a campaign are not launched. Result: an :class:`~.unlaunched.UnlaunchedCalls`.

    :param total: How many people the campaign has, if it says so.
    """

    campaign_id: str
    total: int | None = None


@dataclass(frozen=True)
class CheckPeople:
    """
    Checks whether people may still be called. Result: how many must not be called, by reason.

    :param calls: Their calls.
    """

    calls: UnlaunchedCalls


@dataclass(frozen=True)
class Cancel:
    """Cancels a campaign. Result: whether Revox has cancelled it."""

    campaign_id: str


@dataclass(frozen=True)
class Wait:
    """Waits. Result: the seconds since the launch began."""

    seconds: float


@dataclass(frozen=True)
class Note:
    """Logs a warning for the user. Result: ``None``."""

    text: str


RequestStep = (
    LookUp
    | GetCampaign
    | AskAuthStatus
    | Create
    | ComparePeople
    | SharePeople
    | HasOtherPeople
    | LaunchDraft
    | LaunchCalls
    | ReadUnlaunched
    | Cancel
)
"""A step that sends a request to Revox. If the request fails, its error is thrown into the generator."""

Step = RequestStep | Prepare | CheckPeople | Wait | Note
Steps = Generator[Step, Any, T]


@dataclass(frozen=True)
class Launched:
    """
    The result of a launch.

    :param campaign: The campaign of this launch, as Revox showed it last.
    :param adopted: Whether an earlier or a parallel try has created it.
    :param reason: Why it is the campaign of this launch.
    """

    campaign: Campaign
    adopted: bool
    reason: Reason


Launch = Steps[Launched]
