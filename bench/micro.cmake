# What functions cost beside the same written by hand:   function_bench [rows = 1000000] [rounds = 7]
add_executable(function_bench ${CMAKE_CURRENT_SOURCE_DIR}/function_bench.cc)
target_compile_options(function_bench PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(function_bench PRIVATE kappa_functions kappa_common PkgConfig::RE2 fmt::fmt)
