"""Do what a launch does before its create, and find out whether it would create a campaign."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.launch.look import look_up_and_prepare
from airflow_provider_revox.launch.without_key import prepare_without_key

if TYPE_CHECKING:
    from airflow_provider_revox.launch.copied_by_hand import HasOwnName
    from airflow_provider_revox.launch.identity import LaunchIdentity


def would_create(
    carry_out: Callable[[Any], Any],
    identity: LaunchIdentity | None,
    has_own_name: HasOwnName,
    *,
    seconds: float,
) -> bool:
    """
    Look the launch up, and have the contacts prepared; return whether a launch would create a campaign now.

    :param carry_out: Carries out steps, and returns what they return.
    :param identity: What tells the campaigns of this launch from others; ``None``: nothing does.
    :param seconds: How long copies may be looked at, one by one.
    """
    if identity is None:
        carry_out(prepare_without_key())
        return True
    standing = carry_out(look_up_and_prepare(identity, has_own_name, seconds=seconds))
    return not standing.campaigns
