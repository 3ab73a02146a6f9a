"""Hold the contacts of a task, and show only how many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sized
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.data_frames import rows_of, values_of
from airflow_provider_revox.files.formats import is_path, path_text
from airflow_provider_revox.templating import read_literal
from airflow_provider_revox.units import contacts_in_words

NOR_A_FILE = ", nor a file that can be read (.csv, .tsv, .txt, .jsonl, each also with .gz, or .parquet)"


class ContactSource:
    """
    Holds records, or the name of a file with records, and shows a count only.

    Airflow shows the value of a template field: in the UI, in the stored DAG, and in the log if rendering
    fails. So a task holds its contacts in this class.

    :param value: Records, text with records, the path or URL of a file (text, a ``Path`` or an
        ``ObjectStoragePath``), or a template that renders to these.
    :param rendered: Whether Jinja has rendered the value. It is data then, and never a template again.
    """

    def __init__(self, value: Any, *, rendered: bool = False) -> None:
        self.value = path_text(value)
        self.rendered = rendered

    @property
    def is_file(self) -> bool:
        """Whether the value is the path or URL of a file."""
        return is_path(self.value)

    def records(
        self,
        field: str = "contacts",
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        wanted: Collection[str] = (),
        may_be_empty: bool = True,
    ) -> Iterable[Any]:
        """
        Return the records, or read them from the file.

        :param field: How errors name the argument of the task.
        :param encoding: The encoding of a text file.
        :param delimiter: The delimiter of a CSV file.
        :param wanted: The fields that the task asks for, composed.
        :param may_be_empty: Whether a file of JSON Lines may have no record.
        :raises InvalidRequestError: The value is not a list of records, or the file can't be read.
        """
        if self.is_file:
            from airflow_provider_revox.files.records import read_records

            return read_records(
                self.value, encoding=encoding, delimiter=delimiter, wanted=wanted, may_be_empty=may_be_empty
            )
        value = rows_of(read_literal(self.value, field, more=NOR_A_FILE), field, wanted)
        if value is None:
            raise InvalidRequestError([f"{field}: is None; give an empty list if there is nobody"])
        if not _is_list(value):
            raise InvalidRequestError([f"{field}: must be a list of records, not {type(value).__name__}"])
        return values_of(value, field)

    def __repr__(self) -> str:
        if isinstance(self.value, str) and not self.rendered:
            return "contacts (a template)"
        if self.is_file:
            return "contacts (a file)"
        try:
            records = read_literal(self.value, "contacts")
        except InvalidRequestError:
            records = None
        if not _is_list(records):
            return "contacts (not a list)"
        return contacts_in_words(len(records)) if isinstance(records, Sized) else "contacts"


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
