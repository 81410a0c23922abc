#!/usr/bin/env bash
# Nexmark beside Apache Flink 1.20 (heap state, object reuse, parallelism 1), both from JSON in one Kafka topic, in turn; CPU-seconds per million events of
# the whole process, the broker not counted. Flink: the second run of a JVM, less what planning and starting cost. kappa: everything.
#   bench/peers/run.sh      RECORDS=2000000 ROUNDS=1 QUERIES="q3 q4 ..." BUILD=build/release EVENT_RATE=10000
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/common.sh"
records="${RECORDS:-2000000}" rounds="${ROUNDS:-1}" build="${BUILD:-$ROOT/build/release}" rate="${EVENT_RATE:-10000}"
queries="${QUERIES:-q3 q4 q5 q7 q8 q9 q15 q16 q17 q18 q19 q20}"
here="$ROOT/bench/peers" work="$ROOT/build/bench/peers" libs="$CACHE/flink/libs"
kappa="$build/cli/kappa"
mkdir -p "$work"

if [ ! -d "$libs" ]; then
  say "resolving Flink's artifacts into ${libs#"$ROOT/"} (once)"
  mkdir -p "$CACHE/flink/resolve" && cp "$here/flink/pom.xml" "$CACHE/flink/resolve/"
  (cd "$CACHE/flink/resolve" && mvn -B -q dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=libs)
  mv "$CACHE/flink/resolve/libs" "$libs"
fi
mkdir -p "$work/classes"
javac -cp "$libs/*" -d "$work/classes" "$here/flink/FlinkPeer.java"

step "records"
topic="nexmark$records"
broker="$work/kafka"
"$ROOT/scripts/kafka-broker.sh" start "$broker" >/dev/null
trap '"$ROOT/scripts/kafka-broker.sh" stop "$broker" >/dev/null' EXIT
bootstrap="$(cat "$broker/bootstrap")"
"$kappa" topic create "$topic" --bootstrap "$bootstrap" >/dev/null
"$kappa" topic create empty --bootstrap "$bootstrap" >/dev/null
file="$work/records-$records-$rate.json"
if [ ! -f "$file" ]; then
  cat > "$work/records.sql" <<SQL
CREATE SOURCE generated (line TEXT) WITH (connector = 'nexmark', rows = $records, event.rate = $rate) FORMAT PLAIN ENCODE BYTES;
CREATE SINK lines AS SELECT line FROM generated WITH (connector = 'stdout') FORMAT PLAIN ENCODE BYTES;
SQL
  "$kappa" run -q "$work/records.sql" > "$file.part"
  mv "$file.part" "$file"
fi
kcat -b "$bootstrap" -t "$topic" -P -X queue.buffering.max.messages=1000000 -l "$file"

runs="$work/runs.jsonl"
: > "$runs"
opens=()
for package in java.lang java.util java.util.concurrent java.net java.time java.nio sun.nio.ch; do
  opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done
for round in $(seq "$rounds"); do
  step "round $round"
  for query in $queries; do
    printf '%s ' "$query"
    java -Xmx6g "${opens[@]}" -cp "$work/classes:$libs/*" FlinkPeer "$bootstrap" "$topic" empty "$here/flink/source.sql" "$here/flink/queries/$query.sql" \
      2> "$work/flink-$query.log" | tail -n 1 | python3 "$here/report.py" take "$query" flink "$records" >> "$runs"
    source="connector = 'kafka', topic = '$topic', properties.bootstrap.server = '$bootstrap'"
    { sed -e "s/\${SOURCE}/$source/; s/\${VALIDATE}/full/" "$here/kappa/source.sql"; cat "$here/kappa/$query.sql"; } > "$work/$query.sql"
    python3 "$here/report.py" measure "$query" kappa "$records" -- "$kappa" run --until latest "$work/$query.sql" >> "$runs"
  done
  echo
done
python3 "$here/report.py" table "$runs"
