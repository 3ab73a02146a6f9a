#!/usr/bin/env bash
# Build the wheel, install it alone into a clean environment, and see that Airflow discovers the provider.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1 constraints=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$bin/python" -m build --wheel --no-isolation --outdir "$scratch" . >/dev/null
"$bin/python" -m venv "$scratch/venv"
"$bin/uv" pip install --quiet --compile-bytecode --python "$scratch/venv/bin/python" -c "$constraints" "$scratch"/*.whl \
  "$(grep '^apache-airflow==' "$constraints")" \
  $(grep -o '^apache-airflow-providers-fab==.*' "$constraints" || true)

export AIRFLOW_HOME="$scratch/home" AIRFLOW__CORE__LOAD_EXAMPLES=False
cd "$scratch"
airflow() { "$scratch/venv/bin/python" -m airflow "$@" 2>/dev/null; }
airflow providers list | grep -q airflow-provider-revox || { echo "airflow providers list does not know it"; exit 1; }
airflow providers hooks | grep -q RevoxHook || { echo "airflow providers hooks does not know it"; exit 1; }
"$scratch/venv/bin/python" - <<'PYTHON'
from importlib.util import find_spec
from pathlib import Path

from airflow.providers_manager import ProvidersManager

import airflow_provider_revox
from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.get_provider_info import CONN_FIELDS

assert "site-packages" in airflow_provider_revox.__file__, airflow_provider_revox.__file__
assert callable(contact_batches)
assert find_spec("revox_sandbox.api.app"), "the sandbox is missing from the wheel"
pages = Path(find_spec("revox_sandbox.pages").origin).with_name("static")
assert (pages / "list.html").is_file(), "the sandbox's pages are missing from the wheel"
manager = ProvidersManager()
shown = {name for name in manager.connection_form_widgets if name.startswith("extra__revox__")}
assert shown == {f"extra__revox__{name}" for name in CONN_FIELDS}, shown
behaviour = manager.field_behaviours["revox"]
assert behaviour["relabeling"]["password"] == "API key", behaviour
assert behaviour["relabeling"]["host"] == "Base URL", behaviour
print("The wheel is discovered:", ", ".join(sorted(shown)))
PYTHON
