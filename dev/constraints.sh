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
  "$uv" pip compile --quiet "$@" --no-header --no-annotate --python-version 3.11 --extra dev --extra storage \
    --output-file constraints/storage-airflow-3.3.2-python-3.11.txt pyproject.toml -

# Older versions of Airflow 3 do not say which packages are too new for them. With these pins, Airflow's own routes, its logins,
# its object storage and its connection form (which 3.0 builds with the FAB provider) work.
declare -A also=(
  [3.0.6]="apache-airflow-providers-fab cadwyn<6 fastapi<0.118 flask-jwt-extended<4.7.3 pyjwt<2.11 universal-pathlib<0.3"
  [3.1.8]=""
  [3.2.2]="fastapi<0.140 svcs<26"
)
for airflow in "${!also[@]}"; do
  read -ra pins <<<"${also[$airflow]}"
  printf '%s\n' "apache-airflow==$airflow" "${pins[@]}" uv hatchling build |
    "$uv" pip compile --quiet "$@" --no-header --no-annotate --python-version 3.11 \
      --extra dev --extra cluster --extra docs --extra bench --extra browser \
      --output-file "constraints/airflow-$airflow-python-3.11.txt" pyproject.toml -
done

# The lowest versions that the provider and its own extras declare, and the newest ones of all else.
lowest=$(mktemp)
trap 'rm -f "$lowest"' EXIT
"$uv" pip compile --quiet --no-header --no-annotate --python-version 3.11 --resolution lowest-direct --no-deps \
  --extra parquet --extra sandbox pyproject.toml >"$lowest"
airflow=$(sed -n 's/^apache-airflow==//p' "$lowest")
# This Airflow does not say that newer ones are too new for its object storage.
printf '%s\n' "universal-pathlib<0.3" uv hatchling build |
  "$uv" pip compile --quiet "$@" --no-header --no-annotate --python-version 3.11 --constraint "$lowest" --extra dev \
    --output-file "constraints/lowest-airflow-$airflow-python-3.11.txt" pyproject.toml -
