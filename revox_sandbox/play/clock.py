"""The two times of a sandbox: real time, and the time of campaigns."""

from __future__ import annotations

import threading
import time


class Clock:
    """
    Tells both times. They never go backwards, even if somebody sets the clock of the machine back.

    :param speed: How many seconds of a campaign pass in one real second.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._start = time.monotonic()
        self._epoch = time.time()
        self._jumps = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the real time, as seconds since 1970."""
        return self._epoch + time.monotonic() - self._start

    def played(self) -> float:
        """Return how many seconds campaigns have played since the clock was made, with all jumps."""
        return (time.monotonic() - self._start) * self._speed + self._jumps

    def jump(self, seconds: float) -> None:
        """
        Let campaigns skip time.

        :param seconds: How many seconds they skip.
        :raises ValueError: The number is negative.
        """
        if seconds < 0:
            raise ValueError("time does not go backwards")
        with self._lock:
            self._jumps += seconds
