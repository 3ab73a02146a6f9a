"""Look again and again, until a look shows enough or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_provider_revox.client.errors import AnswerError, RevoxError
from airflow_provider_revox.launch.steps import GetCampaign, LookUp, Note, Steps, Wait

FIRST_LOOK_AFTER = 1.0
LOOK_EVERY_AT_MOST = 10.0


def look_until(step: LookUp | GetCampaign, enough: Callable[[Any], bool], limit: float) -> Steps[Any]:
    """
    Look until a look shows enough or the time is up. If no look succeeded, log why the last one failed.

    :param step: The look. Its result is what the look shows.
    :param enough: Whether the result is enough.
    :param limit: For how many seconds to look.
    :return: The last result; ``None`` if no look succeeded.
    """
    began = passed = yield Wait(0)
    pause, last, problem = FIRST_LOOK_AFTER, None, ""
    while passed - began < limit:
        passed = yield Wait(min(pause, limit - (passed - began)))
        pause = min(pause * 2, LOOK_EVERY_AT_MOST)
        try:
            last = yield step
        except RevoxError as error:
            problem = str(error)
            if not error.transient:
                break
            if isinstance(error, AnswerError):
                pause = max(pause, error.retry_after or 0)
        else:
            if enough(last):
                break
    if last is None and problem:
        yield Note(f"The last look failed. {problem}")
    return last
