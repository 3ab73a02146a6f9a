"""The contacts of an operator: taken, rendered, shown as a count, made a call list, accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator, XComArg

from airflow_provider_revox.contacts.options import (
    NOT_GIVEN,
    ContactOptions,
    NumberCheck,
    OnDuplicate,
    OnInvalid,
    one_of,
)
from airflow_provider_revox.contacts.prepare import Intake
from airflow_provider_revox.contacts.source import ContactSource

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.contacts.call_list import CallList, Suppressed

MAX_LITERAL = 1000
OnEmpty = Literal["skip", "fail"]


class HiddenField:
    """A template field that holds people: Airflow renders and shows it, and what it shows is a count."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_hidden_{name}"

    def __get__(self, operator: Any, owner: type) -> Any:
        return self if operator is None else getattr(operator, self._name)

    def __set__(self, operator: Any, value: Any) -> None:
        # Airflow sets a template field when it has rendered it: from here on this is data, and None is what
        # another task returned. Before, it says that nothing was given.
        not_given = value is None and self._name not in vars(operator)
        keep = not_given or isinstance(value, ContactSource) or hasattr(value, "iter_references")
        setattr(operator, self._name, value if keep else ContactSource(value, rendered=True))


class ContactsOperator(BaseOperator):
    """Base of operators that call people; its arguments are described there."""

    contacts = HiddenField()
    suppress = HiddenField()

    def __init__(
        self,
        *,
        contacts: Any,
        phone_field: str | None = None,
        variable_fields: Sequence[str] | Mapping[str, str] | str | None = None,
        variable_default: str | None = None,
        default_region: str | None = None,
        region_field: str | None = None,
        check_numbers: NumberCheck = "valid",
        on_duplicate: OnDuplicate = "first",
        on_invalid: OnInvalid = "fail",
        on_empty: OnEmpty = "skip",
        suppress: Any = NOT_GIVEN,
        skip_do_not_contact: bool | None = None,
        not_called_within: float | timedelta | None = None,
        max_contacts: int | str | None = None,
        report_path: str | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.contacts = authored(contacts, "contacts")
        self.phone_field = phone_field
        self.variable_fields = variable_fields
        self.variable_default = variable_default
        self.default_region = default_region
        self.region_field = region_field
        self.check_numbers = one_of(NumberCheck, check_numbers, "check_numbers")
        self.on_duplicate = one_of(OnDuplicate, on_duplicate, "on_duplicate")
        self.on_invalid = one_of(OnInvalid, on_invalid, "on_invalid")
        self.on_empty = one_of(OnEmpty, on_empty, "on_empty")
        self.suppress = None if suppress is NOT_GIVEN else authored(suppress, "suppress")
        self.skip_do_not_contact = skip_do_not_contact
        self.not_called_within = not_called_within
        self.max_contacts = max_contacts
        self.report_path = report_path
        self.encoding = encoding
        self.delimiter = delimiter
        self.contact_options()  # now, while what is wrong in them is an error of the DAG file

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value; contacts stay wrapped, and those that came from another task stay as they are."""
        if not isinstance(content, ContactSource):
            return super().render_template(content, context, jinja_env, seen_oids)
        if content.rendered or (is_mapped(context) and not _is_template(content.value)):
            return ContactSource(content.value, rendered=True)
        try:
            value = super().render_template(content.value, context, jinja_env, seen_oids)
        except Exception as error:  # whatever a template raises
            problem = type(error).__name__
        else:
            return ContactSource(value, rendered=True)
        # Raised here: the error above may quote the template, and the template may hold a contact.
        raise AirflowFailException(f"contacts: the template can't be rendered: {problem}")

    def contact_options(self) -> ContactOptions:
        """Return what is to be done to the contacts."""
        given = {each.name: getattr(self, each.name) for each in fields(ContactOptions)}
        if given["suppress"] is None:
            del given["suppress"]
        return ContactOptions(**given)

    def call_list(
        self, context: Context, check: Suppressed, suppressed: Mapping[str, int] | None = None
    ) -> CallList:
        """
        Read, check and account for the contacts; the report goes to XCom, the log and ``report_path``.

        :param check: Says whom of them not to call.
        :param suppressed: Records that were left out already, by reason, for the report.
        :raises InvalidRequestError: A record can't be called, and ``on_invalid`` is ``"fail"``; or there are
            more than ``max_contacts``.
        """
        intake = Intake(self.contacts, self.contact_options(), check)
        intake.builder.report.suppressed_by_reason.update(suppressed or {})
        contacts = intake.call_list()
        intake.account(context["ti"].xcom_push, self.log)
        return contacts

    def bound_to_batch(self, launch_key: str, context: Context) -> str:
        """
        Return the key of the launch; with a batch it is bound to that, and not to its place in a list.

        :param launch_key: As rendered. The default's map index is left out then.
        """
        from airflow_provider_revox.batches.batch_folder import batch_of

        batch, ti = batch_of(self.contacts.value), context["ti"]
        if batch is None:
            return launch_key
        # The batch knows its run, or the key that stands for more than one.
        return batch if launch_key == f"{ti.run_id}/{ti.map_index}" else f"{launch_key}/{batch}"


def authored(value: Any, name: str) -> Any:
    """
    Take what the author of the DAG gave: a literal, a template or the output of a task.

    :raises ValueError: A list that mixes both: Airflow would show its literal part.
    """
    if hasattr(value, "iter_references"):  # an XComArg, which Airflow must see to order the tasks
        return value
    # Longer lists are data; looking through them would take its time.
    literal = isinstance(value, (list, tuple)) and len(value) <= MAX_LITERAL
    if literal and any(True for _ in XComArg.iter_xcom_references(value)):
        raise ValueError(
            f"{name} must be the output of a task as a whole, or a literal without one; "
            "put the list together in a task"
        )
    # Airflow copies operators, and a try reads them again: nothing may be used up.
    return ContactSource(list(value) if isinstance(value, Iterator) else value)


def _is_template(value: Any) -> bool:
    """Whether text of a mapped task may be rendered: text of records is data, whatever stands in it."""
    return isinstance(value, str) and re.match(r"\s*(?:\{(?![{%])|\[)", value) is None


def is_mapped(context: Context) -> bool:
    """Whether values may be another task's data, in which a customer's name must not run as a template."""
    map_index = context["ti"].map_index
    return map_index is not None and map_index >= 0
