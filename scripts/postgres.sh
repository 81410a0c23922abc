#!/usr/bin/env bash
# A PostgreSQL server for tests: a cluster of its own on a free port of 127.0.0.1, without fsync, UTC and collation C.
#   scripts/postgres.sh start DIR    writes DIR/conninfo (libpq's connection string); whatever ran there before is ended and its data removed
#   scripts/postgres.sh stop DIR
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/ports.sh"

bin_directory() {
  local found
  found="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
  [ -n "$found" ] || die "PostgreSQL is not installed: run scripts/install.sh"
  echo "$found"
}

# The server refuses to run as root.
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

stop() {
  local dir="$1" data
  data="$(cat "$dir/data" 2>/dev/null)" || return 0
  if [ -d "$data" ]; then
    (cd / && as_server "$BIN/pg_ctl" -D "$data/pg" -m immediate -t 20 stop > "$dir/stop.log" 2>&1 </dev/null) || true
    rm -rf "$data"
  fi
  rm -f "$dir/data" "$dir/conninfo"
}

start() {
  local dir="$1" data port
  mkdir -p "$dir"
  stop "$dir"
  # Not below DIR: the server's user may not be allowed to go there.
  data="$(mktemp -d "${TMPDIR:-/tmp}/kappa-postgres.XXXXXX")"
  [ "$(id -u)" -ne 0 ] || chown postgres "$data"
  echo "$data" > "$dir/data"
  port="$(free_ports 1)"
  cd /
  as_server "$BIN/initdb" -D "$data/pg" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --lc-collate=C --no-sync > "$dir/initdb.log" 2>&1 </dev/null \
    || { tail -n 20 "$dir/initdb.log" >&2; die "initdb failed"; }
  as_server "$BIN/pg_ctl" -D "$data/pg" -w -t 60 -l "$data/server.log" \
    -o "-p $port -h 127.0.0.1 -k $data -c fsync=off -c timezone=UTC -c max_connections=50" start > "$dir/start.log" 2>&1 </dev/null \
    || { tail -n 20 "$data/server.log" >&2; stop "$dir"; die "PostgreSQL did not start"; }
  echo "host=127.0.0.1 port=$port user=postgres dbname=postgres" > "$dir/conninfo"
  say "PostgreSQL at 127.0.0.1:$port"
}

BIN="$(bin_directory)"
absolute() { mkdir -p "$1" && (cd "$1" && pwd); }
case "${1:-}" in
  start) start "$(absolute "${2:?DIR}")" ;;
  stop) stop "$(absolute "${2:?DIR}")" ;;
  *) die "usage: $0 start DIR | stop DIR" ;;
esac
