#!/usr/bin/env bash
# The real servers that the stores' slow tests talk to: Phoenix and MLflow from PyPI and moto, each in a venv of its own (their
# requirements clash with ours and with each other), and PostgreSQL from Debian. Safe to run again: what is there stays.
#
# DRIFT_SERVERS is the folder of the venvs (default /tmp/drift-servers). The tests start and stop the servers themselves.
set -euo pipefail

home="${DRIFT_SERVERS:-/tmp/drift-servers}"
python="${PYTHON:-python3.11}"
mkdir -p "$home"

venv() { # name, requirement, module that must import
  local dir="$home/$1"
  if "$dir/bin/python" -c "import $3" 2>/dev/null; then
    echo "$1: ready"
    return
  fi
  rm -rf "$dir"
  "$python" -m venv "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check "$2"
  echo "$1: installed"
}

venv phoenix 'arize-phoenix' phoenix.version
venv mlflow 'mlflow' mlflow.version
venv moto 'moto[server,s3]' moto.server

if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo "postgresql: ready"
elif command -v apt-get >/dev/null; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends postgresql >/dev/null; then
    echo "postgresql: installed"
  else
    echo "postgresql: cannot be installed here; its tests will be skipped" >&2
  fi
else
  echo "postgresql: no apt-get here; its tests will be skipped" >&2
fi
