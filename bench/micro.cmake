# What functions cost beside the same written by hand:   function_bench [--rows 16384] [--rounds 31] [--only TEXT] [--json]
add_executable(function_bench ${CMAKE_CURRENT_SOURCE_DIR}/function_bench.cc ${CMAKE_CURRENT_SOURCE_DIR}/functions/rows.cc
  ${CMAKE_CURRENT_SOURCE_DIR}/functions/compiled.cc ${CMAKE_CURRENT_SOURCE_DIR}/functions/texts_by_hand.cc
  ${CMAKE_CURRENT_SOURCE_DIR}/functions/numbers_by_hand.cc ${CMAKE_CURRENT_SOURCE_DIR}/functions/json_field.cc)
target_compile_options(function_bench PRIVATE ${KAPPA_WARNINGS})
target_include_directories(function_bench SYSTEM PRIVATE $<TARGET_PROPERTY:kappa_exec,INCLUDE_DIRECTORIES>)   # LLVM's: it generates code
target_link_libraries(function_bench PRIVATE kappa_exec kappa_planner kappa_parser kappa_connectors PkgConfig::RE2 simdjson::simdjson CLI11::CLI11
  nlohmann_json::nlohmann_json fmt::fmt)
