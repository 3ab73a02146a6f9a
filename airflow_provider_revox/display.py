"""Push what Airflow only shows to people: the links, the progress and the entry of the campaigns page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_revox.logger import Logger


class Display:
    """
    Pushes what people look at. Airflow may refuse it, and then the task goes on.

    It logs a refusal once, and again if Airflow has taken a push meanwhile.
    """

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def show(self, what: str, push: Callable[[], object], log: Logger) -> bool:
        """
        Push; return whether Airflow took it.

        :param what: What is pushed, in words for the log.
        :param push: What to call. It may raise anything, and the text of its error may name people.
        """
        try:
            push()
        except Exception as error:  # whatever went wrong, people are called all the same
            if what not in self._refused:
                self._refused.add(what)
                log.warning("Airflow did not take %s (%s). The task goes on.", what, type(error).__name__)
            return False
        self._refused.discard(what)
        return True
