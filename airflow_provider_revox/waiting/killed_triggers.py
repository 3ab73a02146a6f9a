"""Ask Airflow for the states of killed deferred tasks: one question for all that were killed together."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from airflow_provider_revox.compatibility import state_among, states_of_task

SECONDS_TO_ASK = 25.0
"""How long Airflow may take to answer. It leaves a killed trigger 30 seconds."""

_Question = tuple[set[str], asyncio.Future[dict[str, dict[str, str | None]]]]


class KilledTriggers:
    """
    The deferred tasks of one event loop that were killed and whose states are not known yet.

    A triggerer answers one question in each of its rounds, and a round may take a tenth of a second. A person
    who marks a run failed kills hundreds of triggers at once. If each asked for itself, the last ones would
    get no answer in time.
    """

    def __init__(self) -> None:
        self._unasked: dict[tuple[str, str], _Question] = {}
        self._asking: asyncio.Task[None] | None = None

    async def state_of(self, ti: Any) -> str | None:
        """
        Return the state that a task has now.

        :param ti: The task instance, as the trigger has it.
        :raises Exception: Airflow does not answer, or it does not know the task instance.
        """
        loop = asyncio.get_running_loop()
        run_ids, answer = self._unasked.setdefault((ti.dag_id, ti.task_id), (set(), loop.create_future()))
        run_ids.add(ti.run_id)
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(self._ask())
        return state_among(await asyncio.shield(answer), ti)

    async def _ask(self) -> None:
        while self._unasked:
            dag_id, task_id = key = next(iter(self._unasked))
            # Tasks that are killed from now on need a newer answer.
            run_ids, answer = self._unasked.pop(key)
            try:
                async with asyncio.timeout(SECONDS_TO_ASK):
                    states = await asyncio.to_thread(states_of_task, dag_id, task_id, sorted(run_ids))
            except Exception as error:
                answer.set_exception(error)
                answer.exception()  # nobody may be waiting for the answer any more
            else:
                answer.set_result(states)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, KilledTriggers] = WeakKeyDictionary()


def killed_triggers() -> KilledTriggers:
    """Return the killed triggers of the running event loop."""
    return _of_loops.setdefault(asyncio.get_running_loop(), KilledTriggers())
