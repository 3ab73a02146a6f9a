from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

ROOT = Path(__file__).parents[3]


def test_the_entry_point_names_the_plugin():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["airflow.plugins"]["revox"].partition(":")
    plugin = getattr(import_module(module), name)
    plugin.validate()
    if not AIRFLOW_V_3_1_PLUS:
        assert plugin.fastapi_apps == []
        return
    (app,), (view,) = plugin.fastapi_apps, plugin.external_views
    assert app["url_prefix"] == "/revox"
    assert (view["href"], view["category"], view["destination"]) == ("/revox/", "browse", "nav")


def test_loading_the_plugin_imports_neither_the_app_nor_the_client():
    code = (
        "import sys; import airflow_provider_revox.plugin.airflow_plugin; "
        "print([name for name in sys.modules if name.startswith('airflow_provider_revox.')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "airflow_provider_revox.plugin.airflow_plugin" in shown
    assert "plugin.app" not in shown
    assert "airflow_provider_revox.client" not in shown
