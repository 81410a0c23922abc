#!/usr/bin/env bash
# Installs what building and testing need, and says so before: missing Debian packages (as root or with sudo), and librdkafka where the
# system's is too old. Can be run again: what is there is left alone.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/packages.sh"
. "$ROOT/scripts/lib/librdkafka.sh"

step "what must be installed"
install_packages
ensure_librdkafka
