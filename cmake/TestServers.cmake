# Real servers for tests, as CTest fixtures: started before the first test that needs one, stopped after the last.
#
#   kappa_needs_kafka(NAME)      test NAME finds the broker's address in the file named by $KAPPA_TEST_KAFKA_FILE
#   kappa_needs_postgres(NAME)   test NAME finds libpq's connection string in the file named by $KAPPA_TEST_POSTGRES_FILE
#
# Either also gives the test the label of its server: `ctest -L kafka`, `ctest -LE 'kafka|postgres'`.

function(kappa_server_fixture SERVER SCRIPT)
  get_property(defined GLOBAL PROPERTY KAPPA_FIXTURE_${SERVER})
  if(defined)
    return()
  endif()
  set_property(GLOBAL PROPERTY KAPPA_FIXTURE_${SERVER} TRUE)
  set(directory ${CMAKE_BINARY_DIR}/test-servers/${SERVER})
  add_test(NAME ${SERVER}_start COMMAND ${CMAKE_SOURCE_DIR}/scripts/${SCRIPT} start ${directory})
  add_test(NAME ${SERVER}_stop COMMAND ${CMAKE_SOURCE_DIR}/scripts/${SCRIPT} stop ${directory})
  # The first start of a broker resolves its artifacts.
  set_tests_properties(${SERVER}_start PROPERTIES FIXTURES_SETUP ${SERVER} TIMEOUT 600)
  set_tests_properties(${SERVER}_stop PROPERTIES FIXTURES_CLEANUP ${SERVER} TIMEOUT 60)
endfunction()

function(kappa_needs_kafka NAME)
  kappa_server_fixture(kafka kafka-broker.sh)
  set_property(TEST ${NAME} APPEND PROPERTY FIXTURES_REQUIRED kafka)
  set_property(TEST ${NAME} APPEND PROPERTY LABELS kafka)
  set_property(TEST ${NAME} APPEND PROPERTY ENVIRONMENT KAPPA_TEST_KAFKA_FILE=${CMAKE_BINARY_DIR}/test-servers/kafka/bootstrap)
endfunction()

function(kappa_needs_postgres NAME)
  kappa_server_fixture(postgres postgres.sh)
  set_property(TEST ${NAME} APPEND PROPERTY FIXTURES_REQUIRED postgres)
  set_property(TEST ${NAME} APPEND PROPERTY LABELS postgres)
  set_property(TEST ${NAME} APPEND PROPERTY ENVIRONMENT KAPPA_TEST_POSTGRES_FILE=${CMAKE_BINARY_DIR}/test-servers/postgres/conninfo)
endfunction()
