"""
Show the parameters of a class or a function in groups, each as its docstring describes it.

Autodoc alone shows forty parameters in one list, without the defaults that a base class gives, and without a
word about templates.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from airflow_provider_revox.units import duration_in_words

GROUPED = (
    "airflow_provider_revox.operators.",
    "airflow_provider_revox.sensors.",
    "airflow_provider_revox.batches",
)
"""Where the parameters are shown by this directive, and not by autodoc."""
FIELD = re.compile(r"^:(\w+) ?([\w ]*):\s*(.*(?:\n(?!:\w).*)*)", re.MULTILINE)


def find(path: str) -> Any:
    """Return the class or the function that a dotted path names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def descriptions(owner: Any) -> dict[str, str]:
    """Return what the docstring says about each parameter, in reStructuredText."""
    fields = FIELD.findall(inspect.getdoc(owner) or "")
    return {name: " ".join(text.split()) for kind, name, text in fields if kind == "param"}


def defaults(owner: Any) -> dict[str, Any]:
    """Return the default of each argument of a function, or of a class and its bases."""
    bases = inspect.getmro(owner) if inspect.isclass(owner) else ()
    functions = [vars(base)["__init__"] for base in bases if "__init__" in vars(base)] or [owner]
    found: dict[str, Any] = {}
    for function in functions:
        for name, parameter in inspect.signature(inspect.unwrap(function)).parameters.items():
            found.setdefault(name, parameter.default)
    return found


def classifiers(owner: Any, name: str, description: str) -> list[str]:
    """Return what is said beside the name of a parameter: whether it is required, and its default."""
    default = defaults(owner).get(name, None)
    words = ["template"] if name in getattr(owner, "template_fields", ()) else []
    if default is inspect.Parameter.empty:
        return ["required", *words]
    if isinstance(default, timedelta):
        return [f"default {duration_in_words(default.total_seconds())}", *words]
    if isinstance(default, (str, int, float)) and "Default:" not in description:
        return [f"default ``{default!r}``", *words]
    return words


class Parameters(SphinxDirective):
    """
    Show parameters of a class or a function as a list of definitions.

    The argument is the dotted path, and the content the names; without names, all of them are shown.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        owner = find(self.arguments[0])
        described = descriptions(owner)
        lines: list[str] = []
        for name in " ".join(self.content).split() or described:
            if name not in described:
                raise self.error(f"{self.arguments[0]} describes no parameter {name}")
            beside = "".join(f" : {word}" for word in classifiers(owner, name, described[name]))
            lines += [f"``{name}``{beside}", f"    {described[name]}", ""]
        box = nodes.container(classes=["parameters"])
        self.state.nested_parse(StringList(lines, source=self.arguments[0]), self.content_offset, box)
        return [box]


def is_grouped(name: str) -> bool:
    """Return whether the parameters of an object are shown by the directive."""
    return name.startswith(GROUPED)


def drop_parameters(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Take the parameters out of a docstring that autodoc shows."""
    if what in ("class", "function") and is_grouped(name):
        kept = FIELD.sub(lambda field: "" if field[1] == "param" else field[0], "\n".join(lines))
        lines[:] = kept.splitlines()


def drop_signature(*args: Any) -> tuple[str, None] | None:
    """Take the arguments out of a heading that would be a screen long."""
    _app, what, name = args[:3]
    return ("", None) if what in ("class", "function") and is_grouped(name) else None


def setup(app: Sphinx) -> dict[str, Callable[..., Any] | bool]:
    """Tell Sphinx about the directive."""
    app.add_directive("parameters", Parameters)
    app.connect("autodoc-process-docstring", drop_parameters)
    app.connect("autodoc-process-signature", drop_signature)
    return {"parallel_read_safe": True}
