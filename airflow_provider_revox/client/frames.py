"""Keep people and keys out of what an error tracker collects: the variables of the frames of an error."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from typing import ParamSpec, TypeVar

from airflow_provider_revox.client.errors import RevoxError

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=RevoxError)


class Unshown(Collection[T]):
    """Holds values whose ``repr`` shows only how many they are."""

    def __init__(self, values: Collection[T]) -> None:
        self._values = values

    def __contains__(self, value: object) -> bool:
        return value in self._values

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Unshown({len(self)})"


def without_frames(error: E) -> E:
    """
    Return the error without its frames, and without the errors behind it.

    Raise it outside of an ``except``: there Python would add the handled error to it again.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def forgetful(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function fail with an error whose frames do not have the arguments of the function."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except RevoxError as error:
            failure = without_frames(error)
        del args, kwargs
        raise failure

    return call
