"""
Tell what the types of a release of the official client say: which fields rows have, and which words filters.

It is run in a process of its own, because a process can import one release only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing
from functools import cache
from pathlib import Path
from typing import Any

GENERATIONS = {"0.1.1": None, "0.3.0": "drafts", "0.5.0": "launch-calls"}
"""The releases, each with its generation. The first one is installed, the others are fetched."""


@cache
def types_of(release: str) -> dict[str, Any]:
    """Return what the types of a release say."""
    from dev.official_client import install

    generation = GENERATIONS[release]
    path = {"PYTHONPATH": str(install(generation))} if generation else {}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **path}
    done = subprocess.run(
        [sys.executable, str(Path(__file__))], env=environment, stdout=subprocess.PIPE, check=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["release"] == release
    return said


def _fields() -> dict[str, list[str]]:
    from revox.types import campaign_get_rows_response as rows

    attempt, last = rows.RowCallCallAttempt.model_fields, rows.RowCallLastCallAttempt.model_fields
    assert attempt.keys() == last.keys()
    return {
        "answer": list(rows.CampaignGetRowsResponse.model_fields),
        "row": list(rows.Row.model_fields),
        "call": list(rows.RowCall.model_fields),
        "attempt": list(attempt),
    }


def _filters() -> dict[str, Any]:
    """Return the body of launch-calls: of each field, whether it is required, and its words."""
    try:
        from revox.types import campaign_launch_params as params
    except ImportError:  # an older release launches without a body
        return {}
    return {
        name: {
            field: [typing.get_origin(hint) is typing.Required, _words(hint)]
            for field, hint in typing.get_type_hints(kind, include_extras=True).items()
        }
        for name, kind in (("filters", params.SelectionFilters), ("rows", params.SelectionRows))
    } | {"mode": _words(typing.get_type_hints(params.CampaignLaunchParams)["mode"])}


def _words(hint: Any) -> list[str]:
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [word for inner in typing.get_args(hint) for word in _words(inner)]


if __name__ == "__main__":
    import revox

    json.dump({"release": revox.__version__, "fields": _fields(), "filters": _filters()}, sys.stdout)
