# Every library the project uses; docs/dependencies.md says why each is there.
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)      # gzip batches of the log
find_package(Snappy REQUIRED)    # snappy batches of the log
find_path(ANTLR4_INCLUDE_DIR antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)   # its CMake package differs between releases
find_library(ANTLR4_LIBRARY antlr4-runtime REQUIRED)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)     # the oracle tests ask PostgreSQL
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)   # the shell
find_package(spdlog REQUIRED)   # the log of the process
find_package(prometheus-cpp REQUIRED)   # --metrics
pkg_check_modules(ROCKSDB REQUIRED IMPORTED_TARGET rocksdb)   # the files of snapshots
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)   # regular expressions
find_package(OpenSSL REQUIRED)   # digests: md5, sha256...
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)   # Boost's own package, which every release from 1.70 has
endif()
find_package(Boost 1.74 REQUIRED)   # kappa serve: Asio, headers alone
