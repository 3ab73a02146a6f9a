"""Read Revox's phone history: which people on a list must not be called."""

from __future__ import annotations

import time
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import InvalidRequestError, NotFoundError, UnexpectedAnswerError
from airflow_provider_revox.contacts.do_not_call.history_options import PATH

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.contacts.do_not_call.history_options import HistoryRules
    from airflow_provider_revox.logger import Logger


def read_phone_history(
    client: RevoxClient, numbers: Set[str], rules: HistoryRules, log: Logger
) -> Mapping[str, str] | None:
    """
    Return which of these people must not be called, and why; ``None``: this API has no phone history.

    The history also shows the calls of this launch, if an earlier try has made it. So it does not apply where
    a campaign of this launch stands; :mod:`airflow_provider_revox.launch.decide` finds that out.

    :param numbers: The numbers of the people to call, in E.164.
    :param rules: The rules to apply.
    :return: The reason by number.
    :raises InvalidRequestError: A rule needs a phone history, and this API has none.
    :raises RevoxError: The history can't be read. Somebody may have asked for no calls, so nobody is called.
    """
    from airflow_provider_revox.client.endpoints import scan_phone_history
    from airflow_provider_revox.contacts.do_not_call.left_out_by_history import HistoryReader

    reader = HistoryReader(numbers, rules, now=time.time())
    try:
        client.send(scan_phone_history(reader.needs, begin_attempt=reader.begin_attempt))
    except NotFoundError as missing:
        _check_missing(client, missing)
        if rules.needed_by:
            problem = f"can't be done, because this API has no phone history (GET {PATH} is 404)"
            raise InvalidRequestError([f"{rules.needed_by}: {problem}"]) from None
        log.info("This API has no phone history, so it does not know who asked for no calls.")
        return None
    return reader.left_out()


def _check_missing(client: RevoxClient, missing: NotFoundError) -> None:
    """
    Check that this API really has no phone history. Every Revox that has one has ``/auth-status``, too.

    :raises UnexpectedAnswerError: ``/auth-status`` is there, so the 404 is a mistake, perhaps of a proxy.
    """
    try:
        client.get_auth_status()
    except NotFoundError:
        return
    problem = "but GET /auth-status is there, and every Revox that has it has a phone history"
    raise UnexpectedAnswerError(missing.status, "GET", PATH, problem)
