# The hand-written contestants: the Nexmark baseline, and the decoder beside simdjson.
add_library(kappa_bench_records STATIC ${CMAKE_CURRENT_LIST_DIR}/baseline/nexmark_records.cc)
target_compile_options(kappa_bench_records PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(kappa_bench_records PUBLIC fmt::fmt)

add_executable(json_decode_bench ${CMAKE_CURRENT_LIST_DIR}/json_decode_bench.cc)
target_compile_options(json_decode_bench PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(json_decode_bench PRIVATE kappa_formats kappa_bench_records simdjson::simdjson)

include(RdKafka OPTIONAL)   # without librdkafka: from memory only
add_executable(baseline ${CMAKE_CURRENT_LIST_DIR}/baseline/baseline.cc)
target_compile_options(baseline PRIVATE ${KAPPA_WARNINGS})
target_link_libraries(baseline PRIVATE kappa_common kappa_bench_records simdjson::simdjson CLI11::CLI11)
if(TARGET RdKafka::rdkafka)
  target_sources(baseline PRIVATE ${CMAKE_CURRENT_LIST_DIR}/baseline/kafka_records.cc)
  target_compile_definitions(baseline PRIVATE KAPPA_BASELINE_KAFKA)
  target_link_libraries(baseline PRIVATE RdKafka::rdkafka)
endif()
