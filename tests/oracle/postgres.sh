#!/usr/bin/env bash
# A private PostgreSQL for tests that ask it what is right: no fsync, collation C, time zone UTC, reachable by a unix socket only.
#   postgres.sh start DIR    makes a cluster under DIR and starts it; prints the socket's directory (psql -h SOCKET -U postgres postgres)
#   postgres.sh stop DIR     stops it and removes DIR
set -euo pipefail

action=${1:?start or stop}
directory=${2:?a directory of its own}
binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [[ -z $binaries ]]; then
  echo "postgres.sh: no PostgreSQL under /usr/lib/postgresql: install the package postgresql" >&2
  exit 1
fi

# initdb refuses to run as root.
as_postgres() {
  if [[ $(id -u) -eq 0 ]]; then
    su postgres -s /bin/bash -c "cd / && $(printf '%q ' "$@")"
  else
    "$@"
  fi
}

case $action in
  start)
    mkdir -p "$directory"
    [[ $(id -u) -ne 0 ]] || chown postgres "$directory"
    as_postgres "$binaries/initdb" -D "$directory/data" -U postgres --locale=C --encoding=UTF8 --auth=trust --no-sync >"$directory/initdb.log" 2>&1 ||
      { cat "$directory/initdb.log" >&2; exit 1; }
    as_postgres "$binaries/pg_ctl" -D "$directory/data" -w -t 30 -l "$directory/data/server.log" \
      -o "-k $directory -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c timezone=UTC -c log_timezone=UTC -c jit=off -c shared_buffers=32MB" start >/dev/null ||
      { cat "$directory/data/server.log" >&2; exit 1; }
    echo "$directory"
    ;;
  stop)
    as_postgres "$binaries/pg_ctl" -D "$directory/data" -w -m immediate stop >/dev/null
    rm -rf "$directory"
    ;;
  *)
    echo "usage: postgres.sh start|stop DIR" >&2
    exit 1
    ;;
esac
