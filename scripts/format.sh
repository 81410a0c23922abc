#!/usr/bin/env bash
# clang-format over the project's own C++:   scripts/format.sh check|apply [FILE...]     (default: all files that git knows)
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

mode="${1:-check}"
[ $# -eq 0 ] || shift
cd "$ROOT"
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files '*.h' '*.cc')
[ ${#files[@]} -gt 0 ] || exit 0
case "$mode" in
  check) clang-format-19 --dry-run --Werror "${files[@]}" ;;
  apply) clang-format-19 -i "${files[@]}" ;;
  *) die "usage: $0 check|apply [FILE...]" ;;
esac
