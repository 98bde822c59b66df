# apnslab_library(NAME SOURCES a.cpp ... LIBS PUBLIC x PRIVATE y): a static library with the project's flags.
function(apnslab_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC apns_options)
  if(ARG_LIBS)
    target_link_libraries(${name} ${ARG_LIBS})
  endif()
endfunction()

# apnslab_header_library(NAME LIBS x ...): headers only.
function(apnslab_header_library name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE apns_options ${ARG_LIBS})
endfunction()

# apnslab_test(NAME [LABEL unit|integration|script|fuzz_smoke|bench_smoke] SOURCES a_test.cpp ... LIBS x ...):
# one GoogleTest program; every TEST in it becomes one ctest case that carries the label. Under a sanitizer, where a
# process costs more than most tests do, the whole program is one case; SHARDS n: n of them, which the cores share.
function(apnslab_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT;SHARDS" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE apns_options ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  if(APNSLAB_SANITIZE)
    if(NOT ARG_SHARDS)
      set(ARG_SHARDS 1)
    endif()
    foreach(shard RANGE 1 ${ARG_SHARDS})
      math(EXPR index "${shard} - 1")
      add_test(NAME ${name}/${shard} COMMAND ${name})
      set_tests_properties(${name}/${shard} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600 ENVIRONMENT
        "GTEST_BRIEF=1;GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${index}")
    endforeach()
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# apnslab_fuzzer(NAME SOURCE x_fuzz.cpp CORPUS dir ... LIBS x ...): one fuzz target. With APNSLAB_FUZZ it is a libFuzzer
# program; without, the same entry point is linked to a driver that replays the corpus and a fixed number of
# deterministic mutations of it (label fuzz_smoke); MUTATIONS n: fewer of them, for a slow target.
function(apnslab_fuzzer name)
  cmake_parse_arguments(ARG "" "SOURCE;MUTATIONS" "CORPUS;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCE})
  target_link_libraries(${name} PRIVATE apns_options ${ARG_LIBS})
  if(APNSLAB_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME fuzz/${name} COMMAND ${name} ${ARG_CORPUS} ${ARG_MUTATIONS})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz_smoke TIMEOUT 120)
  endif()
endfunction()
