# librdkafka >= 2.8. Older ones lose messages in batch consume (before 2.1) and pause for a second when a queue is full (before 2.2).
# Debian 13 has 2.8.0. On Debian 12 it is built from Debian 13's source package, into the cache: nothing of the system is changed.

LIBRDKAFKA_PREFIX="$CACHE/librdkafka"
LIBRDKAFKA_SUITE=trixie     # a released suite: its version does not move

system_librdkafka_is_new_enough() { pkg-config --atleast-version=2.8 rdkafka 2>/dev/null; }

# The version in the cache, "" when there is none.
cached_librdkafka_version() { sed -n 's/^Version: //p' "$LIBRDKAFKA_PREFIX/lib/pkgconfig/rdkafka-static.pc" 2>/dev/null || true; }

# The address of the mirror this machine's own apt uses for Debian itself (not for security updates or third parties).
debian_mirror() {
  local uri
  uri="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -n 1)"
  # Before the first `apt-get update` labels are not known.
  [ -n "$uri" ] || uri="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | grep '/debian/*$' | head -n 1)"
  [ -n "$uri" ] || die "no Debian mirror found in apt's configuration"
  printf '%s\n' "$uri"
}

# apt with its own lists, cache and sources in folder $1.
private_apt() {
  local work="$1"
  shift
  apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts="$work/none" -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User= -o Acquire::Languages=none "$@" </dev/null
}

build_librdkafka() {
  local work="$CACHE/librdkafka-build" mirror
  rm -rf "$work"
  mkdir -p "$work"/{none,lists/partial,cache/archives/partial,source}
  mirror="$(debian_mirror)"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$LIBRDKAFKA_SUITE" > "$work/sources.list"
  private_apt "$work" -qq update
  (cd "$work/source" && private_apt "$work" -qq source --download-only librdkafka >/dev/null)
  # apt has checked it against the signed index. The patches swap vendored files for ones that only debian/rules makes.
  (cd "$work/source" && dpkg-source --no-check --skip-patches -x ./*.dsc tree >/dev/null)
  cmake -S "$work/source/tree" -B "$work/build" -G Ninja -Wno-dev -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$work/prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DRDKAFKA_BUILD_STATIC=ON -DWITH_ZSTD=ON -DENABLE_LZ4_EXT=ON \
    -DRDKAFKA_BUILD_EXAMPLES=OFF -DRDKAFKA_BUILD_TESTS=OFF > "$work/configure.log" || { tail -n 30 "$work/configure.log" >&2; die "librdkafka does not configure"; }

  cmake --build "$work/build" -j "$(build_jobs)" > "$work/build.log" || { tail -n 30 "$work/build.log" >&2; die "librdkafka does not build"; }
  cmake --install "$work/build" > "$work/install.log"
  # Moved into place whole: a build that was interrupted leaves nothing that looks finished.
  rm -rf "$LIBRDKAFKA_PREFIX"
  mv "$work/prefix" "$LIBRDKAFKA_PREFIX"
  rm -rf "$work"
}

ensure_librdkafka() {
  local where="${LIBRDKAFKA_PREFIX#"$ROOT/"}"
  if system_librdkafka_is_new_enough; then
    say "librdkafka: $(pkg-config --modversion rdkafka), the system's"
    return
  fi
  if [ -z "$(cached_librdkafka_version)" ]; then
    say "librdkafka: the system's is missing or older than 2.8; building Debian $LIBRDKAFKA_SUITE's source package into $where (half a minute)"
    build_librdkafka
  fi
  say "librdkafka: $(cached_librdkafka_version) in $where"
}
