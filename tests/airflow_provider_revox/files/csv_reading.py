"""Read text as CSV, without a file."""

from __future__ import annotations

import io

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.csv_text import csv_records
from airflow_provider_revox.files.text import text_blocks


def read(text, delimiter=None, wanted=()):
    blocks = text_blocks(io.BytesIO(text.encode()).read, None)
    return list(csv_records(blocks, "due.csv", delimiter, wanted=wanted))


def problem_of(text, **how):
    with pytest.raises(InvalidRequestError) as caught:
        read(text, **how)
    (problem,) = caught.value.problems
    return problem.removeprefix("due.csv: ")
