#!/usr/bin/env bash
# Kafka's own tool judges our segments and indexes:  dump_log_test.sh WRITE_SAMPLE_LOG KAFKA_BROKER_SH
set -euo pipefail
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
"$1" "$data"
libs=$("$2" libs | tail -n 1)
dump() { java -Xmx256m -cp "$libs" kafka.tools.DumpLogSegments --deep-iteration "$@"; }

fail() { echo "FAILED: $1"; exit 1; }
# expect NAME RECORDS: as many records as were written, and no complaint
expect() {
  local out="$data/$1.txt" records
  records=$(grep -c '^| offset' "$out" || true)
  [ "$records" = "$2" ] || { head -20 "$out"; fail "$1: $records records, not $2"; }
  if grep -iE 'isvalid: false|mismatch|not found|exception|corrupt|fully qualified' "$out"; then fail "$1: the tool complains"; fi
}
dump --print-data-log --files "$data/log/sample-0/00000000000000000000.log" > "$data/sample.txt" 2>&1
expect sample 600
grep -q 'offset: 1 .*headerKeys: \[\] key: key-1 payload: {"n": 1, "compression": "none"}' "$data/sample.txt" || fail "keys and values are not what was written"
grep -q 'compresscodec: lz4' "$data/sample.txt" || fail "no lz4 batch"
grep -q 'compresscodec: zstd' "$data/sample.txt" || fail "no zstd batch"
files=$(printf '%s,' "$data"/log/many-0/*.log "$data"/log/many-0/*.index "$data"/log/many-0/*.timeindex)
dump --files "${files%,}" > "$data/many.txt" 2>&1
expect many 10000
grep -q '^offset: .*position: ' "$data/many.txt" || fail "no index entry was seen"
grep -q '^timestamp: 17' "$data/many.txt" || fail "no time index entry was seen"
files=$(printf '%s,' "$data"/log/epochs-0/*.log "$data"/log/epochs-0/*.index "$data"/log/epochs-0/*.timeindex)
dump --files "${files%,}" > "$data/epochs.txt" 2>&1
expect epochs 1102   # and a marker each
[ "$(grep -c 'endTxnMarker: COMMIT' "$data/epochs.txt")" = 100 ] || fail "not 100 commit markers"
[ "$(grep -c 'endTxnMarker: ABORT' "$data/epochs.txt")" = 1 ] || fail "not one abort marker"
grep -q 'isTransactional: true isControl: false' "$data/epochs.txt" || fail "records are in no transaction"
echo "ok"
