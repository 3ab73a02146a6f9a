"""How calls end: drawn, yet the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, TypeAlias, get_args

from revox_sandbox.settings import CallEnd

CallOutcome: TypeAlias = Literal["not_interested", "interested", "completed", "requested_callback_later"]
"""What came of talking to somebody."""

_OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)
_OUTCOME_WEIGHTS = (0.4, 0.25, 0.25, 0.1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How an attempt goes.

    :param end: How it ends.
    :param ring_seconds: From dialing to the answer, or to giving up.
    :param talk_seconds: From the answer to the end.
    :param outcome: What came of it, when somebody answered.
    """

    end: CallEnd
    ring_seconds: float
    talk_seconds: float = 0.0
    outcome: CallOutcome | None = None


class Draw(Protocol):
    """Decides how an attempt goes, from the row's index and the number of the attempt."""

    def __call__(self, row_index: int, attempt: int, /) -> Outcome: ...


class SeededDraw:
    """
    The outcomes of one campaign. An attempt's depends on nothing but these arguments and its place.

    :param seed: The sandbox's seed.
    :param ordinal: The campaign's number since the sandbox was started or reset.
    :param call_ends: How often an attempt ends how.
    """

    def __init__(self, seed: int, ordinal: int, call_ends: Mapping[CallEnd, float]) -> None:
        self._prefix = f"{seed}:{ordinal}"
        self._random = Random()  # noqa: S311 - a game, not a secret
        self._ends = list(call_ends)
        self._weights = list(call_ends.values())

    def __call__(self, row_index: int, attempt: int, /) -> Outcome:
        """Return how attempt number ``attempt`` to reach row ``row_index`` goes."""
        random = self._random
        random.seed(f"{self._prefix}:{row_index}:{attempt}")
        end = random.choices(self._ends, self._weights)[0]
        if end == "human":
            ring_seconds, talk_seconds = round(random.uniform(5, 30), 3), round(random.uniform(20, 180), 3)
            outcome = random.choices(_OUTCOMES, _OUTCOME_WEIGHTS)[0]
            return Outcome(end, ring_seconds, talk_seconds, outcome)
        if end == "voicemail":
            return Outcome(end, round(random.uniform(15, 30), 3), round(random.uniform(5, 15), 3))
        if end == "busy":
            return Outcome(end, round(random.uniform(1, 5), 3))
        return Outcome(end, 30.0)
