# kappa as a contestant (see kappa_bench.cc).
add_executable(kappa_bench ${CMAKE_CURRENT_LIST_DIR}/kappa_bench.cc)
target_compile_options(kappa_bench PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(kappa_bench PRIVATE kappa_engine CLI11::CLI11 nlohmann_json::nlohmann_json)
