"""The pinned versions, which pip takes, and which hold for the packages of the cluster, too."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "constraints").glob("airflow-*.txt"))
(LOWEST,) = (ROOT / "constraints").glob("lowest-*.txt")
(STORAGE,) = (ROOT / "constraints").glob("storage-*.txt")
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


def test_the_pinned_versions_are_those_of_the_makefile_and_of_the_page():
    variables = dict(re.findall(r"^(\w+) +[?:]= (.+)$", (ROOT / "Makefile").read_text(), re.M))
    pinned = {f"airflow-{variables['AIRFLOW']}-python-{python}" for python in ("3.11", "3.12", "3.13")}
    pinned |= {f"airflow-{version}-python-3.11" for version in ("2.11.2", *variables["VERSIONS"].split())}
    assert {file.stem for file in FILES} == pinned
    named = re.findall(r"`([a-z]*-?airflow-[\w.-]+)\.txt`", (ROOT / "docs/versions.md").read_text())
    assert sorted(named) == sorted(pinned | {LOWEST.stem, STORAGE.stem})
    assert LOWEST.stem == f"lowest-airflow-{variables['LOWEST']}-python-3.11"


def test_the_lowest_versions_are_those_that_the_provider_and_its_extras_declare():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = dict(line.split("==") for line in LOWEST.read_text().splitlines())
    for declared in (*project["dependencies"], *extras["parquet"], *extras["sandbox"]):
        name, lowest = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,<[\d.]+)?", declared).groups()
        assert Version(pinned[name]) == Version(lowest), name
