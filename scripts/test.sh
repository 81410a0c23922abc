#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test, among them those against a Kafka broker and a PostgreSQL server that ctest
# starts and stops (cmake/TestServers.cmake). Arguments go to ctest: scripts/test.sh -R parser. Can be run again.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# ctest's cleanup does not run when it is interrupted.
stop_servers() {
  local script
  for script in kafka-broker:kafka postgres:postgres; do
    if [ -d "$ROOT/build/release/test-servers/${script#*:}" ]; then
      "$ROOT/scripts/${script%:*}.sh" stop "$ROOT/build/release/test-servers/${script#*:}" || true
    fi
  done
}

"$ROOT/scripts/install.sh"
"$ROOT/scripts/build.sh" release
step "tests"
trap stop_servers EXIT
cd "$ROOT/build/release"
ctest --output-on-failure --no-tests=error -j "$(build_jobs)" "$@" </dev/null
