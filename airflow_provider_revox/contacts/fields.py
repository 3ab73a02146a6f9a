"""Find a field in a record, whichever way its name is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_revox.contacts.variables import is_missing
from airflow_provider_revox.files.field_names import composed, is_written_in_one_way
from airflow_provider_revox.files.formulas import unwrapped


def key_of(record: Mapping[str, Any], name: str) -> str | None:
    """
    Return the key of a field in a record; ``None``: the record has no such field, or several.

    :param name: The name of the field, composed. The record may have it with its accents apart, or with other
        white space.
    """
    if name in record:
        return name
    if is_written_in_one_way(name):
        return None
    keys = keys_of(record, name)
    return keys[0] if len(keys) == 1 else None


def keys_of(record: Mapping[str, Any], name: str) -> list[str]:
    """
    Return all keys of a field in a record, which may have it several times, each written in another way.

    :param name: The name of the field, composed.
    """
    if is_written_in_one_way(name):
        return [name] if name in record else []
    return [key for key in record if isinstance(key, str) and composed(key) == name]


def value_of(record: Mapping[str, Any], key: str | None) -> Any:
    """
    Return the value under a key, and the text of a formula that only wraps it; ``None`` if there is no key.

    A task that reads a CSV file with the csv module returns such formulas.
    """
    value = None if key is None else record[key]
    return unwrapped(value) if type(value) is str else value


def region_of(record: Mapping[str, Any], name: str | None) -> Any:
    """Return the region in a record's field; ``None`` if there is none."""
    value = value_of(record, None if name is None else key_of(record, name))
    if is_missing(value):
        return None
    return str.__str__(value) if isinstance(value, str) else value
