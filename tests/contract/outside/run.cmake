# A stranger's use: install the SDK, copy the template elsewhere, and let the suite run on it.
#   cmake -DBUILD=<build folder> -DTEMPLATE=<its sources> -DWORK=<folder> -P run.cmake
function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/sdk --component sdk)
file(COPY ${TEMPLATE}/ DESTINATION ${WORK}/source)
step(${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/sdk
  -DCMAKE_BUILD_TYPE=Debug -DACME_ECHO_TESTS=ON)
step(${CMAKE_COMMAND} --build ${WORK}/build --parallel)
step(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure --no-tests=error)
file(REMOVE_RECURSE ${WORK})
