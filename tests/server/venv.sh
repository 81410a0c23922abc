#!/usr/bin/env bash
# Runs a Python program with psycopg 3 at hand: in a virtual environment below .cache, made when it is missing.   tests/server/venv.sh PROGRAM.py [ARGUMENT...]
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/common.sh"
VENV="$CACHE/venv-psycopg"

if ! "$VENV/bin/python" -c 'import psycopg' 2>/dev/null; then
  # One at a time: tests run side by side.
  mkdir -p "$CACHE"
  exec 9> "$CACHE/venv-psycopg.lock"
  flock 9
  if ! "$VENV/bin/python" -c 'import psycopg' 2>/dev/null; then
    say "making a virtual environment with psycopg in ${VENV#"$ROOT/"} (once)" >&2
    python3 -m venv "$VENV"
    "$VENV/bin/pip" -q --disable-pip-version-check install 'psycopg[binary]>=3.1'
  fi
  flock -u 9
fi
exec "$VENV/bin/python" "$@"
