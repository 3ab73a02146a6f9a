"""Cut a large list into many files, each for a campaign of its own."""

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
from airflow_provider_revox.files.formats import path_text
from airflow_provider_revox.files.lineage import FilesUsed, files_used
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.units import contacts_in_words, in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

log = logging.getLogger("airflow.task")

_names_used: tuple[Context | None, set[str]] = (None, set())
"""The lists that the running task has made, by the name of their folder."""


def contact_batches(
    contacts: Any,
    *,
    to: Any,
    batch_size: int = 10_000,
    key: str | None = None,
    revox_conn_id: str = RevoxHook.default_conn_name,
    **options: Any,
) -> list[str]:
    """
    Cut a list of contacts of any length into files, each for a campaign of its own.

    Call it in a task, return what it returns, and map
    :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator` over that::

        @task
        def batches():
            return contact_batches("s3://crm/due.csv", to="s3://crm/batches", phone_field="phone")


        CreateCampaignOperator.partial(task_id="call", assistant_id="...", name="Renewals").expand(
            contacts=batches()
        )

    This function reads and checks the contacts as the operator does: numbers, variables, duplicates across
    the whole list, suppressed numbers, invalid records, report and ``max_contacts``. The operator then needs
    no option about contacts. The function writes nothing before it has checked the whole list. The first
    list stands: a retry, or a cleared task, returns the same files, whatever the source holds by then.

    :param contacts: As the operator takes them: a list of records, or the path or URL of a file. Also a
        generator of records, which is read one by one.
    :param to: The folder for the files: a path or URL that the calling tasks can read, too. It must be the
        same in every try. The files hold people's data: delete them when no task of the run will be tried
        again.
    :param batch_size: The largest number of contacts in one campaign.
    :param key: The name of this list within this DAG, task and map index: the same key is the same list.
        Default: the run. A task that makes several lists must give each a key. Outside of a task a key is
        needed.
    :param revox_conn_id: The Airflow connection for the phone history. This function reads the history only
        with ``skip_do_not_contact=True`` or ``not_called_within``. The operator reads it in any case when it
        launches a batch, and then it is newer.
    :param options: ``phone_field``, ``variable_fields``, ``variable_default``, ``default_region``,
        ``region_field``, ``check_numbers``, ``on_duplicate``, ``on_invalid``, ``suppress``,
        ``skip_do_not_contact``, ``not_called_within``, ``max_contacts``, ``report_path``, ``encoding`` and
        ``delimiter``, as :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator` takes
        them.
    :return: The URLs of the files; an empty list if there is nobody to call.
    :raises RevoxRefusedError: A record can't be called, there are too many contacts, or an option is wrong.
        Nothing was written, and Airflow does not retry the task.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    texts = {"key": key, **{name: value for name, value in options.items() if isinstance(value, str)}}
    for name, text in texts.items():
        if text is not None and ("{{" in text or "{%" in text):
            raise ValueError(
                f"{name} is a template, which this function does not render; give its value, as context['ds']"
            )
    contact_options = ContactOptions(**options)
    context = _running_task()
    try:
        name = _folder_name(context, key)
        used = _used_by(context)
        if name in used:
            # It would return the files of the first list, and nobody on the second would be called.
            raise InvalidRequestError(["key: this task has made a list already; give each list its own key"])
        folder = BatchFolder(to, name)
        manifest = folder.manifest()
        if manifest is not None:
            log.info("An earlier try made the batches of this list. They stand, so this try reads nothing.")
        else:
            source = ContactSource(contacts, rendered=True)
            for option, path in (
                ("contacts", source.value),
                ("suppress", path_text(contact_options.suppress)),
                ("report_path", contact_options.report_path),
            ):
                folder.check_outside(path, option)
            with files_used(FilesUsed()):
                prepared = PreparedContacts(source, contact_options)
                manifest = _write_batches(prepared, RevoxHook(revox_conn_id), folder, batch_size, context)
        if context is not None:
            context["ti"].xcom_push(key=REPORT_KEY, value=manifest.report)
        batches = in_words(len(manifest.contacts), "batch", "batches")
        log.info("%s in %s", contacts_in_words(sum(manifest.contacts)), batches)
        used.add(name)
        return folder.urls(manifest)
    except RevoxError as error:
        raise airflow_error(error) from None


def _write_batches(
    contacts: PreparedContacts, hook: RevoxHook, folder: BatchFolder, batch_size: int, context: Context | None
) -> Manifest:
    from airflow_provider_revox.contacts.record import as_lines

    with TemporaryFile() as spool:
        for item in contacts.contacts():
            spool.write(as_lines(item))
        if contacts.needs_history and not contacts.are_refused:
            contacts.ask_history(hook.get_conn, log)
            contacts.apply_history()
        ti = context["ti"] if context else None
        contacts.account(ti.xcom_push if ti else _push_nowhere, log, Metrics(ti))
        report = contacts.builder.report
        _check_batches(-(-report.to_call // batch_size))
        spool.seek(0)
        return folder.write(contacts.builder.lines_to_call(spool), batch_size, report.to_dict())


def _check_batches(batches: int) -> None:
    limit = conf.getint("core", "max_map_length", fallback=1024)
    if batches > limit:
        raise InvalidRequestError(
            [
                f"contacts: they make {batches:,} batches, but Airflow maps a task over {limit:,} at most "
                "([core] max_map_length); give a larger batch_size"
            ]
        )


def _running_task() -> Context | None:
    """Return the context of the task that runs this code, if one does."""
    try:
        return get_current_context()
    except Exception:  # Airflow 2 and 3 raise different errors outside of a task
        return None


def _folder_name(context: Context | None, key: str | None) -> str:
    """Return the name of the list's folder. No other list has it, and every try gives the same name."""
    if key is not None and not key.strip():
        raise InvalidRequestError(["key: is empty; give the list a name, or leave the key out"])
    if context is not None:
        ti = context["ti"]
        within = ["run", ti.run_id] if key is None else ["key", key]
        return folder_name(ti.dag_id, ti.task_id, ti.map_index, *within)
    if key is None:
        raise InvalidRequestError(["key: is needed outside of a task; give the list a name"])
    return folder_name(key)


def _used_by(context: Context | None) -> set[str]:
    """Return the names of the lists that the task has made; outside of a task nothing is remembered."""
    global _names_used
    if context is None or _names_used[0] is not context:
        _names_used = (context, set())
    return _names_used[1]


def _push_nowhere(**_: Any) -> None:
    """Drop the XCom, since no task runs that could push it."""
