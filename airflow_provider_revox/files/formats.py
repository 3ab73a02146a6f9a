"""Tell from a file's name how to read and write it."""

from __future__ import annotations

import os
import re
from typing import Any, Literal, NamedTuple

from airflow_provider_revox.client.errors import InvalidRequestError

_SUFFIX = re.compile(r"\.(?:(csv|tsv|txt|jsonl|ndjson)(\.gz)?|(parquet))$", re.IGNORECASE)
_KINDS = {"txt": "csv", "ndjson": "jsonl"}
_LONGEST_PATH = 4096  # characters


ColumnType = Literal["text", "integer", "number", "boolean", "timestamp", "json"]
"""The type of a column that is written. A timestamp is ISO 8601 text, and JSON is text, too."""


class FileFormat(NamedTuple):
    """
    What the name of a file says about its content.

    :param name: The name without directory, bucket and credentials, for errors.
    :param kind: ``csv``, ``tsv``, ``jsonl`` or ``parquet``.
    :param compressed: Whether it is compressed with gzip.
    """

    name: str
    kind: str
    compressed: bool


def file_format(path: str) -> FileFormat:
    """
    Return the format that a path or URL ends with.

    :raises InvalidRequestError: The path has no ending that the provider knows.
    """
    _, is_url, rest = path.rpartition("://")
    _, slash, name = rest.rpartition("/")
    if is_url and not slash:
        name = name.rpartition("@")[2]
    if (suffix := _SUFFIX.search(name)) is None:
        raise InvalidRequestError(
            [
                "the file's name must end with .csv, .tsv, .txt, .jsonl or .ndjson (.gz may follow), "
                "or with .parquet; a spreadsheet must be saved as one of these"
            ]
        )
    kind = (suffix[1] or suffix[3]).lower()
    return FileFormat(name, _KINDS.get(kind, kind), bool(suffix[2]))


def path_text(value: Any) -> Any:
    """
    Return a path object as text: a ``pathlib.Path``, or an ``ObjectStoragePath`` with its connection.

    Other values pass.
    """
    if hasattr(type(value), "storage_options"):  # a path of fsspec, which Airflow's class derives from
        text = str(value)
    elif isinstance(value, os.PathLike):
        text = os.fsdecode(value)
    else:
        return value
    return f"./{text}" if text.startswith(("[", "{")) else text  # or it would look like a list of records


def is_path(value: Any) -> bool:
    """
    Tell whether a value is the path or URL of a file that :func:`~.records.read_records` can read.

    The file need not exist. Text with Jinja in it is a template, and text that begins with a bracket is a
    list of records (write ``./[x].csv`` for a file with such a name).
    """
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_PATH
        and not value.lstrip().startswith(("[", "{"))
        and "{{" not in value
        and "{%" not in value
        and value.isprintable()
        and _SUFFIX.search(value) is not None
    )
