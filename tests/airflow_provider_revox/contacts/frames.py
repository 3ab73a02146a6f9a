"""What the tests of data frames share: stand-ins that behave as pandas 3 and polars 2 were seen to."""

from __future__ import annotations

from types import SimpleNamespace

from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource


class Type(SimpleNamespace):
    """The type of a column: how it shows itself, and what it says of its values."""

    def __str__(self):
        return self.shown


OBJECT = Type(shown="object", kind="O", itemsize=8)


class Short:
    """A float of numpy with 32 bits, as a column of objects keeps it."""

    def __init__(self, value):
        self.value = value


class Pandas:
    """
    Makes Python's own floats of all its floats when it hands out its rows.

    Several columns may have one name. Rows have the last of them only.
    """

    def __init__(self, columns, types):
        self.dtypes, self._columns = types, list(columns.values())
        self.iloc = self.set_axis(list(columns), axis="columns")

    def set_axis(self, names, *, axis):
        assert axis == "columns"
        self.columns = names
        return self

    def __getitem__(self, at):
        assert at[0] == slice(None)
        return self._columns[at[1]]

    def to_dict(self, orient):
        assert orient == "records"
        columns = [
            [each.value if isinstance(each, Short) else each for each in column] for column in self._columns
        ]
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*columns, strict=True)]


class Polars:
    """Hands out its rows as polars does."""

    def __init__(self, columns, types):
        self.columns, self.dtypes, self._columns = list(columns), types, columns.values()

    def to_dicts(self):
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*self._columns, strict=True)]


class Column(list):
    """Stands for a column of a frame: values, and the type that they have there."""

    def __init__(self, values, dtype):
        super().__init__(values)
        self.dtype = dtype


def prepare(contacts, **options):
    options = {"phone_field": "phone", "default_region": "FR", **options}
    prepared = PreparedContacts(ContactSource(contacts, rendered=True), ContactOptions(**options))
    prepared.read()
    return prepared
