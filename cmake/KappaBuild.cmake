# Flags and the few functions with which every room declares itself.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(KAPPA_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them")

# A safeguard left out (exec/epoch), to show that the crash harness notices: journal_sync | mute | slice_crc (tests/crash).
set(KAPPA_BREAK "" CACHE STRING "the safeguard of recovery to leave out; never for use")
set_property(CACHE KAPPA_BREAK PROPERTY STRINGS "" journal_sync mute slice_crc)
if(KAPPA_BREAK)
  if(NOT KAPPA_BREAK MATCHES "^(journal_sync|mute|slice_crc)$")
    message(FATAL_ERROR "KAPPA_BREAK is journal_sync, mute or slice_crc, not ${KAPPA_BREAK}")
  endif()
  message(WARNING "this build recovers wrongly on purpose: ${KAPPA_BREAK}")
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # precompiled headers need ccache told that time stamps do not matter
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# One CPU baseline for everything compiled ahead of time; the JIT uses the CPU it runs on.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(KAPPA_CPU_FLAGS -march=x86-64-v2 -mcrc32)
else()
  set(KAPPA_CPU_FLAGS -march=armv8-a+crc)
endif()
# A result is a function of the log: no fused multiply-add behind our back (design section 3).
set(KAPPA_COMMON_FLAGS ${KAPPA_CPU_FLAGS} -ffp-contract=off -fno-strict-aliasing -fno-omit-frame-pointer)
set(KAPPA_WARNINGS -Wall -Wextra -Wconversion -Wno-sign-conversion -Wno-unused-parameter)

add_compile_options(${KAPPA_COMMON_FLAGS})
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()
# How much longer than in a release a test may take.
set(KAPPA_PATIENCE 1)
if(KAPPA_SANITIZE)
  set(KAPPA_PATIENCE 8)
  add_compile_options(-fsanitize=${KAPPA_SANITIZE} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${KAPPA_SANITIZE})
endif()
add_link_options(-fuse-ld=lld)
include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

# kappa_room(NAME SOURCES a.cc ... DEPENDS target ...): the static library kappa_NAME.
function(kappa_room NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(kappa_${NAME} STATIC ${ARG_SOURCES})
  target_compile_options(kappa_${NAME} PRIVATE ${KAPPA_WARNINGS})
  target_link_libraries(kappa_${NAME} PUBLIC ${ARG_DEPENDS})
endfunction()

# kappa_test(NAME SOURCES a_test.cc ... DEPENDS target ... [LABELS l]): a GoogleTest binary, one ctest entry. Tests of one room share one binary.
function(kappa_test NAME)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * ${KAPPA_PATIENCE}")
  add_executable(${NAME} ${ARG_SOURCES})
  target_compile_options(${NAME} PRIVATE ${KAPPA_WARNINGS})
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${NAME} COMMAND ${NAME})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# kappa_runtime_sources(a.cc ...): these files are also compiled to LLVM bitcode, which is embedded in the binary and imported into generated
# code (docs/codegen.md). They hold no mutable statics, throw nothing, and mark what generated code may call with KAPPA_RUNTIME.
set_property(GLOBAL PROPERTY KAPPA_RUNTIME_SOURCES "")
function(kappa_runtime_sources)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    set_property(GLOBAL APPEND PROPERTY KAPPA_RUNTIME_SOURCES ${path})
  endforeach()
endfunction()
