#!/usr/bin/env bash
# Every function and aggregate against PostgreSQL.   oracle_test.sh CASES_BINARY [SQL_FILE]
set -euo pipefail
cases=${1:?the binary that prints the cases}
questions=${2:-oracle.sql}
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d "${TMPDIR:-/tmp}"/kappa-oracle.XXXXXX)
chmod 755 "$directory"
trap '"$here/../oracle/postgres.sh" stop "$directory" || rm -rf "$directory"' EXIT
socket=$("$here/../oracle/postgres.sh" start "$directory")
"$cases" >"$directory/cases.tsv"
psql -h "$socket" -U postgres -X -q -A -t -f "$here/$questions" postgres <"$directory/cases.tsv"
