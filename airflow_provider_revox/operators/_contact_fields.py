"""Template fields that hold people: Airflow renders and stores them, and shows only a count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, XComArg

from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.templating import TemplatedOperator

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context

MAX_LITERAL = 1000
"""
How many items of a literal list are searched for XComArgs. A longer list is data, and the search takes time.
"""


class ContactField:
    """A template field that holds people. Airflow shows only their count."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_hidden_{name}"

    def __get__(self, operator: Any, owner: type) -> Any:
        return self if operator is None else getattr(operator, self._name)

    def __set__(self, operator: Any, value: Any) -> None:
        # The constructor sets the field first: None means that the user gave nothing. Later, Airflow sets it
        # to the rendered value: None is then what another task returned.
        not_given = value is None and self._name not in vars(operator)
        keep = not_given or isinstance(value, ContactSource) or hasattr(value, "iter_references")
        setattr(operator, self._name, value if keep else ContactSource(value, rendered=True))


class ContactFieldsOperator(TemplatedOperator):
    """Base of operators with a :class:`ContactField`: renders it without showing what is in it."""

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value. Contacts stay wrapped. Contacts of another task are data and stay as they are."""
        if not isinstance(content, ContactSource):
            return super().render_template(content, context, jinja_env, seen_oids)
        if content.rendered or (is_mapped(context) and not _may_be_template(content.value)):
            return ContactSource(content.value, rendered=True)
        try:
            value = super().render_template(content.value, context, jinja_env, seen_oids)
        except Exception as error:  # a template may raise anything
            problem = type(error).__name__
        else:
            return ContactSource(value, rendered=True)
        # Raised here: the error above may quote the template, and the template may hold a contact.
        raise AirflowFailException(f"contacts: the template can't be rendered: {problem}")


def contact_source(value: Any, name: str) -> Any:
    """
    Wrap what the author of the DAG gave: a literal or a template. The output of a task stays as it is.

    :param name: The name of the argument, for the error.
    :raises ValueError: A list mixes records with the output of a task: Airflow would show its records.
    """
    if hasattr(value, "iter_references"):  # an XComArg, which Airflow must see to order the tasks
        return value
    is_short_list = isinstance(value, (list, tuple)) and len(value) <= MAX_LITERAL
    if is_short_list and any(True for _ in XComArg.iter_xcom_references(value)):
        raise ValueError(
            f"{name} must be the output of a task as a whole, or a literal without one; "
            "put the list together in a task"
        )
    # Airflow copies operators, and each try reads the records again: an iterator would be used up.
    return ContactSource(list(value) if isinstance(value, Iterator) else value)


def _may_be_template(value: Any) -> bool:
    """Return whether text of a mapped task may be rendered. Text of records begins with a bracket."""
    return isinstance(value, str) and re.match(r"\s*(?:\{(?![{%])|\[)", value) is None


def is_mapped(context: Context) -> bool:
    """Return whether the task is mapped. Its values may be data, in which no template must run."""
    map_index = context["ti"].map_index
    return map_index is not None and map_index >= 0
