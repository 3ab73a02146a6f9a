"""Large lists: one list becomes many files, and each file one campaign."""

from __future__ import annotations

import logging
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import conf, get_current_context

from airflow_provider_revox.batches.batch_folder import BatchFolder, Manifest, folder_name
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import REPORT_KEY, PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

log = logging.getLogger("airflow.task")

_used: tuple[Context | None, set[str]] = (None, set())  # by the task that runs here


def contact_batches(
    contacts: Any,
    *,
    to: str,
    batch_size: int = 10_000,
    key: str | None = None,
    revox_conn_id: str = RevoxHook.default_conn_name,
    **options: Any,
) -> list[str]:
    """
    Cut a list of contacts of any length into files, each for a campaign of its own.

    Call it in a task, return what it returns, and map :class:`CreateCampaignOperator` over that::

        @task
        def batches():
            return contact_batches("s3://crm/due.csv", to="s3://crm/batches", phone_field="phone")


        CreateCampaignOperator.partial(task_id="call", assistant_id="...", name="Renewals").expand(
            contacts=batches()
        )

    Numbers, variables, duplicates across the whole list, suppression, invalid records, report and
    ``max_contacts`` are dealt with here, as the operator does; it needs no option for contacts then. Nothing
    is written before the whole list is known to be right. The first list stands: a retry, or the task
    cleared, returns the same files, whatever the source holds by now.

    :param contacts: As the operator takes them: a list of records, or the path or URL of a file; or what
        yields records, which is read one by one.
    :param to: The folder for the files, a path or URL that the tasks which call can read, too; the same one
        in every try. The files hold people's data: delete them when no task of the run will be tried again.
    :param batch_size: Contacts per campaign, at most.
    :param key: What makes this list the same list, within this DAG, task and map index. Default: the run. A
        task that makes several lists gives each a key; outside of a task it is needed.
    :param revox_conn_id: The Airflow connection for the phone history. It is read here only with
        ``skip_do_not_contact=True`` or ``not_called_within``; the operator reads it anyway when it launches a
        batch, and then it is newer.
    :param options: ``phone_field``, ``variable_fields``, ``variable_default``, ``default_region``,
        ``region_field``, ``check_numbers``, ``on_duplicate``, ``on_invalid``, ``suppress``,
        ``skip_do_not_contact``, ``not_called_within``, ``max_contacts``, ``report_path``, ``encoding`` and
        ``delimiter``, as :class:`CreateCampaignOperator` takes them.
    :return: The files' URLs; none if there is nobody to call.
    :raises RevoxRefusedError: A record can't be called, there are too many, or an option can't be; nothing
        was written. Airflow does not retry it.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    texts = {"key": key, **{name: value for name, value in options.items() if isinstance(value, str)}}
    for name, text in texts.items():
        if text is not None and ("{{" in text or "{%" in text):
            raise ValueError(
                f"{name} is not rendered here: give it as the task has it, such as context['ds']"
            )
    how = ContactOptions(**options)
    context = _context()
    try:
        name = _name(context, key)
        used = _names_used(context)
        if name in used:
            # It would be taken for the first list, and nobody on it called.
            raise InvalidRequestError(["key: this task has made a list already; give each one its own"])
        folder = BatchFolder(to, name)
        manifest = folder.manifest()
        if manifest is not None:
            log.info("The batches of this list were made before; they stand, and nothing is read.")
        else:
            prepared = PreparedContacts(ContactSource(contacts, rendered=True), how)
            manifest = _make(prepared, RevoxHook(revox_conn_id), folder, batch_size, context)
        if context is not None:
            context["ti"].xcom_push(key=REPORT_KEY, value=manifest.report)
        log.info("%s in %s batches", contacts_in_words(sum(manifest.contacts)), f"{len(manifest.contacts):,}")
        used.add(name)
        return folder.urls(manifest)
    except RevoxError as error:
        raise airflow_error(error) from None


def _make(
    contacts: PreparedContacts, hook: RevoxHook, folder: BatchFolder, batch_size: int, context: Context | None
) -> Manifest:
    with TemporaryFile() as spool:
        for lines in contacts.lines():
            spool.write(lines)
        if contacts.needs_history and not contacts.are_refused:
            contacts.ask_history(hook.get_conn, log)
            contacts.apply_history()
        contacts.account(context["ti"].xcom_push if context else _push_nowhere, log)
        report = contacts.builder.report
        _check_batches(-(-report.to_call // batch_size))
        spool.seek(0)
        return folder.write(contacts.builder.standing(spool), batch_size, report.to_dict())


def _check_batches(batches: int) -> None:
    limit = conf.getint("core", "max_map_length", fallback=1024)
    if batches > limit:
        raise InvalidRequestError(
            [
                f"contacts: make {batches:,} batches, but Airflow maps a task over {limit:,} at most "
                "([core] max_map_length); give a larger batch_size"
            ]
        )


def _context() -> Context | None:
    try:
        return get_current_context()
    except Exception:  # Airflow 2 and 3 raise their own, outside of a task
        return None


def _name(context: Context | None, key: str | None) -> str:
    """Return the folder's name: this list's alone, and the same in every try."""
    if key is not None and not key.strip():
        raise InvalidRequestError(["key: is empty"])
    if context is not None:
        ti = context["ti"]
        within = ["run", ti.run_id] if key is None else ["key", key]
        return folder_name(ti.dag_id, ti.task_id, ti.map_index, *within)
    if key is None:
        raise InvalidRequestError(["key: is needed outside of a task"])
    return folder_name(key)


def _names_used(context: Context | None) -> set[str]:
    global _used
    if context is None or _used[0] is not context:
        _used = (context, set())
    return _used[1]


def _push_nowhere(**_: Any) -> None:
    """Outside of a task nobody would find an XCom."""
