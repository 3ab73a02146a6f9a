"""What a task holds its contacts in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.templating import read_literal
from airflow_provider_revox.units import contacts_in_words

NOR_A_FILE = ", nor a file that can be read (.csv, .tsv, .txt, .jsonl, each also with .gz, or .parquet)"


class ContactSource:
    """
    Records as they came, wrapped so that whoever shows them shows a count.

    Airflow shows whatever a template field holds: in the UI, in the stored DAG, in the log when rendering
    fails. So a task holds its contacts in this.

    :param value: Records, or text that is or will be rendered to records.
    :param rendered: Whether Jinja has been through it, after which it is data and no template any more.
    """

    def __init__(self, value: Any, *, rendered: bool = False) -> None:
        self.value = value
        self.rendered = rendered

    @property
    def is_file(self) -> bool:
        """Whether this names a file that has the records."""
        from airflow_provider_revox.files.records import is_path

        return is_path(self.value)

    def records(
        self, field: str = "contacts", *, encoding: str | None = None, delimiter: str | None = None
    ) -> Iterable[Any]:
        """
        Return the records, or read them from the file that is named.

        :param field: What they are to the task, for the error.
        :param encoding: Of a text file.
        :param delimiter: Of a CSV file.
        :raises InvalidRequestError: This is no list of records, or the file can't be read.
        """
        if self.is_file:
            from airflow_provider_revox.files.records import read_records

            return read_records(str(self.value), encoding=encoding, delimiter=delimiter)
        value = _rows_of_frame(read_literal(self.value, field, more=NOR_A_FILE))
        if value is None:
            raise InvalidRequestError([f"{field}: is None; where there is nobody, it must be an empty list"])
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidRequestError([f"{field}: must be a list of records, not {type(value).__name__}"])
        return value

    def __repr__(self) -> str:
        if isinstance(self.value, str) and not self.rendered:
            return "contacts (a template)"
        if self.is_file:
            return "contacts (a file)"
        try:
            records = self.records()
        except InvalidRequestError:
            return "contacts (not a list)"
        return contacts_in_words(len(records)) if isinstance(records, Sized) else "contacts"


def _rows_of_frame(value: Any) -> Any:
    """Return the rows of a polars or pandas frame; other values pass."""
    if hasattr(value, "to_dicts"):
        return value.to_dicts()
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict("records")
    return value
