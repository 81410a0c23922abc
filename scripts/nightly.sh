#!/usr/bin/env bash
# What is too long for scripts/test.sh. Runs every step, goes on after a failure, and ends with a line a step:
#   scripts/nightly.sh [STEP...]      without arguments: all of STEPS
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# To add a step: its name here, and a function of that name (dashes as underscores) that fails when it finds something.
STEPS=(format release slt-matrix heap crash views asan fuzz tidy)
FUZZ_SECONDS="${FUZZ_SECONDS:-600}"   # each fuzzer

format() { "$ROOT/scripts/format.sh" check; }

release() { "$ROOT/scripts/test.sh"; }

# Every .slt record, and every query compared with DuckDB, in every configuration; scripts/test.sh runs the base one and few others.
slt_matrix() {
  "$ROOT/scripts/build.sh" release
  cd "$ROOT/build/release"
  KAPPA_SLT_MATRIX=all KAPPA_ORACLE_MATRIX=full ctest --output-on-failure --no-tests=error -L 'slt|oracle' --timeout 7200 </dev/null
}

# The corpus with memory overwritten when it is allocated and when it is freed, and the heap checked: what reads memory it should not answers something
# else, and the code is the release's.
heap() {
  "$ROOT/scripts/build.sh" release kappa_slt
  MALLOC_PERTURB_=165 GLIBC_TUNABLES=glibc.malloc.check=3 LD_PRELOAD=libc_malloc_debug.so.0 "$ROOT/build/release/tests/slt/kappa_slt" --config base "$ROOT/tests/slt" "$ROOT/docs"
}

# 2,000 kills, power lost at every write boundary under many seeds; then the harness itself: it must find each safeguard of recovery that is left out.
crash() {
  local seed build found finds sign
  seed="$(date +%Y%m%d)"
  say "seed $seed"
  "$ROOT/scripts/build.sh" release kappa simulation_test
  python3 "$ROOT/tests/crash/crash.py" "$ROOT/build/release/cli/kappa" --kills "${CRASH_KILLS:-2000}" --seed "$seed"
  KAPPA_SIMULATION_SEEDS="${SIMULATION_SEEDS:-20}" "$ROOT/build/release/tests/simulation/simulation_test"
  for safeguard in journal_sync mute slice_crc; do
    build="$ROOT/build/break"   # one for all: they differ in two files
    found="$build/found-$safeguard.txt"
    cmake --preset release -B "$build" -DKAPPA_BREAK="$safeguard" </dev/null
    cmake --build "$build" -j "$(build_jobs)" --target kappa simulation_test </dev/null
    case "$safeguard" in   # a killed process leaves what it wrote to the system: only a power loss shows a missing sync
      journal_sync) finds=("$build/tests/simulation/simulation_test" --gtest_filter='*EveryWriteBoundary*') sign='power lost at boundary' ;;
      mute) finds=(python3 "$ROOT/tests/crash/crash.py" "$build/cli/kappa" --seed "$seed") sign='duplicated [1-9]' ;;
      slice_crc) finds=(python3 "$ROOT/tests/crash/crash.py" "$build/cli/kappa" --changed) sign='nobody noticed' ;;
    esac
    if "${finds[@]}" >"$found" 2>&1; then die "without $safeguard the harness found nothing: ${finds[*]}"; fi
    grep -m1 "$sign" "$found" || die "without $safeguard something else failed: see $found"
  done
}

# Views under changes, beside PostgreSQL: 10,000 random queries, other ones every day; TPC-H for 100 epochs, killed now and then; Nexmark over a log that grows.
views() {
  local seed
  seed="$(date +%Y%m%d)"
  say "seed $seed"
  "$ROOT/scripts/build.sh" release kappa
  python3 "$ROOT/tests/oracle/random/run.py" "$ROOT/build/release/cli/kappa" --queries "${RANDOM_QUERIES:-10000}" --seed "${seed}0000" --jobs "$(build_jobs)"
  python3 "$ROOT/tests/tpch/run.py" "$ROOT/build/release/cli/kappa" --epochs 100 --seed "$seed" --kill-every 10
  python3 "$ROOT/tests/oracle/nexmark_postgres.py" "$ROOT/build/release/cli/kappa" --rows 20000 --steps 12
}

# Everything once more under the address and undefined-behaviour sanitizers.
asan() {
  "$ROOT/scripts/build.sh" asan
  cd "$ROOT/build/asan"
  LSAN_OPTIONS=suppressions=$ROOT/scripts/lib/lsan.supp:print_suppressions=0 ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    ctest --output-on-failure --no-tests=error -j "$(build_jobs)" --timeout 3600 </dev/null
}

# Tests labelled fuzz run for KAPPA_FUZZ_SECONDS, from a seed that differs by day and is printed.
fuzz() {
  local seed
  seed="$(date +%Y%m%d)"
  say "seed $seed"
  "$ROOT/scripts/build.sh" asan
  cd "$ROOT/build/asan"
  KAPPA_FUZZ_SECONDS="$FUZZ_SECONDS" KAPPA_FUZZ_SEED="$seed" ctest --output-on-failure -L fuzz --timeout $((FUZZ_SECONDS * 2 + 600)) </dev/null
}

tidy() {
  "$ROOT/scripts/build.sh" release
  cd "$ROOT"
  git ls-files '*.cc' | xargs -P "$(build_jobs)" -n 4 clang-tidy-19 --quiet -p build/release --warnings-as-errors='*'
}

"$ROOT/scripts/install.sh"
[ $# -eq 0 ] || STEPS=("$@")
summary=() failed=0
for name in "${STEPS[@]}"; do
  step "nightly: $name"
  started=$SECONDS
  # A process of its own: what a step sets or enters does not reach the next. Not inside `if`, which would switch errexit off in the step.
  set +e
  ( set -e; "${name//-/_}" )
  code=$?
  set -e
  if [ "$code" -eq 0 ]; then result=ok; else result=FAILED; failed=1; fi
  summary+=("$(printf '%-12s %-7s %5d s' "$name" "$result" $((SECONDS - started)))")
done
step "nightly: summary"
printf '%s\n' "${summary[@]}"
exit "$failed"
