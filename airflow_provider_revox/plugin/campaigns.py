"""Read which campaigns the tasks of this Airflow have recorded, and what they have recorded of them."""

from __future__ import annotations

import json
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
from airflow_provider_revox.client.timestamps import seconds_since_1970, utc_text
from airflow_provider_revox.client.words import is_word
from airflow_provider_revox.plugin.plain import counts_of, is_web_address
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Point, joined, points_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST_TASKS_AT_ONCE = 200
"""How many tasks one query asks about: a longer one may be too long for a database."""
ROLES = ("launch", "wait")


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
class Campaign:
    """
    A campaign that tasks have recorded.

    :param since: When the first of the tasks recorded it.
    :param tasks: Its tasks, those that launched it first.
    :param last: The last point that a task has recorded, if any has.
    """

    campaign_id: str
    name: str
    revox_conn_id: str
    url: str | None
    since: str
    tasks: tuple[Task, ...]
    last: Point | None = None

    def visible_to(self, dag_ids: Collection[str]) -> Campaign | None:
        """Return the campaign with the tasks of these DAGs; ``None`` if it has none of them."""
        tasks = tuple(task for task in self.tasks if task.dag_id in dag_ids)
        return replace(self, tasks=tasks) if tasks else None


@dataclass
class Recorded:
    """What the tasks of one campaign have recorded besides: the values of their XComs, by key."""

    xcoms: dict[str, list[Any]] = field(default_factory=dict)

    def first(self, key: str) -> Any:
        """Return the value of the first task that has one."""
        return next(iter(self.xcoms.get(key, [])), None)


def read_campaigns(session: Session, campaign_id: str | None = None) -> list[Campaign]:
    """
    Return the campaigns of all tasks of all DAGs, the latest first. One query.

    :param campaign_id: Only this campaign.
    """
    progress = aliased(XComModel)
    query = (
        select(
            XComModel.dag_id,
            XComModel.run_id,
            XComModel.task_id,
            XComModel.map_index,
            XComModel.value,
            TaskInstance.state,
            _last_item(session, progress.value),
        )
        .join(TaskInstance, _same_task(TaskInstance), isouter=True)
        .join(progress, and_(_same_task(progress), progress.key == PROGRESS_KEY), isouter=True)
        .where(XComModel.key == CAMPAIGN_KEY)
    )
    if campaign_id is not None:
        query = query.where(cast(XComModel.value, Text).contains(campaign_id, autoescape=True))
    found: dict[str, list[tuple[dict[str, Any], Task, Point | None]]] = {}
    for dag_id, run_id, task_id, map_index, value, state, last in session.execute(query):
        record = _record(value)
        if record is None or campaign_id not in (None, record["campaign_id"]):
            continue
        task = Task(dag_id, run_id, task_id, map_index, record["role"], state and str(state))
        found.setdefault(record["campaign_id"], []).append((record, task, _point(last)))
    campaigns = [_campaign(rows) for rows in found.values()]
    return sorted(campaigns, key=lambda campaign: (campaign.since, campaign.campaign_id), reverse=True)


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


def _same_task(model: Any) -> ColumnElement[bool]:
    return and_(
        model.dag_id == XComModel.dag_id,
        model.run_id == XComModel.run_id,
        model.task_id == XComModel.task_id,
        model.map_index == XComModel.map_index,
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


def _record(value: Any) -> dict[str, Any] | None:
    """Return a record of ours. A task of anybody may push an XCom with this key, and whatever value."""
    if not isinstance(value, dict):
        return None
    texts = ("campaign_id", "revox_conn_id", "since")
    if not all(isinstance(value.get(name), str) for name in texts) or value.get("role") not in ROLES:
        return None
    if id_problem(value["campaign_id"]) or seconds_since_1970(value["since"]) is None:
        return None
    return value


def _campaign(rows: list[tuple[dict[str, Any], Task, Point | None]]) -> Campaign:
    rows.sort(key=lambda row: (ROLES.index(row[1].role), row[0]["since"], row[1].key))
    record = rows[0][0]
    names = [row["name"] for row, _, _ in rows if isinstance(row.get("name"), str) and row["name"]]
    points = [point for _, _, point in rows if point is not None]
    url = record.get("url")
    return Campaign(
        campaign_id=record["campaign_id"],
        name=shown_name(names[0]) if names else "",
        revox_conn_id=record["revox_conn_id"],
        url=url if is_web_address(url) else None,
        since=min(row["since"] for row, _, _ in rows),
        tasks=tuple(task for _, task, _ in rows),
        last=max(points, key=lambda point: str(point["at"]), default=None),
    )


def _point(text: str | None) -> Point | None:
    try:
        value = json.loads(text or "null")
    except ValueError:
        return None
    return _clean_point(value) if points_of([value]) else None


def _clean_point(point: Point) -> Point | None:
    """Return a point with counts alone; ``None`` if it is none."""
    seconds = seconds_since_1970(point["at"])
    if seconds is None:
        return None

    state = point["state"] if isinstance(point["state"], str) and is_word(point["state"]) else "unknown"
    return {"at": utc_text(seconds), "state": state, "counts": counts_of(point["counts"])}


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment.timestamp()) if moment else None
