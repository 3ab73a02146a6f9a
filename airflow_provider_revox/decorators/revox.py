"""``@task.revox_campaign``: the function returns contacts, the task is the campaign."""

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
from airflow_provider_revox.operators.revox import CreateCampaignOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context, TaskDecorator


class Arguments:
    """
    What a function is called with, once it is rendered. Airflow shows template fields; this shows nothing.

    :param value: The arguments.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "arguments"


class HiddenArguments:
    """A template field that Airflow may see as it was written, and is kept from showing once it is data."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_hidden_{name}"

    def __get__(self, operator: Any, owner: type) -> Any:
        return self if operator is None else getattr(operator, self._name)

    def __set__(self, operator: Any, value: Any) -> None:
        # Set for the first time by the constructor, and then by Airflow when it has rendered it.
        written = self._name not in vars(operator) or isinstance(value, Arguments)
        setattr(operator, self._name, value if written else Arguments(value))


class RevoxCampaignDecoratedOperator(DecoratedOperator, CreateCampaignOperator):
    """
    Calls the people whom a function returns.

    What it returns never leaves the worker: it is no XCom and in no log. What it is called with is not shown
    either.

    :param python_callable: Returns contacts, as ``CreateCampaignOperator`` takes them.
    :param op_args: Its positional arguments.
    :param op_kwargs: Its named arguments.
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
        # The result is the campaign's id, whatever the function is annotated to return.
        kwargs["multiple_outputs"] = False
        super().__init__(
            python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, contacts=(), **kwargs
        )

    def execute(self, context: Context) -> str | None:
        """Ask the function whom to call, and call them."""
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

    At a retry the function runs again; if its campaign is launched already, that stands, whatever it returns.

    :param python_callable: The function.
    :param kwargs: All that :class:`CreateCampaignOperator` takes, but ``contacts``.
    """
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=RevoxCampaignDecoratedOperator, **kwargs
    )
