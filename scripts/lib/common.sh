# Sourced by every script: where things are, how to speak, how to become root. Needs bash.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# What is downloaded or built once and used again (git-ignored).
CACHE="${KAPPA_CACHE:-$ROOT/.cache}"

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo --preserve-env=DEBIAN_FRONTEND,http_proxy,https_proxy,no_proxy "$@"
  else die "packages must be installed: run this as root, or install sudo"
  fi
}

# 12, 13, ...; 99 for Debian's testing and unstable, which have no number.
debian_version() {
  local ID="" VERSION_ID=""
  [ -r /etc/os-release ] && . /etc/os-release
  [ "$ID" = debian ] || die "Debian 12 or 13 is needed; this is '${ID:-unknown}' (see scripts/lib/packages.sh for what must be there)"
  printf '%s\n' "${VERSION_ID:-99}"
}

# CMake and ninja jobs: one a core, and at most one for 1.5 GiB of memory (files that include LLVM are large).
build_jobs() {
  local cores memory
  cores="$(nproc)"
  memory="$(awk '/MemTotal/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null || echo 2)"
  [ "$memory" -ge 1 ] || memory=1
  if [ "$memory" -lt "$cores" ]; then echo "$memory"; else echo "$cores"; fi
}
