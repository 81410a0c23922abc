# The Debian packages that building and testing need. docs/dependencies.md says why each library is there.

# Prints the names, one a line, for Debian $1 (12, 13, ...).
package_list() {
  local version="$1"
  # tools
  printf '%s\n' git cmake ninja-build g++ make ccache mold clang-19 libclang-rt-19-dev lld-19 clang-format-19 clang-tidy-19 pkg-config python3 python3-venv
  # libraries
  printf '%s\n' llvm-19-dev libantlr4-runtime-dev libabsl-dev libfmt-dev libsimdjson-dev librocksdb-dev libre2-dev libedit-dev libcli11-dev \
    nlohmann-json3-dev libspdlog-dev libssl-dev libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev prometheus-cpp-dev libgtest-dev libgmock-dev \
    libbenchmark-dev libpq-dev
  # servers and clients that tests talk to; the parser generator and the broker come through maven
  printf '%s\n' kcat postgresql tmux default-jre-headless maven
  # what librdkafka is linked with
  printf '%s\n' libsasl2-dev libcurl4-openssl-dev
  if [ "$version" -lt 13 ]; then
    # librdkafka is built from Debian 13's source package (lib/librdkafka.sh)
    printf '%s\n' libboost1.81-dev dpkg-dev
  else
    printf '%s\n' libboost-dev librdkafka-dev
  fi
}

# Those of the list that are not installed, one a line.
missing_packages() {
  local name
  package_list "$1" | while read -r name; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
  done
}

install_packages() {
  local version missing
  version="$(debian_version)"
  [ "$version" -ge 12 ] || die "Debian 12 or newer is needed; this is $version"
  missing="$(missing_packages "$version" | tr '\n' ' ')"
  if [ -z "${missing// /}" ]; then
    say "Debian packages: all there"
    return
  fi
  say "These Debian packages will be installed:"
  printf '%s\n' "$missing" | fold -s -w 110 | sed 's/^/  /'
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null
  # shellcheck disable=SC2086  # the list is words
  as_root apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends $missing </dev/null
}
