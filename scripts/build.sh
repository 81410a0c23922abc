#!/usr/bin/env bash
# Configures and builds:   scripts/build.sh [PRESET [TARGET...]]     PRESET: release (default), debug, asan; the result is in build/PRESET
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

preset="${1:-release}"
[ $# -eq 0 ] || shift
step "build ($preset)"
cd "$ROOT"
cmake --preset "$preset" </dev/null
cmake --build "build/$preset" -j "$(build_jobs)" ${1:+--target "$@"} </dev/null
