from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

import airflow_provider_revox
from airflow_provider_revox import exceptions
from airflow_provider_revox.client import errors
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.launch.errors import CampaignWasCancelledError, LaunchUnconfirmedError

PAGE = Path(__file__).parents[2] / "docs/reference/exceptions.md"


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (errors.NotSentError("POST", "/campaigns", "refused"), True),
        (errors.RateLimitedError(429, "POST", "/campaigns"), True),
        (errors.UnexpectedAnswerError(500, "GET", "/campaigns"), True),
        (LaunchUnconfirmedError("x"), True),
        (errors.InvalidRequestError(["name: ..."]), False),
        (errors.InvalidConfigurationError("x"), False),
        (errors.AuthenticationError(401, "GET", "/campaigns"), False),
        (errors.RejectedError(422, "POST", "/campaigns"), False),
        (CampaignWasCancelledError("x", "c"), False),
    ],
)
def test_airflow_retries_only_what_another_try_can_help(error, retried):
    result = airflow_error(error)
    assert isinstance(result, AirflowFailException) is not retried
    assert str(result) == str(error)


def every_exception() -> list[type[Exception]]:
    """Return the errors of the client and of everything above it, and what a task ends with."""
    for module in pkgutil.walk_packages(airflow_provider_revox.__path__, "airflow_provider_revox."):
        if module.name.startswith("airflow_provider_revox.plugin.") and not AIRFLOW_V_3_1_PLUS:
            continue  # its modules import what these versions of Airflow do not have
        with suppress(ModuleNotFoundError):  # the connection form of Airflow 2 needs its web framework
            importlib.import_module(module.name)

    def below(error: type[Exception]) -> Iterator[type[Exception]]:
        yield error
        for child in error.__subclasses__():
            yield from below(child)

    everything = {
        *below(errors.RevoxError),
        *(kind for _, kind in inspect.getmembers(exceptions, inspect.isclass)),
    }
    own = [kind for kind in everything if kind.__module__.startswith("airflow_provider_revox.")]
    return sorted(own, key=str)


def tree_on_the_page() -> dict[str, tuple[str, str]]:
    """Return the parent and the text of each exception in the tree of the reference."""
    found: dict[str, tuple[str, str]] = {}
    path: list[str] = []
    tree = PAGE.read_text().partition("\n## ")[0]
    for indent, name, text in re.findall(r"^( *)- \*\*`(\w+)`\*\*(.*(?:\n +[^ -].*)*)", tree, re.MULTILINE):
        path[len(indent) // 2 :] = [name]
        assert name not in found, f"{name} is in the tree twice"
        found[name] = (path[-2] if len(path) > 1 else "", " ".join(text.split()))
    return found


def test_the_reference_shows_every_exception_in_one_tree():
    on_the_page = tree_on_the_page()
    names = {kind.__name__ for kind in every_exception()}
    assert names == on_the_page.keys() - {"Exception", "AirflowException", "AirflowFailException"}
    for kind in every_exception():
        parent, text = on_the_page[kind.__name__]
        assert parent in [base.__name__ for base in kind.__bases__], kind
        if "The base of" in text:
            continue
        retried = not issubclass(kind, AirflowFailException) and getattr(kind, "transient", True)
        assert ("*Retried.*" in text, "*Not retried.*" in text) == (retried, not retried), kind
