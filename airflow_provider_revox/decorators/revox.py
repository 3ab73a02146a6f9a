"""``@task.revox_campaign``: a function returns contacts, and the task launches them as a campaign."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    DecoratedOperator,
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
    The rendered arguments of a function. Airflow shows template fields, and this shows nothing of them.

    :param value: The arguments.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "arguments"


class HiddenArguments:
    """A template field that Airflow shows as it is written in the DAG file, and not once it is rendered."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_hidden_{name}"

    def __get__(self, operator: Any, owner: type) -> Any:
        return self if operator is None else getattr(operator, self._name)

    def __set__(self, operator: Any, value: Any) -> None:
        # The constructor sets the field first. Airflow sets it again when it has rendered it.
        written = self._name not in vars(operator) or isinstance(value, Arguments)
        setattr(operator, self._name, value if written else Arguments(value))


class RevoxCampaignDecoratedOperator(DecoratedOperator, CreateCampaignOperator):
    """
    Call the people that a function returns.

    The contacts never leave the worker: they are in no XCom and in no log. The function's arguments are not
    shown either.

    :param python_callable: The function. It returns contacts, as ``CreateCampaignOperator`` takes them.
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

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value. An argument of the function may have any type, and may be none."""
        if content is not self.op_args and content is not self.op_kwargs:
            return super().render_template(content, context, jinja_env, seen_oids)
        self.keeps_types = True
        try:
            return super().render_template(content, context, jinja_env, seen_oids)
        finally:
            self.keeps_types = False

    def execute(self, context: Context) -> str | None:
        """Run the function, and launch a campaign with the contacts that it returns."""
        op_args, op_kwargs = _given(self.op_args), _given(self.op_kwargs)
        context_merge(context, op_kwargs)
        kwargs = determine_kwargs(self.python_callable, op_args, context)
        self.contacts = ContactSource(self.python_callable(*op_args, **kwargs), rendered=True)
        return CreateCampaignOperator.execute(self, context)


def _given(arguments: Any) -> Any:
    return arguments.value if isinstance(arguments, Arguments) else arguments


def revox_campaign_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
    """
    Make a campaign of a function that returns contacts: ``@task.revox_campaign(assistant_id=..., name=...)``.

    At a retry the function runs again. If its campaign is launched already, the task adopts that campaign,
    whatever the function returns.

    :param python_callable: The function.
    :param kwargs: The arguments of :class:`CreateCampaignOperator`, except ``contacts``.
    """
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=RevoxCampaignDecoratedOperator, **kwargs
    )
