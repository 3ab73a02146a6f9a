#!/usr/bin/env bash
# Say that there are no pinned versions for what the user has chosen, and which there are:
# pinned.sh FILE AIRFLOW VERSION PYTHON
set -euo pipefail
cd "$(dirname "$0")/../constraints"
kind=${1%%airflow-*} airflow=$2 version=$3 python=$4

if [[ -z $version ]]; then
  echo "PYTHON=$python: there is no such interpreter, or it does not run."
else
  echo "There are no pinned versions for Airflow $airflow on Python $version."
fi
echo "There are pinned versions for:"
printf '%s\n' "$kind"airflow-*-python-*.txt |
  sed 's/^.*airflow-\(.*\)-python-\(.*\)\.txt$/  Airflow \1 on Python \2/' | sort -V
echo "Choose one of them: make AIRFLOW=<Airflow> PYTHON=python<Python> VENV=.venv-<Airflow>-<Python> <target>"
