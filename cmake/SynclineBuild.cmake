# How this project builds: one library per host folder, one program per test folder.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(SYNCLINE_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)

add_library(syncline_build_flags INTERFACE)
target_compile_options(syncline_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${SYNCLINE_WERROR}>:-Werror>)
if(SYNCLINE_SANITIZE)
  target_compile_options(syncline_build_flags INTERFACE
    -fsanitize=${SYNCLINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(syncline_build_flags INTERFACE -fsanitize=${SYNCLINE_SANITIZE})
endif()

# syncline_library(core SOURCES a.cpp b.cpp [DEPENDS json wire] [LIBRARIES ext::lib] [PRIVATE_LIBRARIES ext::lib])
# defines syncline_core, alias syncline::core; includes are written "folder/file.h".
function(syncline_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  add_library(syncline_${name} STATIC ${ARG_SOURCES})
  add_library(syncline::${name} ALIAS syncline_${name})
  target_include_directories(syncline_${name} PUBLIC ${PROJECT_SOURCE_DIR}/host)
  list(TRANSFORM ARG_DEPENDS PREPEND syncline::)
  target_link_libraries(syncline_${name}
    PUBLIC ${ARG_DEPENDS} ${ARG_LIBRARIES}
    PRIVATE syncline_build_flags ${ARG_PRIVATE_LIBRARIES})
endfunction()

# syncline_test(unit_core SOURCES a_test.cpp [LIBRARIES syncline::core …] [LABELS unit])
# one GoogleTest program; each of its tests is a CTest test.
function(syncline_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main syncline_build_flags)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
