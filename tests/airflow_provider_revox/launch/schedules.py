"""Every order in which the requests of two tries can reach the API: each is played once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from airflow_provider_revox.launch.steps import Cancel, Create, LaunchCalls, LaunchDraft

ACTS = (Cancel, Create, LaunchCalls, LaunchDraft)


def every_way_to_choose() -> Iterator[Callable[[Sequence[int]], int]]:
    """
    Yield a function that chooses one of the indexes that it gets, for each sequence of choices another.

    Play one schedule to its end with each function: replay a prefix, take the first choice, then change the
    last choice. So the answers may decide which choices there are.
    """
    prefix: list[int] = []
    while True:
        choices: list[tuple[int, int]] = []

        def choose(
            left: Sequence[int], choices: list[tuple[int, int]] = choices, prefix: list[int] = prefix
        ) -> int:
            pick = prefix[len(choices)] if len(choices) < len(prefix) else 0
            choices.append((pick, len(left)))
            return left[pick]

        yield choose
        while choices and choices[-1][0] + 1 == choices[-1][1]:
            choices.pop()
        if not choices:
            return
        prefix = [pick for pick, _ in choices[:-1]] + [choices[-1][0] + 1]


def without_mirrored_reads(running: list[int], next_of_first: Any, last: tuple[int, Any] | None) -> list[int]:
    """
    Leave out the first try where the second has just read and the first would read, too.

    Two reads that follow each other get the same answers in either order, so they are played in one order.

    :param running: The indexes of the tries that have a step to take.
    :param next_of_first: The next step of the first try.
    :param last: The index of the try that took the last step, and this step.
    :return: What is left. Nothing: the schedule is that of another one, in another order.
    """
    two_reads = last is not None and not any(isinstance(step, ACTS) for step in (last[1], next_of_first))
    return [index for index in running if not (two_reads and last and last[0] == 1 and index == 0)]
