"""Collect, while a task runs, what its OpenLineage event will say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_revox.files.lineage import FilesUsed, files_used

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage


@dataclass
class Lineage:
    """
    Holds the facts of one try. They are plain values with nothing personal in them.

    :param files: The files that the task has read and written.
    :param campaign: The fields of the facet: ids, words and counts.
    """

    files: FilesUsed = field(default_factory=FilesUsed)
    campaign: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as a trigger carries them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Any) -> Lineage:
        """Read what a trigger carried. What can't be read is left out: no task fails because of it."""
        facts = facts if isinstance(facts, dict) else {}
        files, campaign = facts.get("files"), facts.get("campaign")
        files = files if isinstance(files, dict) else {}
        used = FilesUsed(_texts(files.get("inputs")), _texts(files.get("outputs")))
        return cls(used, campaign if isinstance(campaign, dict) else {})


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


class LineageTask(BaseOperator):
    """Base of tasks that OpenLineage gets facts of. Airflow needs no OpenLineage to run them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lineage = Lineage()

    @contextmanager
    def collecting_lineage(self) -> Iterator[None]:
        """Note the files that the task uses, for this try."""
        self.lineage = Lineage()
        with files_used(self.lineage.files):
            yield

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any]:
        """
        Return what OpenLineage gets when the task has ended, also if it has failed.

        The OpenLineage provider calls this, and nothing else does.
        """
        from airflow_provider_revox.lineage.openlineage import operator_lineage

        return operator_lineage(self.lineage.files, self.lineage.campaign)
