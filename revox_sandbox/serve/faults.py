"""Plan what goes wrong, and when."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Fault(BaseModel):
    """
    A planned fault: which requests fail, and how.

    - ``hang``: no answer, until the client gives up or the sandbox stops
    - ``reset``: the connection is reset (TCP RST)
    - ``close``: the connection is closed without an answer
    - ``truncate``: the connection is closed after half of the answer's body
    - ``status``: an answer with ``status``
    - ``broken_json``: status 200 and half of the answer's JSON, or ``body``
    - ``delay``: the answer is ``seconds`` late. With ``before``, the API acts late too, even if the client
      has given up.

    :param kind: What goes wrong.
    :param method: The method of the requests. ``None``: any method.
    :param path: The path of the requests below the base URL, such as ``/campaigns/{id}``. ``None``: any path.
    :param when: ``before``: the API never sees the request. ``after``: the API acts, and its answer is lost.
    :param times: How many requests the fault strikes. ``None``: all.
    :param skip: How many requests it lets pass first.
    :param status: The status of the answer, for ``status``.
    :param body: The body of the answer, for ``status`` and ``broken_json``: text, or a value for JSON.
    :param retry_after: The header of the answer, for ``status``: seconds or an HTTP date.
    :param seconds: How late the answer is, for ``delay``.
    :raises pydantic.ValidationError: The options make no sense together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["hang", "reset", "close", "truncate", "status", "broken_json", "delay"]
    method: str | None = None
    path: str | None = None
    when: Literal["before", "after"] = "before"
    times: Annotated[int, Field(ge=1)] | None = 1
    skip: Annotated[int, Field(ge=0)] = 0
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    body: Any = None
    retry_after: int | str | None = None
    seconds: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        for option, kinds in (
            ("status", ["status"]),
            ("retry_after", ["status"]),
            ("body", ["status", "broken_json"]),
            ("seconds", ["delay"]),
        ):
            if getattr(self, option) is not None and self.kind not in kinds:
                raise ValueError(f"{option} is for {' and '.join(kinds)}, not for {self.kind}")
        if self.kind == "status" and self.status is None:
            raise ValueError("status is missing")
        if self.kind == "delay" and self.seconds is None:
            raise ValueError("seconds is missing")
        return self

    def matches(self, method: str, path: str) -> bool:
        """
        Return whether the fault is about such a request.

        :param method: The method of the request, in capitals.
        :param path: The path of the request below the base URL.
        """
        return (self.method is None or self.method.upper() == method) and (
            self.path is None or path_matches(self.path, path)
        )


def path_matches(template: str, path: str) -> bool:
    """
    Return whether a path fits a template.

    :param template: A path such as ``/campaigns/{id}/rows``. A path without braces fits only itself.
    :param path: The path.
    """
    parts = re.split(r"\{[^/{}]*\}", template)
    return re.fullmatch("[^/]+".join(map(re.escape, parts)), path) is not None


@dataclass
class _Planned:
    fault: Fault
    skip: int
    left: int | None


class FaultPlan:
    """Keeps faults in order. The first fault that matches a request and is not used up strikes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []
        self._fired = 0

    def add(self, *faults: Fault) -> None:
        """
        Add faults at the end of the plan.

        :param faults: The faults.
        """
        with self._lock:
            self._planned.extend(_Planned(fault, fault.skip, fault.times) for fault in faults)

    def clear(self) -> None:
        """Drop all faults. Requests that hang go on hanging."""
        with self._lock:
            self._planned.clear()

    def reset(self) -> None:
        """Drop all faults, and count from 0 again."""
        with self._lock:
            self._planned.clear()
            self._fired = 0

    @property
    def fired(self) -> int:
        """How many requests faults have struck."""
        with self._lock:
            return self._fired

    @property
    def waiting(self) -> list[Fault]:
        """The faults that are not used up."""
        with self._lock:
            return [planned.fault for planned in self._planned]

    def take(self, method: str, path: str) -> Fault | None:
        """
        Return the fault that strikes a request, and count the strike.

        :param method: The method of the request, in capitals.
        :param path: The path of the request below the base URL.
        :return: ``None`` if no fault strikes.
        """
        with self._lock:
            for planned in self._planned:
                if not planned.fault.matches(method, path):
                    continue
                if planned.skip:
                    planned.skip -= 1
                    continue
                if planned.left is not None:
                    planned.left -= 1
                    if not planned.left:
                        self._planned.remove(planned)
                self._fired += 1
                return planned.fault
            return None
