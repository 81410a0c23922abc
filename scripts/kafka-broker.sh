#!/usr/bin/env bash
# A Kafka broker for tests and benches: one node of its own, on free ports of 127.0.0.1, its data below DIR.
#   scripts/kafka-broker.sh start DIR    writes DIR/bootstrap (host:port) once it answers; whatever ran there before is ended and its data removed
#   scripts/kafka-broker.sh stop DIR     ends it; its log stays in DIR/broker.log
#   scripts/kafka-broker.sh crash DIR    kills it; its data stay
#   scripts/kafka-broker.sh resume DIR   starts it again after a crash: same ports, same data
#   scripts/kafka-broker.sh libs         resolves the jars into the cache and prints their class path (kafka.tools.DumpLogSegments, ...)
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/ports.sh"
LIBS="$CACHE/kafka/libs"
START_DEADLINE=90   # seconds; 6 are usual

resolve_libs() {
  [ -d "$LIBS" ] && return
  say "resolving the Kafka broker's artifacts into ${LIBS#"$ROOT/"} (once)"
  local work="$CACHE/kafka/resolve.$$"
  mkdir -p "$work"
  cp "$ROOT/scripts/lib/kafka-pom.xml" "$work/pom.xml"
  (cd "$work" && mvn -B -q dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=libs > resolve.log 2>&1 </dev/null) \
    || { tail -n 20 "$work/resolve.log" >&2; die "maven could not resolve the broker's artifacts"; }
  # Another test run may have been faster.
  [ -d "$LIBS" ] || mv "$work/libs" "$LIBS"
  rm -rf "$work"
}

write_properties() {
  local dir="$1" port="$2" controller="$3"
  cat > "$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
log.dirs=$dir/data
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.retention.ms=-1
PROPERTIES
  cat > "$dir/log4j.properties" <<'PROPERTIES'
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
PROPERTIES
}

# The broker of folder $1 when it runs, else nothing: a process id may have been given to somebody else since.
running_pid() {
  local pid
  pid="$(cat "$1/pid" 2>/dev/null)" || return 0
  if tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -qF "kafka.Kafka $1/server.properties"; then echo "$pid"; fi
}

kill_broker() {
  local pid
  pid="$(running_pid "$1")"
  [ -n "$pid" ] || return 0
  kill -KILL "$pid"
  timeout 20 tail -s 0.1 --pid="$pid" -f /dev/null || true
}

stop() {
  kill_broker "$1"   # its data go too: nothing to shut down in order
  rm -rf "$1/pid" "$1/bootstrap" "$1/data"
}

crash() {
  kill_broker "$1"
  rm -f "$1/pid"
}

# Runs the broker whose folder is ready.
launch() {
  local dir="$1" pid
  # Its own session: it outlives the test that starts it, and holds none of its pipes.
  setsid java -Dlog4j.configuration="file:$dir/log4j.properties" -Xms256m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$LIBS/*" \
    kafka.Kafka "$dir/server.properties" > "$dir/broker.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" > "$dir/pid"
  disown
  if ! timeout "$START_DEADLINE" grep -q -m1 'Kafka Server started' <(tail -n +1 -F --pid="$pid" "$dir/broker.log" 2>/dev/null); then
    tail -n 30 "$dir/broker.log" >&2
    stop "$dir"
    die "the Kafka broker was not ready within $START_DEADLINE s (its log is above)"
  fi
  say "Kafka broker $pid at $(sed -n 's|^listeners=PLAINTEXT://\([^,]*\),.*|\1|p' "$dir/server.properties")"
}

resume() {
  [ -d "$1/data" ] || die "$1 holds no data of a broker"
  crash "$1"
  launch "$1"
}

start() {
  local dir="$1" port controller
  resolve_libs
  mkdir -p "$dir"
  stop "$dir"
  read -r port controller <<< "$(free_ports 2)"
  write_properties "$dir" "$port" "$controller"
  local java=(java -Dlog4j.configuration="file:$dir/log4j.properties" -cp "$LIBS/*")
  "${java[@]}" kafka.tools.StorageTool format -t "$("${java[@]}" kafka.tools.StorageTool random-uuid 2>/dev/null)" \
    -c "$dir/server.properties" > "$dir/format.log" 2>&1 </dev/null || { tail -n 20 "$dir/format.log" >&2; die "the broker's storage could not be formatted"; }
  launch "$dir"
  echo "127.0.0.1:$port" > "$dir/bootstrap"
}

absolute() { mkdir -p "$1" && (cd "$1" && pwd); }
case "${1:-}" in
  start) start "$(absolute "${2:?DIR}")" ;;
  stop) stop "$(absolute "${2:?DIR}")" ;;
  crash) crash "$(absolute "${2:?DIR}")" ;;
  resume) resume "$(absolute "${2:?DIR}")" ;;
  libs) resolve_libs >&2; echo "$LIBS/*" ;;
  *) die "usage: $0 start DIR | stop DIR | crash DIR | resume DIR | libs" ;;
esac
