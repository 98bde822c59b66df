# cmake -D BUILD=... -D FOLDER=... -D WORK=... -D GENERATOR=... -D COMPILER=... -D BUILD_TYPE=... -P run_cpp_example.cmake:
# installs the libraries, builds a copy of the example against them as its reader would, runs its tests and says how long
# they took. Then it breaks the program, which the tests have to notice.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what}: ${result}\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

# What an earlier run has installed may not be there any more; and it has broken its copy.
file(REMOVE_RECURSE ${WORK})
file(COPY ${FOLDER}/ DESTINATION ${WORK}/source)
run(install ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed --component apnslab_development)
run(configure ${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${WORK}/installed
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
run(build ${CMAKE_COMMAND} --build ${WORK}/build)

string(TIMESTAMP started "%s%f" UTC)
run(test ${WORK}/build/notifier_test)
string(TIMESTAMP ended "%s%f" UTC)
math(EXPR took "(${ended} - ${started}) / 1000")
message("${out}cpp: exit 0 after ${took} ms")

file(READ ${WORK}/source/notifier.cpp program)
string(REPLACE "is on its way" "is lost" broken "${program}")
file(WRITE ${WORK}/source/notifier.cpp "${broken}")
run("build what is broken" ${CMAKE_COMMAND} --build ${WORK}/build)
execute_process(COMMAND ${WORK}/build/notifier_test RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
set(nearest "/shown/body is \"Order 4711 is lost\", expected \"Order 4711 is on its way\"")
string(FIND "${out}" "${nearest}" place)
if(result EQUAL 0 OR place EQUAL -1)
  message(FATAL_ERROR "the tests passed with a program that is broken, or did not say why they failed: ${result}\n${out}")
endif()
message("${out}the tests failed, as they should")
