"""Draw how calls end. The same seed draws the same ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, TypeAlias, get_args

from revox_sandbox.settings import CallEnd

CallOutcome: TypeAlias = Literal["not_interested", "interested", "completed", "requested_callback_later"]
"""The result of a talk with a person."""

_OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)
_OUTCOME_WEIGHTS = (0.4, 0.25, 0.25, 0.1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How an attempt goes.

    :param end: How it ends.
    :param ring_seconds: Seconds of ringing, until somebody answers or the attempt fails.
    :param talk_seconds: Seconds from the answer to the end.
    :param outcome: The result of the talk, if a person answered.
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
    Draws the outcomes of one campaign. What was drawn before makes no difference.

    :param seed: The seed of the sandbox.
    :param ordinal: How many campaigns were created before it, since the start or the last reset.
    :param call_ends: A weight for each way in which an attempt can end.
    """

    def __init__(self, seed: int, ordinal: int, call_ends: Mapping[CallEnd, float]) -> None:
        self._prefix = f"{seed}:{ordinal}"
        self._random = Random()  # noqa: S311 - a game, not a secret
        self._ends = list(call_ends)
        self._weights = list(call_ends.values())

    def __call__(self, row_index: int, attempt: int, /) -> Outcome:
        """Return how attempt number ``attempt`` to call the person of row ``row_index`` goes."""
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
