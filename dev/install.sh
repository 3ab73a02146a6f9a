#!/usr/bin/env bash
# Install a requirement of this project into an environment, and perhaps a package of npm's beside it:
# install.sh PYTHON ENVIRONMENT CONSTRAINTS REQUIREMENT [PACKAGE]
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 environment=$2 constraints=$3 requirement=$4
# What pip, uv and npm say when they give up because no answer came. They say other things about an answer that is an error.
unreachable='connection error:|Max retries exceeded|Read timed out|confirming the ssl certificate'
unreachable+='|error sending request|client error \(Connect\)|dns error|operation timed out'
unreachable+='|^npm (error|ERR!) (network|code E(CONN|NOTFOUND|AI_AGAIN|TIMEDOUT))'
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT

quietly() {
  rm -f "$said"/*  # what an earlier step has met and got over is no reason for this one
  if ! "$@" 2>"$said/errors"; then
    if grep -Eqs "$unreachable" "$said"/*; then
      cat >&2 <<MESSAGE
The package index could not be reached, so $environment is not ready.
Check the network and run make again: what is already there stays. Behind a proxy, set HTTPS_PROXY. With a certificate
of your own, set PIP_CERT and SSL_CERT_FILE. With an index of your own, set PIP_INDEX_URL and UV_INDEX_URL.
MESSAGE
    else
      cat "$said/errors" >&2
    fi
    exit 1
  fi
}

# With the provider that some versions of Airflow need for their forms and users.
mapfile -t airflow < <(grep -E '^apache-airflow(-providers-fab)?==' "$constraints")
"$python" -m venv "$environment"
# The log has the reason even if pip is told to say little, or to try only once.
quietly "$environment/bin/python" -m pip install --quiet --progress-bar off --log "$said/pip.log" -c "$constraints" uv
quietly "$environment/bin/uv" pip install --quiet --compile-bytecode --python "$environment/bin/python" \
  -c "$constraints" --editable "$requirement" "${airflow[@]}" hatchling build
if [[ $# -gt 4 ]]; then
  quietly npm install --loglevel=error --no-audit --no-fund --prefix "$environment/node" "$5"
fi
