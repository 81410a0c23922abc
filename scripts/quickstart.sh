#!/usr/bin/env bash
# From a fresh Debian 12 or 13 to a live result: installs what is missing, builds, runs samples/quickstart.sql. Can be run again.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$ROOT/scripts/install.sh"
"$ROOT/scripts/build.sh" release kappa
step "samples/quickstart.sql"
cd "$ROOT"
build/release/cli/kappa run samples/quickstart.sql
cat <<'NEXT'

That was samples/quickstart.sql, compiled to native code. What to try next:
  build/release/cli/kappa run samples/quickstart.sql              the same again
  build/release/cli/kappa explain samples/quickstart.sql          how it is planned
  build/release/cli/kappa run -e "SELECT 1 + 1 AS two"            any statement
  build/release/cli/kappa shell                                   statements, typed
NEXT
