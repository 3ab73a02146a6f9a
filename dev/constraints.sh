#!/usr/bin/env bash
# Resolve the pinned versions of every environment that is tested: constraints/airflow-X-python-Y.txt
# Further arguments go to uv: --upgrade takes the newest versions, without it the pinned ones stay where they can.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$1
shift
for pair in "3.3.2 3.11" "3.3.2 3.12" "3.3.2 3.13" "2.11.2 3.11"; do
  read -r airflow python <<<"$pair"
  {
    printf '%s\n' "apache-airflow==$airflow" uv hatchling build
    # Airflow 2 shows the connection form through it.
    if [[ $airflow == 2.* ]]; then echo apache-airflow-providers-fab; fi
  } | "$uv" pip compile --quiet "$@" --no-header --no-annotate --python-version "$python" \
    --extra dev --extra cluster --extra docs --extra bench --extra browser \
    --output-file "constraints/airflow-$airflow-python-$python.txt" pyproject.toml -
done
printf '%s\n' apache-airflow==3.3.2 uv hatchling build |
  "$uv" pip compile --quiet --upgrade --no-header --no-annotate --python-version 3.11 --extra dev --extra storage \
    --output-file constraints/storage-airflow-3.3.2-python-3.11.txt pyproject.toml -
