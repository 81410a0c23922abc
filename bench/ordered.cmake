# What a change of a top-N and of an OVER costs:   ordered_bench [rows of a large partition = 1000000] [changes = 20000]
add_executable(ordered_bench ${CMAKE_CURRENT_SOURCE_DIR}/ordered_bench.cc)
target_compile_options(ordered_bench PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(ordered_bench PRIVATE kappa_exec)
