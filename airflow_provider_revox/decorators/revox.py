"""``@task.revox_campaign``: a function returns contacts, and the task launches them as a campaign."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Collection, Mapping, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowException,
    DecoratedOperator,
    XComArg,
    context_merge,
    determine_kwargs,
    task_decorator_factory,
)

from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.operators.create import CreateCampaignOperator

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context, TaskDecorator


class Arguments:
    """
    The arguments of a function. Airflow shows template fields, and this shows nothing of them.

    :param value: The arguments.
    :param rendered: Whether the templates in them are rendered.
    """

    def __init__(self, value: Any, *, rendered: bool) -> None:
        self.value = value
        self.rendered = rendered

    def __repr__(self) -> str:
        return "arguments"


class HiddenArguments:
    """A template field of which Airflow shows nothing, neither in the stored DAG nor once it is rendered."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_hidden_{name}"

    def __get__(self, operator: Any, owner: type) -> Any:
        return self if operator is None else getattr(operator, self._name)

    def __set__(self, operator: Any, value: Any) -> None:
        # The constructor sets the field first. Airflow sets it again when it has rendered it.
        if not isinstance(value, Arguments):
            value = Arguments(value, rendered=self._name in vars(operator))
        setattr(operator, self._name, value)


class RevoxCampaignDecoratedOperator(DecoratedOperator, CreateCampaignOperator):
    """
    Calls the people that a function returns.

    The contacts never leave the worker: they are in no XCom and in no log. The function's arguments are not
    shown either.

    :param python_callable: The function, which may be asynchronous. It returns contacts, as
        ``CreateCampaignOperator`` takes them.
    :param op_args: The positional arguments of the function.
    :param op_kwargs: The named arguments of the function.
    """

    op_args: Any = HiddenArguments()
    op_kwargs: Any = HiddenArguments()

    template_fields: Sequence[str] = (
        *DecoratedOperator.template_fields,
        *(name for name in CreateCampaignOperator.template_fields if name != "contacts"),
    )
    template_fields_renderers = CreateCampaignOperator.template_fields_renderers
    custom_operator_name = "@task.revox_campaign"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        # The task returns the campaign's id, whatever the function's annotation says.
        kwargs["multiple_outputs"] = False
        super().__init__(
            python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, contacts=(), **kwargs
        )
        if not getattr(self, "_BaseOperator__from_mapped", False):
            # Airflow looks for the tasks before this one in the fields that it can see.
            for arguments in (self.op_args, self.op_kwargs):
                XComArg.apply_upstream_relationship(self, arguments.value)

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """
        Render a value. The arguments of the function stay wrapped, and no error shows them.

        An argument may have any type, and may be none.
        """
        if not isinstance(content, Arguments):
            return super().render_template(content, context, jinja_env, seen_oids)
        if content.rendered:
            return content
        self.keeps_types = True
        try:
            value = super().render_template(content.value, context, jinja_env, seen_oids)
        except Exception as error:  # a template may raise anything
            problem = type(error).__name__
        else:
            return Arguments(value, rendered=True)
        finally:
            self.keeps_types = False
        # Raised here: the error above may quote a template, and a template may hold a contact.
        raise AirflowException(f"the arguments of the function can't be rendered: {problem}")

    def execute(self, context: Context) -> str:
        """Run the function, and launch a campaign with the contacts that it returns."""
        op_args, op_kwargs = self.op_args.value, self.op_kwargs.value
        context_merge(context, op_kwargs)
        kwargs = determine_kwargs(self.python_callable, op_args, context)
        contacts = self.python_callable(*op_args, **kwargs)
        if isawaitable(contacts) or isinstance(contacts, AsyncIterable):
            contacts = asyncio.run(_awaited(contacts))
        self.contacts = ContactSource(contacts, rendered=True)
        return CreateCampaignOperator.execute(self, context)


async def _awaited(contacts: Any) -> Any:
    """Return what an asynchronous function returns, or everything that it yields."""
    if isawaitable(contacts):
        contacts = await contacts
    return [record async for record in contacts] if isinstance(contacts, AsyncIterable) else contacts


def revox_campaign_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
    """
    Make a campaign of a function that returns contacts: ``@task.revox_campaign(assistant_id=..., name=...)``.

    At a retry the function runs again. If its campaign is launched already, the task adopts that campaign,
    whatever the function returns.

    :param python_callable: The function.
    :param kwargs: The arguments of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`, except ``contacts``.
    """
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=RevoxCampaignDecoratedOperator, **kwargs
    )
