"""What the tests of files share."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.records import read_records

ROWS = [{"phone": "+33612345678", "name": "Zoé"}, {"phone": "+4930123456", "name": 'Jörg; "J"\nWeiß'}]
FIELDS = ["phone", "name"]
SECRET = "Q7ZK"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def read(path: Any, **how: Any) -> list[dict[str, Any]]:
    return list(read_records(str(path), **how))


def problem_of(path: Any, **how: Any) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        read(path, **how)
    (problem,) = caught.value.problems
    return problem
