# The parser generator: ANTLR 4.9, the version of the packaged C++ runtime, from Maven into the user's own Maven repository.
# (The packaged tool is 4.7.2 on Debian 12: what it generates does not compile as C++20.)
#
# kappa_antlr(LEXER file.g4 PARSER file.g4 NAMESPACE ns OUTPUT dir): adds the rules that generate the C++ sources into dir and sets
# KAPPA_ANTLR_SOURCES in the caller's scope.

set(KAPPA_ANTLR_VERSION 4.9)
set(KAPPA_ANTLR_JAR $ENV{HOME}/.m2/repository/org/antlr/antlr4/${KAPPA_ANTLR_VERSION}/antlr4-${KAPPA_ANTLR_VERSION}-complete.jar
    CACHE FILEPATH "the ANTLR tool, the jar with everything in it")
find_program(KAPPA_JAVA java REQUIRED)

if(NOT EXISTS ${KAPPA_ANTLR_JAR})
  find_program(KAPPA_MAVEN mvn REQUIRED)
  message(STATUS "Fetching the ANTLR ${KAPPA_ANTLR_VERSION} tool with Maven")
  execute_process(
    COMMAND ${KAPPA_MAVEN} -q -B dependency:get -Dartifact=org.antlr:antlr4:${KAPPA_ANTLR_VERSION}:jar:complete
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} RESULT_VARIABLE failed TIMEOUT 300)
  if(failed OR NOT EXISTS ${KAPPA_ANTLR_JAR})
    message(FATAL_ERROR "Maven could not fetch org.antlr:antlr4:${KAPPA_ANTLR_VERSION}:jar:complete; "
                        "fetch it by hand and pass -DKAPPA_ANTLR_JAR=path")
  endif()
endif()

function(kappa_antlr)
  cmake_parse_arguments(ARG "" "LEXER;PARSER;NAMESPACE;OUTPUT" "" ${ARGN})
  get_filename_component(lexer ${ARG_LEXER} NAME_WE)
  get_filename_component(parser ${ARG_PARSER} NAME_WE)
  set(tool ${KAPPA_JAVA} -Xshare:auto -jar ${KAPPA_ANTLR_JAR} -Werror -Dlanguage=Cpp -no-listener -visitor -package ${ARG_NAMESPACE}
           -Xexact-output-dir -o ${ARG_OUTPUT} -lib ${ARG_OUTPUT})
  set(lexer_sources ${ARG_OUTPUT}/${lexer}.cpp ${ARG_OUTPUT}/${lexer}.h)
  set(parser_sources ${ARG_OUTPUT}/${parser}.cpp ${ARG_OUTPUT}/${parser}.h ${ARG_OUTPUT}/${parser}BaseVisitor.h
                     ${ARG_OUTPUT}/${parser}Visitor.h ${ARG_OUTPUT}/${parser}BaseVisitor.cpp ${ARG_OUTPUT}/${parser}Visitor.cpp)
  add_custom_command(OUTPUT ${lexer_sources} ${ARG_OUTPUT}/${lexer}.tokens
    COMMAND ${tool} ${ARG_LEXER} DEPENDS ${ARG_LEXER} ${KAPPA_ANTLR_JAR} COMMENT "ANTLR ${lexer}" VERBATIM)
  add_custom_command(OUTPUT ${parser_sources}
    COMMAND ${tool} ${ARG_PARSER} DEPENDS ${ARG_PARSER} ${ARG_OUTPUT}/${lexer}.tokens ${KAPPA_ANTLR_JAR} COMMENT "ANTLR ${parser}" VERBATIM)
  set(KAPPA_ANTLR_SOURCES ${lexer_sources} ${parser_sources} PARENT_SCOPE)
endfunction()
