from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import airflow
import pytest

from airflow_provider_revox import __version__
from airflow_provider_revox.get_provider_info import get_provider_info
from airflow_provider_revox.hooks.connection_form import CONN_FIELDS
from airflow_provider_revox.hooks.revox import RevoxHook

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INFO = get_provider_info()
(CONNECTION_TYPE,) = INFO["connection-types"]

DISCOVER = """
import json
from airflow.providers_manager import ProvidersManager

manager = ProvidersManager()
hook = manager.hooks["revox"]
assert hook, "Airflow refuses the hook"
print("FOUND " + json.dumps({
    "version": manager.providers["airflow-provider-revox"].version,
    "hook": [hook.hook_class_name, hook.connection_id_attribute_name, hook.hook_name],
    "testable": hook.connection_testable,
    "links": [link for link in manager.extra_links_class_names if "revox" in link],
    "behaviour": manager.field_behaviours.get("revox"),
    "widgets": [
        [name.removeprefix("extra__revox__"), widget.is_sensitive]
        for name, widget in manager.connection_form_widgets.items()
        if name.startswith("extra__revox__")
    ],
}))
"""

FORM = """
import json
from airflow.providers_manager import ProvidersManager

# The api-server may have read the hooks for another reason before somebody opens the form.
if {hooks_first}:
    assert ProvidersManager().connection_form_widgets

from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

(form,) = (form for form in HookMetaService.hook_meta_data() if form.connection_type == "revox")
print("FOUND " + json.dumps(form.model_dump(mode="json")))
"""

VERSION = tuple(int(part) for part in airflow.__version__.split(".")[:2])
WIDGETS_ARE_MISSING = VERSION == (3, 1) and find_spec("flask_appbuilder") is None
"""Only the api-server of Airflow 3.1 puts something in the place of the classes of the FAB provider."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the metadata of the installed package."""
    folder = tmp_path_factory.mktemp("site")
    metadata = folder / f"airflow_provider_revox-{__version__}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {__version__}\n"
    )
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in PROJECT["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return folder


def ask_airflow(program: str, site: Path) -> dict[str, Any]:
    """Return what a program finds in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    complaints = [line for line in (run.stdout + run.stderr).splitlines() if "airflow_provider_revox" in line]
    if WIDGETS_ARE_MISSING:
        complaints = [line for line in complaints if "(UI widgets will be missing)" not in line]
    assert [line for line in complaints if not line.startswith("FOUND ")] == []
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("FOUND ")]
    result: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    return result


@pytest.fixture(scope="module")
def found(site: Path) -> dict[str, Any]:
    """What Airflow's own discovery finds when the package is installed."""
    return ask_airflow(DISCOVER, site)


def test_airflow_discovers_the_provider(found):
    assert found["version"] == __version__
    assert found["hook"] == [CONNECTION_TYPE["hook-class-name"], "revox_conn_id", "Revox"]
    assert found["testable"] is True
    assert found["links"] == INFO["extra-links"]


@pytest.mark.skipif(WIDGETS_ARE_MISSING, reason="only the api-server builds it")
def test_airflow_builds_the_connection_form(found):
    behaviour = found["behaviour"]
    assert set(behaviour["hidden_fields"]) == {"schema", "login"}
    assert behaviour["relabeling"] == {
        "password": "API key",
        "host": "Base URL",
        "port": "Port (0: that of the base URL)",
    }
    assert behaviour["placeholders"]["host"] == "https://www.getrevox.com/api"
    assert [name for name, _ in found["widgets"]] == list(CONN_FIELDS)


@pytest.mark.skipif(VERSION < (3, 0), reason="the form of Airflow 2 is another one")
@pytest.mark.parametrize("hooks_first", [False, True])
def test_the_api_server_describes_every_field_and_hides_what_is_typed_into_the_secret_ones(site, hooks_first):
    if hooks_first and WIDGETS_ARE_MISSING:
        pytest.skip("Airflow 3.1 shows no provider's fields then")
    form = ask_airflow(FORM.format(hooks_first=hooks_first), site)
    assert form["hook_name"] == "Revox"
    standard = form["standard_fields"]
    assert {name for name, field in standard.items() if field and field["hidden"]} == {
        "url_schema",
        "login",
    }
    assert {name: field["title"] for name, field in standard.items() if field and field["title"]} == {
        "password": "API key",
        "host": "Base URL",
        "port": "Port (0: that of the base URL)",
    }
    assert standard["host"]["placeholder"] == "https://www.getrevox.com/api"
    fields = form["extra_fields"]
    assert list(fields) == list(CONN_FIELDS)
    for name, spec in CONN_FIELDS.items():
        shown = fields[name]
        assert (shown["schema"]["title"], shown["description"]) == (spec["label"], spec["description"])
        kind = spec["schema"]["type"][0]
        if VERSION < (3, 2) and kind == "number":
            kind = "string"  # these versions have no field for a number with a fraction
        assert shown["schema"]["type"][0] == kind, name
    secret = {name for name, shown in fields.items() if shown["schema"].get("format") == "password"}
    assert secret == {"proxy"}


def test_the_name_is_that_of_the_distribution():
    assert INFO["package-name"] == PROJECT["name"]
    assert PROJECT["entry-points"]["apache_airflow_provider"] == {
        "provider_info": f"{get_provider_info.__module__}:{get_provider_info.__name__}"
    }


def _named_modules() -> list[str]:
    kinds = ("hooks", "operators", "sensors", "triggers")
    return [module for kind in kinds for entry in INFO[kind] for module in entry["python-modules"]]


@pytest.mark.parametrize("module", _named_modules())
def test_every_module_that_is_named_imports(module):
    if module.endswith(".watcher") and VERSION < (3, 0):
        pytest.skip("Airflow 2 has no event-driven scheduling")
    assert importlib.import_module(module).__name__ == module


def test_every_module_there_is_is_named():
    package = ROOT / "airflow_provider_revox"
    there = {
        f"airflow_provider_revox.{file.parent.name}.{file.stem}"
        for kind in ("operators", "sensors", "triggers")
        for file in (package / kind).glob("[!_]*.py")
    }
    assert there | {RevoxHook.__module__} == set(_named_modules())


@pytest.mark.parametrize("name", [CONNECTION_TYPE["hook-class-name"], *INFO["extra-links"]])
def test_every_class_that_is_named_imports(name):
    module, _, attribute = name.rpartition(".")
    assert isinstance(getattr(importlib.import_module(module), attribute), type)


def test_every_integration_that_is_named_is_described():
    described = {entry["integration-name"] for entry in INFO["integrations"]}
    for kind in ("hooks", "operators", "sensors", "triggers"):
        assert {entry["integration-name"] for entry in INFO[kind]} <= described


def test_airflow_accepts_the_metadata():
    import jsonschema
    from airflow import providers_manager

    schema = Path(providers_manager.__file__).with_name("provider_info.schema.json")
    jsonschema.validate(get_provider_info(), json.loads(schema.read_text()))
    schema = Path(providers_manager.__file__).with_name("customized_form_field_behaviours.schema.json")
    jsonschema.validate(RevoxHook.get_ui_field_behaviour(), json.loads(schema.read_text()))


def test_the_metadata_is_plain_data():
    assert json.loads(json.dumps(get_provider_info())) == get_provider_info()


# --- one connection form, described twice ---


def test_the_hook_and_the_metadata_agree_on_the_hook():
    assert CONNECTION_TYPE["connection-type"] == RevoxHook.conn_type
    assert CONNECTION_TYPE["hook-name"] == RevoxHook.hook_name
    assert CONNECTION_TYPE["hook-class-name"] == f"{RevoxHook.__module__}.{RevoxHook.__qualname__}"


def test_both_descriptions_agree_on_hidden_fields_labels_and_placeholders():
    described = CONNECTION_TYPE["ui-field-behaviour"]
    assert RevoxHook.get_ui_field_behaviour() == {
        "hidden_fields": described["hidden-fields"],
        "relabeling": described["relabeling"],
        "placeholders": described["placeholders"],
    }


def test_both_descriptions_agree_on_the_fields():
    pytest.importorskip("flask_appbuilder", reason="only Airflow 2 builds forms")
    pytest.importorskip("wtforms")
    import wtforms
    from flask import Flask
    from flask_babel import Babel

    app = Flask("form")
    Babel(app)
    with app.test_request_context():
        form = type("Form", (wtforms.Form,), RevoxHook.get_connection_form_widgets())()
        built = {field.name: field for field in form}
        assert list(built) == list(CONN_FIELDS)
        for name, spec in CONN_FIELDS.items():
            assert (str(built[name].label.text), built[name].description) == (
                spec["label"],
                spec["description"],
            )
        kinds = {
            "number": wtforms.StringField,  # Airflow 2 drops a hook with a FloatField
            "integer": wtforms.IntegerField,
            "string": wtforms.StringField,
            "boolean": wtforms.BooleanField,
        }
        assert {name: type(field) for name, field in built.items()} == {
            **{name: kinds[spec["schema"]["type"][0]] for name, spec in CONN_FIELDS.items()},
            "proxy": wtforms.PasswordField,
        }
        secret = {name for name, spec in CONN_FIELDS.items() if spec["schema"].get("format") == "password"}
        assert {name for name, field in built.items() if 'type="password"' in field()} == secret == {"proxy"}
        assert form.validate(), form.errors  # all empty: every field is optional
