# Defines RdKafka::rdkafka, librdkafka 2.8 or newer: the system's, else the static one that scripts/install.sh built into the cache.
if(NOT TARGET RdKafka::rdkafka)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(RDKAFKA QUIET IMPORTED_TARGET GLOBAL rdkafka>=2.8)
  if(RDKAFKA_FOUND)
    add_library(RdKafka::rdkafka ALIAS PkgConfig::RDKAFKA)
    message(STATUS "librdkafka ${RDKAFKA_VERSION} of the system")
  else()
    if(DEFINED ENV{KAPPA_CACHE})
      set(rdkafka_prefix $ENV{KAPPA_CACHE}/librdkafka)
    else()
      set(rdkafka_prefix ${CMAKE_SOURCE_DIR}/.cache/librdkafka)
    endif()
    if(NOT EXISTS ${rdkafka_prefix}/lib/librdkafka.a)
      message(FATAL_ERROR "librdkafka 2.8 or newer is neither in the system nor in ${rdkafka_prefix}: run scripts/install.sh")
    endif()
    # What it was configured with: compression, TLS, SASL, OIDC.
    pkg_check_modules(RDKAFKA_NEEDS REQUIRED IMPORTED_TARGET GLOBAL libzstd liblz4 zlib openssl libsasl2 libcurl)
    find_package(Threads REQUIRED)
    add_library(RdKafka::rdkafka STATIC IMPORTED GLOBAL)
    set_target_properties(RdKafka::rdkafka PROPERTIES
      IMPORTED_LOCATION ${rdkafka_prefix}/lib/librdkafka.a
      INTERFACE_INCLUDE_DIRECTORIES ${rdkafka_prefix}/include
      INTERFACE_COMPILE_DEFINITIONS LIBRDKAFKA_STATICLIB
      INTERFACE_LINK_LIBRARIES "PkgConfig::RDKAFKA_NEEDS;Threads::Threads;m;${CMAKE_DL_LIBS}")
    message(STATUS "librdkafka of ${rdkafka_prefix}")
  endif()
endif()
