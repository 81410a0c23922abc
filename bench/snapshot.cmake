add_executable(snapshot_bench ${CMAKE_CURRENT_SOURCE_DIR}/snapshot_bench.cc)
target_compile_options(snapshot_bench PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(snapshot_bench PRIVATE kappa_exec)
