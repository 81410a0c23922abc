add_executable(kafka_consume_bench ${CMAKE_SOURCE_DIR}/bench/kafka_consume_bench.cc)
target_link_libraries(kafka_consume_bench PRIVATE kappa_kafka CLI11::CLI11 fmt::fmt)
