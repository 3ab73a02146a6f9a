"""Render templates so that text stays text, and read values back from the text that templates render to."""

from __future__ import annotations

import ast
import json
import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperator
from jinja2 import Undefined
from jinja2.nativetypes import NativeEnvironment

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.phone_numbers.number_types import from_json

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context

NUMERIC_FIELDS = ("max_retry_attempts", "retry_delay_seconds")
_may_be_decimal = re.compile(r"[0-9.]e[+-]?[0-9]|[0-9_.]{17}", re.IGNORECASE).search
_end_of_line = re.compile(rb"\r\n|\r|\n")
BOOLEANS = {"True": True, "true": True, "False": False, "false": False}


class TemplatedOperator(BaseOperator):
    """
    Base of operators whose options arrive as they are written, whatever ``render_template_as_native_obj`` is.

    With it Airflow takes text for Python: +31612345678 loses its plus, 007 its zeros, and 12E4 is a number.
    Here text stays text. A template of one expression may return a list, a mapping or another collection.
    Every other value becomes text, as without native rendering: what renders to none is not left out.
    """

    keeps_types = False
    """Whether values of any type stay as they are: not those of options, but of a function's arguments."""

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value."""
        is_data = seen_oids is not None and id(content) in seen_oids  # of another task
        if isinstance(content, str) and not is_data:
            jinja_env = jinja_env or self.get_template_env()
            if isinstance(jinja_env, NativeEnvironment):
                is_file = content.endswith(tuple(self.template_ext))
                template = (jinja_env.get_template if is_file else jinja_env.from_string)(content)
                value = _value_of(template, context)
                return value if self.keeps_types or _is_collection(value) else str(value)
        return super().render_template(content, context, jinja_env, seen_oids)


def _value_of(template: jinja2.Template, context: Context) -> Any:
    """Return the value of a template's only expression, else its text. Unlike Jinja, never evaluate text."""
    # The context finds some of its values only when they are asked for, so it is not copied.
    variables: Any = ChainMap(context, template.globals)  # type: ignore[arg-type]
    nodes = list(template.root_render_func(template.new_context(variables, shared=True)))
    if len(nodes) != 1 or isinstance(nodes[0], (str, Undefined)):
        return "".join(map(str, nodes))
    return nodes[0]


def _is_collection(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


@forgetful
def read_literal(value: Any, field: str, *, more: str = "") -> Any:
    """
    Read text as JSON or as a Python literal; return any other value unchanged.

    :param value: The text that a template rendered to, or a value of another type.
    :param field: The field's name, for the error.
    :param more: What else the field accepts, for the error.
    :raises InvalidRequestError: The text is neither, or has a name twice in one object.
    """
    if not isinstance(value, str):
        return value
    problem = (
        f"is text that is neither JSON nor a Python literal{more}; "
        "pass the upstream task's output itself, or render with | tojson"
    )
    for read in (_json, _python_literal):
        try:
            return read(value)
        except _RepeatedNameError:
            problem = "has a name twice in one object, so that a value would be lost; write each name once"
            break
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            pass
    # Not raised inside "except": the errors there quote the text, and would be shown with this one.
    raise InvalidRequestError([f"{field}: {problem}"])


class _RepeatedNameError(Exception):
    """An object has a name twice. Python would take the last value."""


def _json(text: str) -> Any:
    return json.loads(text, parse_float=from_json, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedNameError
    return found


def _python_literal(text: str) -> Any:
    """Read a Python literal. Numbers that become decimals in JSON become decimals here, too."""
    text = text.lstrip(" \t")
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if type(node) is ast.Dict:
            names = [key.value for key in node.keys if type(key) is ast.Constant]
            if len(set(names)) < len(names):
                raise _RepeatedNameError
    return ast.literal_eval(_WithDecimals(text).visit(tree) if _may_be_decimal(text) else tree)


class _WithDecimals(ast.NodeTransformer):
    """Turns the numbers of a literal that have an exponent, or too many digits for a float, into decimals."""

    def __init__(self, text: str) -> None:
        self._lines = _end_of_line.split(text.encode())

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if type(node.value) is float:
            written = self._lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()
            node.value = from_json(written)  # type: ignore[assignment]  # no literal has this type
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        number = self.visit(node.operand)
        if type(getattr(number, "value", None)) is Decimal and isinstance(node.op, ast.USub | ast.UAdd):
            # literal_eval puts a sign before its own types of numbers only.
            return ast.Constant(-number.value if isinstance(node.op, ast.USub) else number.value)
        return node


@forgetful
def read_option(value: Any, field: str) -> Any:
    """
    Read an option that is a list or a mapping; ``None``: it is not given.

    :param value: The option, or the text that it renders to.
    :param field: The option's name, for the error.
    :raises InvalidRequestError: The text is neither JSON nor a Python literal, or it is none.
    """
    read = read_literal(value, field)
    if read is None and value is not None:
        raise InvalidRequestError([f"{field}: its template renders to None; leave the option out instead"])
    return read


def is_missing(value: Any) -> bool:
    """Return whether a value is none, empty or the word None, which a template makes of none."""
    return value is None or (isinstance(value, str) and value.strip() in ("", "None"))


def read_campaign_id(value: Any, task: object) -> str:
    """
    Return the id of one campaign, without spaces around it.

    :param value: The task's ``campaign_id``, rendered.
    :param task: The operator or sensor, for the error.
    :raises InvalidRequestError: There is no id, or there are several.
    """
    if isinstance(value, str) and not is_missing(value):
        return value.strip()
    if not isinstance(value, str):
        problem = type(value).__name__
    else:
        problem = "the word None" if value.strip() else "empty"
    raise InvalidRequestError(
        [
            f"campaign_id: must be the id of one campaign, not {problem}. Check the task or the template "
            "that it comes from. For several campaigns, use "
            f"{type(task).__name__}.partial(...).expand(campaign_id=...)"
        ]
    )


def read_campaign_ids(value: Any) -> list[str]:
    """
    Return the ids of campaigns, each once, without spaces around them.

    :param value: The task's ``campaign_ids``, rendered: an id, or a list of ids, or of lists of ids. Members
        that are none are ignored: a mapped task has one for each of its instances that was skipped.
    :raises InvalidRequestError: A member is not an id.
    """
    ids: dict[str, None] = {}
    problems = list(_take_ids(value, "campaign_ids", ids))
    if problems:
        raise InvalidRequestError(problems)
    return list(ids)


def _take_ids(value: Any, place: str, ids: dict[str, None]) -> Iterator[str]:
    """Add the ids to ``ids``, and yield what is wrong with the others."""
    from airflow_provider_revox.client.ids import id_problem

    if isinstance(value, str) and value.strip()[:1] in ("[", "("):
        value = read_literal(value.strip(), place)
    if is_missing(value):
        return
    if isinstance(value, str):
        if problem := id_problem(value.strip()):
            yield f"{place}: {problem}"
        ids[value.strip()] = None
    elif isinstance(value, Mapping) or not _is_collection(value):
        yield f"{place}: must be the id of a campaign or a list of ids, not {type(value).__name__}"
    else:
        for index, member in enumerate(value):
            yield from _take_ids(member, f"{place}[{index}]", ids)


def read_integer(value: Any) -> Any:
    """Read digits as a whole number; return any other value unchanged, for the check of the request."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def read_retry_config(config: Any) -> Any:
    """Read the digits in a ``call_retry_config`` as numbers, at any depth, and its true and false."""
    if isinstance(config, Mapping):
        return {name: _read_retry_field(name, value) for name, value in config.items()}
    if isinstance(config, (list, tuple)):
        return [read_retry_config(item) for item in config]
    return config


def _read_retry_field(name: Any, value: Any) -> Any:
    if name in NUMERIC_FIELDS:
        return read_integer(value)
    if name == "call_twice_in_a_row" and isinstance(value, str):
        return BOOLEANS.get(value, value)
    return read_retry_config(value)
