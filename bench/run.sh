#!/usr/bin/env bash
# Nexmark q0, q2, q17 by kappa and by hand (bench/baseline), over the same records from memory, the embedded log and a Kafka broker that this starts.
# Contestants are interleaved; medians of ROUNDS. Prints a table, leaves the runs in build/bench/runs.jsonl and the medians in build/bench/medians.json.
#   bench/run.sh            RECORDS=2000000 ROUNDS=5 QUERIES="q0 q2 q17" BUILD=build/release
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
records="${RECORDS:-2000000}" rounds="${ROUNDS:-5}" queries="${QUERIES:-q0 q2 q17}" build="${BUILD:-$ROOT/build/release}"
work="$ROOT/build/bench"
baseline="$build/bench/baseline" kappa="$build/bench/kappa_bench"
mkdir -p "$work"
runs="$work/runs.jsonl"
: > "$runs"

step "records"
[ -f "$work/records-$records.json" ] || "$baseline" --query q0 --generate "$records" --write "$work/records-$records.json"
file="$work/records-$records.json"
rm -rf "$work/log"
"$kappa" --load "$work/log" --topic nexmark --file "$file"
broker="$work/kafka"
"$ROOT/scripts/kafka-broker.sh" start "$broker" >/dev/null
trap '"$ROOT/scripts/kafka-broker.sh" stop "$broker" >/dev/null' EXIT
bootstrap="$(cat "$broker/bootstrap")"
"$build/cli/kappa" topic create nexmark --bootstrap "$bootstrap" >/dev/null
kcat -b "$bootstrap" -t nexmark -P -X queue.buffering.max.messages=1000000 -l "$file"

one() { printf '%s ' "$1"; shift; "$@" 2>/dev/null | tail -n 1 >> "$runs"; }
for round in $(seq "$rounds"); do
  step "round $round"
  one consume "$baseline" --query consume --kafka "$bootstrap" --topic nexmark
  for query in $queries; do
    one "$query" "$baseline" --query "$query" --file "$file"
    for validate in read full; do
      one kappa "$kappa" --queries "$ROOT/bench/queries" --query "$query" --file "$file" --validate "$validate"
      one log "$kappa" --queries "$ROOT/bench/queries" --query "$query" --log "$work/log" --topic nexmark --validate "$validate"
      one kafka "$kappa" --queries "$ROOT/bench/queries" --query "$query" --kafka "$bootstrap" --topic nexmark --validate "$validate"
    done
    one baseline "$baseline" --query "$query" --kafka "$bootstrap" --topic nexmark
  done
  echo
done
step "time to the first row"
head -n 20000 "$file" > "$work/records-first.json"
for query in q2 q17; do
  for tier in quick o2; do
    "$kappa" --queries "$ROOT/bench/queries" --query "$query" --file "$work/records-first.json" --tier "$tier" --first-row 20 2>/dev/null | tail -n 1 | tee -a "$runs"
  done
done
python3 "$ROOT/bench/report.py" "$runs" "$work/medians.json"
