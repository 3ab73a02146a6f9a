"""Read which campaigns the tasks of this Airflow have recorded, and what they have recorded of them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.models.taskinstance import TaskInstance
from airflow.models.taskinstancehistory import TaskInstanceHistory
from airflow.models.xcom import XComModel
from sqlalchemy import Text, and_, cast, func, select, tuple_
from sqlalchemy.orm import aliased

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY, shown_name
from airflow_provider_revox.client.ids import id_problem
from airflow_provider_revox.client.timestamps import utc_text
from airflow_provider_revox.plugin.plain import counts_of, is_web_address, moment_of, word_of
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Point, joined, points_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST_TASKS_AT_ONCE = 200
"""How many tasks one query asks about: a longer one may be too long for a database."""
MOST_RECORDS = 5_000
"""How many records of campaigns the list looks at: the newest."""
ROLES = ("launch", "wait")
is_conn_id = re.compile(r"[\w#!()\-.:/\\]{1,250}").fullmatch
"""The ids that Airflow accepts for connections: see ``sanitize_conn_id``."""


@dataclass(frozen=True)
class Task:
    """A task that has recorded a campaign."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    role: str
    state: str | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the task instance."""
        return (self.dag_id, self.run_id, self.task_id, self.map_index)


@dataclass(frozen=True)
class Record:
    """
    What one task has recorded of its campaign. A task may record whatever it likes.

    :param last: The JSON text of its last point of progress, if it has one.
    """

    campaign_id: str
    name: str
    revox_conn_id: str
    url: str | None
    since: str
    task: Task
    last: str | None

    @property
    def folded_id(self) -> str:
        """The id as it is compared to say who launched the campaign: Revox may not tell ``a`` from ``A``."""
        return self.campaign_id.casefold()


@dataclass(frozen=True)
class Campaign:
    """
    A campaign of one connection, as the tasks that the user may see have recorded it.

    :param since: When the first of the tasks recorded it.
    :param tasks: Its tasks, those that launched it first.
    :param launching_dag_ids: The DAGs of all tasks that say they launched a campaign with this id, also DAGs
        that the user may not see.
    :param last: The last point that a task has recorded, if any has.
    """

    campaign_id: str
    name: str
    revox_conn_id: str
    url: str | None
    since: str
    tasks: tuple[Task, ...]
    launching_dag_ids: frozenset[str]
    last: Point | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names the campaign: two connections may have one with the same id."""
        return (self.campaign_id, self.revox_conn_id)


@dataclass
class Recorded:
    """What the tasks of one campaign have recorded besides: the values of their XComs, by key."""

    xcoms: dict[str, list[Any]] = field(default_factory=dict)

    def first(self, key: str) -> Any:
        """Return the value of the first task that has one."""
        return next(iter(self.xcoms.get(key, [])), None)


def read_records(session: Session, campaign_id: str | None = None) -> list[Record]:
    """
    Return what the tasks of all DAGs have recorded. One query.

    :param campaign_id: Only records of this campaign, but all of them. Without it: the newest
        :data:`MOST_RECORDS`.
    """
    chosen = select(XComModel).where(XComModel.key == CAMPAIGN_KEY)
    if campaign_id is None:
        chosen = chosen.order_by(XComModel.timestamp.desc()).limit(MOST_RECORDS)
    else:
        chosen = chosen.where(cast(XComModel.value, Text).icontains(campaign_id, autoescape=True))
    xcom, progress = aliased(XComModel, chosen.subquery()), aliased(XComModel)
    query = (
        select(
            xcom.dag_id,
            xcom.run_id,
            xcom.task_id,
            xcom.map_index,
            xcom.value,
            TaskInstance.state,
            _last_item(session, progress.value),
        )
        .join(TaskInstance, _same_task(TaskInstance, xcom), isouter=True)
        .join(progress, and_(_same_task(progress, xcom), progress.key == PROGRESS_KEY), isouter=True)
    )
    records = []
    for dag_id, run_id, task_id, map_index, value, state, last in session.execute(query):
        task = Task(dag_id, run_id, task_id, map_index, "wait", state and str(state))
        record = _record(value, task, last)
        if record is not None and (campaign_id is None or record.folded_id == campaign_id.casefold()):
            records.append(record)
    return records


def campaigns_of(records: Iterable[Record], dag_ids: Collection[str]) -> list[Campaign]:
    """
    Return the campaigns that tasks of these DAGs have recorded, the latest first.

    :param records: Those of all DAGs.
    :param dag_ids: What the user may read. Records of other DAGs only say who launched a campaign.
    """
    launching: dict[str, set[str]] = {}
    visible: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.task.role == "launch":
            launching.setdefault(record.folded_id, set()).add(record.task.dag_id)
        if record.task.dag_id in dag_ids:
            visible.setdefault((record.campaign_id, record.revox_conn_id), []).append(record)
    campaigns = [_campaign(found, launching.get(found[0].folded_id, set())) for found in visible.values()]
    return sorted(campaigns, key=lambda one: (one.since, *one.key), reverse=True)


def read_recorded(
    session: Session, tasks: Iterable[Task], keys: Collection[str]
) -> dict[tuple[str, str, str, int], Recorded]:
    """Return the XComs with these keys, by task."""
    found: dict[tuple[str, str, str, int], Recorded] = {}
    columns = (XComModel.dag_id, XComModel.run_id, XComModel.task_id, XComModel.map_index)
    for chunk in _chunks(tasks):
        query = select(*columns, XComModel.key, XComModel.value).where(
            XComModel.key.in_(keys), tuple_(*columns).in_([task.key for task in chunk])
        )
        for dag_id, run_id, task_id, map_index, key, value in session.execute(query):
            recorded = found.setdefault((dag_id, run_id, task_id, map_index), Recorded())
            recorded.xcoms.setdefault(key, []).append(value)
    return found


def read_progress(session: Session, tasks: Iterable[Task]) -> list[Point]:
    """Return the progress over time that these tasks have recorded together."""
    points: list[Point] = []
    for recorded in read_recorded(session, tasks, [PROGRESS_KEY]).values():
        for point in points_of(recorded.first(PROGRESS_KEY)):
            if (clean := _clean_point(point)) is not None:
                points.append(clean)
    return joined(points, [])


def read_tries(session: Session, tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Return the tries of these tasks, the earliest first."""
    tries: dict[tuple[Any, ...], dict[str, Any]] = {}
    for chunk in _chunks(tasks):
        for model in (TaskInstanceHistory, TaskInstance):
            columns = (model.dag_id, model.run_id, model.task_id, model.map_index)
            query = select(*columns, model.try_number, model.state, model.start_date, model.end_date)
            query = query.where(tuple_(*columns).in_([task.key for task in chunk]))
            for dag_id, run_id, task_id, map_index, number, state, start, end in session.execute(query):
                if number < 1:
                    continue
                tries[(dag_id, run_id, task_id, map_index, number)] = {
                    "dag_id": dag_id,
                    "run_id": run_id,
                    "task_id": task_id,
                    "map_index": map_index,
                    "try_number": number,
                    "state": state and str(state),
                    "started_at": _text(start),
                    "ended_at": _text(end),
                }
    return sorted(tries.values(), key=lambda one: (one["started_at"] or "~", one["try_number"]))


def _same_task(model: Any, xcom: Any) -> ColumnElement[bool]:
    return and_(
        model.dag_id == xcom.dag_id,
        model.run_id == xcom.run_id,
        model.task_id == xcom.task_id,
        model.map_index == xcom.map_index,
    )


def _last_item(session: Session, column: Any) -> ColumnElement[Any]:
    """Return the JSON text of the last item of a list: the list itself may be long, and there are many."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        return cast(column.op("->")(-1), Text)
    return cast(func.json_extract(column, "$[#-1]" if dialect == "sqlite" else "$[last]"), Text)


def _chunks(tasks: Iterable[Task]) -> Iterable[list[Task]]:
    listed = list(tasks)
    for start in range(0, len(listed), MOST_TASKS_AT_ONCE):
        yield listed[start : start + MOST_TASKS_AT_ONCE]


def _record(value: Any, task: Task, last: str | None) -> Record | None:
    """Return a record of ours. A task of anybody may push an XCom with this key, and whatever value."""
    if not isinstance(value, dict) or value.get("role") not in ROLES:
        return None
    campaign_id, conn_id = value.get("campaign_id"), value.get("revox_conn_id")
    name, url, since = value.get("name"), value.get("url"), moment_of(value.get("since"))
    if not isinstance(campaign_id, str) or id_problem(campaign_id):
        return None
    if not isinstance(conn_id, str) or not is_conn_id(conn_id) or since is None:
        return None
    return Record(
        campaign_id=campaign_id,
        name=shown_name(name) if isinstance(name, str) else "",
        revox_conn_id=conn_id,
        url=url if is_web_address(url) else None,
        since=since,
        task=replace(task, role=value["role"]),
        last=last,
    )


def _campaign(records: list[Record], launching_dag_ids: Collection[str]) -> Campaign:
    records.sort(key=lambda one: (ROLES.index(one.task.role), one.since, one.task.key))
    points = [point for one in records if (point := _point(one.last)) is not None]
    return Campaign(
        campaign_id=records[0].campaign_id,
        name=next((one.name for one in records if one.name), ""),
        revox_conn_id=records[0].revox_conn_id,
        url=records[0].url,
        since=min(one.since for one in records),
        tasks=tuple(one.task for one in records),
        launching_dag_ids=frozenset(launching_dag_ids),
        last=max(points, key=lambda point: str(point["at"]), default=None),
    )


def _point(text: str | None) -> Point | None:
    try:
        value = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    return _clean_point(value) if points_of([value]) else None


def _clean_point(point: Point) -> Point | None:
    """Return a point with counts alone; ``None`` if it is none."""
    at = moment_of(point["at"])
    if at is None:
        return None
    return {"at": at, "state": word_of(point["state"]) or "unknown", "counts": counts_of(point["counts"])}


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment.timestamp()) if moment else None
