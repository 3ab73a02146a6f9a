"""Collect the names of the prompt variables that contacts have, without slowing the fast lane."""

from __future__ import annotations

from collections.abc import Mapping, Set


class VariableNames:
    """
    The names of prompt variables: those that every contact has, and those that only some have.

    Contacts that are left out later count, too. So a name that every called contact has may stand in
    :attr:`of_some`. A name in :attr:`of_all` is never there by mistake.

    :param of_all: The names that the task gives to every contact; ``None``: each record has its own.
    """

    def __init__(self, of_all: Set[str] | None = None) -> None:
        self._are_given = of_all is not None
        self._of_all: Set[str] | None = of_all
        self._of_any: Set[str] = of_all or set()

    @property
    def of_all(self) -> Set[str]:
        """The names that every contact has."""
        return self._of_all or frozenset()

    @property
    def of_some(self) -> Set[str]:
        """The names that only some contacts have."""
        return self._of_any - self.of_all

    def add(self, variables: list[Mapping[str, str]], of_any: Set[str] | None = None) -> None:
        """
        Note the variables of contacts.

        :param of_any: All names that one of them has, if they are known.
        """
        if self._are_given or not variables:
            return
        names = set().union(*variables) if of_any is None else of_any
        # A contact with as many names as there are has all of them. To compare the names is much slower.
        is_alike = set(map(len, variables)) == {len(names)}
        of_all = names if is_alike else set(variables[0]).intersection(*variables[1:])
        self._of_all = of_all if self._of_all is None else self._of_all & of_all
        self._of_any |= names
