"""Which example DAGs there are, and which of them the installed Airflow can load."""

from __future__ import annotations

from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS, AIRFLOW_V_3_1_PLUS

from dev.showroom import EXAMPLES

NAMES = {file.stem for file in EXAMPLES.glob("*.py")}
NEEDS = {"after_the_calls": AIRFLOW_V_3_0_PLUS, "approve_then_call_in_waves": AIRFLOW_V_3_1_PLUS}
NOT_HERE = {name for name, is_met in NEEDS.items() if not is_met}
"""They import what this Airflow does not have."""
