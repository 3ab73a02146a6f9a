"""The documentation leads: short entrances, links that work, and nothing that the code does not have."""

from __future__ import annotations

import inspect
import re

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

import dev.ui
from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.operators import revox as operators
from airflow_provider_revox.sensors.revox import CampaignSensor
from dev.local_airflow import LocalAirflow
from dev.showroom import CACHE, open_hubspot, open_sandbox
from tests.docs.pages import DOCS, PAGES, ROOT, blocks, is_shown

README = ROOT / "README.md"
OPERATOR = DOCS / "reference/create-campaign.md"
MAKEFILE = (ROOT / "Makefile").read_text()
GROUPED = re.compile(r"\.\. parameters:: (\S+)\n((?:\n| .*\n)*)")
"""A list of parameters on a page: whose, and which. If it names none, it has all."""


def described(owner: object) -> set[str]:
    return set(re.findall(r"^:param (\w+):", inspect.getdoc(owner) or "", re.MULTILINE))


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) < 90


def test_the_operators_page_is_short_with_all_that_is_generated_on_it():
    docstring = inspect.getdoc(operators.CreateCampaignOperator) or ""
    assert len(OPERATOR.read_text().split()) + len(docstring.split()) < 1500


@pytest.mark.parametrize(
    "page", [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"], ids=lambda page: page.name
)
def test_every_link_of_a_page_outside_of_the_docs_leads_to_a_file(page):
    targets = {target.partition("#")[0] for target in re.findall(r"\]\((?!http)([^)]+)\)", page.read_text())}
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize(
    ("page", "owner"),
    [
        ("create-campaign", operators.CreateCampaignOperator),
        ("launch-campaign", operators.LaunchCampaignOperator),
        ("relaunch", operators.RelaunchCampaignOperator),
        ("results", operators.CampaignResultsOperator),
        ("control", operators.CancelCampaignOperator),
        ("cancel-calls", operators.CancelCallsOperator),
        ("sensor", CampaignSensor),
        ("batches", contact_batches),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_parameter_is_on_its_page_once(page, owner):
    lists = GROUPED.findall((DOCS / f"reference/{page}.md").read_text())
    assert {path.rpartition(".")[2] for path, _ in lists} == {owner.__name__}
    named = [name for _, names in lists for name in names.split()]
    assert sorted(named) == sorted(described(owner) if named else [])
    assert described(owner)


def test_all_options_of_the_operator_are_described():
    functions = [
        vars(base)["__init__"]
        for base in operators.CreateCampaignOperator.__mro__[:4]
        if "__init__" in vars(base)
    ]
    arguments = {name for one in functions for name in inspect.signature(inspect.unwrap(one)).parameters}
    assert arguments - {"self", "args", "kwargs"} - described(operators.CreateCampaignOperator) == set()


def test_every_page_is_in_the_tree_of_contents():
    inside = {
        (page.parent / entry if not entry.startswith("/") else DOCS / entry[1:]).resolve().with_suffix(".md")
        for page in PAGES
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        for entry in tree.split()
        if not entry.startswith(":") and not entry.isdigit()
    }
    assert set(PAGES) - inside == {DOCS / "index.md"}


def test_the_readme_has_a_dag_that_loads():
    (text,) = blocks(README, "python")
    if not AIRFLOW_V_3_0_PLUS:
        text = text.replace("from airflow.sdk import dag", "from airflow.decorators import dag")
    namespace: dict[str, object] = {"__name__": "readme"}
    exec(compile(text, "README.md", "exec"), namespace)
    assert sorted(namespace["renewals"]().task_ids) == ["call", "wait"]


def test_the_readme_names_targets_of_make():
    names = set(re.findall(r"^make (\w+)|`make (\w+)`", README.read_text(), re.MULTILINE))
    for name in {name for pair in names for name in pair if name}:
        assert re.search(rf"^{name}:.*##", MAKEFILE, re.MULTILINE), name


def test_what_make_ui_prints_is_what_the_tutorial_shows():
    assert "\nui: $(READY)" in MAKEFILE
    assert "\n\t$(BIN)/python -m dev.ui --port $(PORT)\n" in MAKEFILE
    with open_sandbox(dev.ui.SPEED) as sandbox, open_hubspot() as hubspot:
        airflow = LocalAirflow(CACHE / "ui", ROOT, port=8080)
        printed = [dev.ui.STARTING, *dev.ui.started(airflow, sandbox, hubspot).splitlines()]
        airflow.close()
    assert is_shown(printed, blocks("tutorial/first-campaign.md", "text")[0].splitlines())


def test_the_files_and_extras_that_the_pages_install_exist():
    text = "".join(page.read_text() for page in (README, *PAGES))
    pins = set(re.findall(r"constraints/[\w.-]+\.txt", text))
    assert pins
    assert [name for name in pins if not (ROOT / name).exists()] == []


def test_make_docs_says_where_the_documentation_is():
    recipe = MAKEFILE.partition("\ndocs: ")[2].partition("\n\n")[0]
    (built,) = re.findall(r"-b html docs (\S+)", recipe)
    (printed,) = re.findall(r'echo "Documentation: (\S+)"', recipe)
    assert printed == f"{built}/index.html"
