#!/usr/bin/env bash
# Runs a Python program with DuckDB and psycopg 3 at hand: in a virtual environment below .cache, made when it is missing.
#   tests/venv.sh PROGRAM.py [ARGUMENT...]
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
VENV="$CACHE/venv"

Complete() { "$VENV/bin/python" -c 'import duckdb, psycopg' 2>/dev/null; }

if ! Complete; then
  # One at a time: tests run side by side.
  mkdir -p "$CACHE"
  exec 9> "$CACHE/venv.lock"
  flock 9
  if ! Complete; then
    say "making a virtual environment with DuckDB and psycopg in ${VENV#"$ROOT/"} (once)" >&2
    python3 -m venv "$VENV"
    "$VENV/bin/pip" -q --disable-pip-version-check install 'duckdb>=1.1' 'psycopg[binary]>=3.1'
  fi
  flock -u 9
fi
exec "$VENV/bin/python" "$@"
