"""The pinned versions, which pip takes, and which hold for the packages of the cluster, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "constraints").glob("airflow-*.txt"))
CLUSTER = {
    "apache-airflow-providers-amazon",
    "apache-airflow-providers-celery",
    "apache-airflow-providers-postgres",
    "apache-airflow-providers-redis",
    "moto",
    "s3fs",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_line_pins_one_package_and_the_packages_of_the_cluster_are_among_them(file: Path) -> None:
    lines = file.read_text().splitlines()
    pinned = [re.fullmatch(r"([a-z0-9][a-z0-9-]*)==([0-9][0-9a-z.+!]*)", line) for line in lines]
    assert [line for line, found in zip(lines, pinned, strict=True) if not found] == []
    names = [found[1] for found in pinned if found]
    assert len(names) == len(set(names))
    assert set(names) >= CLUSTER
    assert f"apache-airflow=={file.stem.split('-')[1]}" in lines


def test_the_airflow_of_the_makefile_is_pinned_for_every_python_that_it_is_tested_with() -> None:
    assert [file.stem for file in FILES] == [
        "airflow-2.11.2-python-3.11",
        "airflow-3.3.2-python-3.11",
        "airflow-3.3.2-python-3.12",
        "airflow-3.3.2-python-3.13",
    ]
