"""A template field for contacts, which Airflow renders and shows, without their ever being seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator, XComArg

from airflow_provider_revox.contacts.field import Contacts

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context

MAX_LITERAL = 1000


class ContactsOperator(BaseOperator):
    """Base of operators with the template field ``contacts``."""

    def take_contacts(self, contacts: Any) -> None:
        """
        Take what the author of the DAG gave: a literal, a template or the output of a task.

        :raises ValueError: A list that mixes both: Airflow would show its literal part.
        """
        if hasattr(contacts, "iter_references"):  # an XComArg, which Airflow must see to order the tasks
            self._contacts = contacts
        elif _holds_output(contacts):
            raise ValueError(
                "contacts must be the output of a task as a whole, or a literal without one; "
                "put the list together in a task"
            )
        else:
            self._contacts = Contacts(contacts)

    @property
    def contacts(self) -> Any:
        """The contacts, in a wrapper that shows their number only."""
        return self._contacts

    @contacts.setter
    def contacts(self, value: Any) -> None:
        # Airflow sets a template field when it has rendered it: from here on this is data.
        keep = isinstance(value, Contacts) or hasattr(value, "iter_references")
        self._contacts = value if keep else Contacts(value, rendered=True)

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value; contacts stay wrapped, and those that came from another task stay as they are."""
        if not isinstance(content, Contacts):
            return super().render_template(content, context, jinja_env, seen_oids)
        if content.rendered or (_is_mapped(context) and not isinstance(content.value, str)):
            return Contacts(content.value, rendered=True)
        try:
            value = super().render_template(content.value, context, jinja_env, seen_oids)
        except Exception as error:
            # The error itself may quote the template, and the template may hold a contact.
            raise AirflowFailException(
                f"contacts: the template can't be rendered: {type(error).__name__}"
            ) from None
        return Contacts(value, rendered=True)


def _is_mapped(context: Context) -> bool:
    """Whether a list is another task's data, in which a customer's name must not run as a template."""
    map_index = context["ti"].map_index
    return map_index is not None and map_index >= 0


def _holds_output(contacts: Any) -> bool:
    # Longer lists are data; looking through them would take its time.
    literal = isinstance(contacts, (list, tuple)) and len(contacts) <= MAX_LITERAL
    return literal and any(True for _ in XComArg.iter_xcom_references(contacts))
