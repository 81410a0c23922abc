#!/usr/bin/env bash
# Every function and aggregate against PostgreSQL.   oracle_test.sh FUNCTION_CASES_BINARY
set -euo pipefail
cases=${1:?the function_cases binary}
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d "${TMPDIR:-/tmp}"/kappa-oracle.XXXXXX)
chmod 755 "$directory"
trap '"$here/../oracle/postgres.sh" stop "$directory" || rm -rf "$directory"' EXIT
socket=$("$here/../oracle/postgres.sh" start "$directory")
"$cases" >"$directory/cases.tsv"
psql -h "$socket" -U postgres -X -q -A -t -f "$here/oracle.sql" postgres <"$directory/cases.tsv"
