# Defines Syncline::mock_host, Syncline::plugin_testing (the mock host with the suites) and the program
# syncline_conformance from the sources beside this folder, in Syncline's own tree and in an installation alike: they are compiled with the flags and
# sanitizers of whoever uses them.
#
# syncline_add_conformance_test(echo_conformance
#   PLUGIN acme_echo              a target of syncline_add_plugin, or LIBRARY path
#   SUBJECT echo.subject.json)    component, configuration, and what its author knows of it
#
# adds the CTest test of that name: every claim of the suite of the component's kind.

set(SYNCLINE_TESTING_ROOT ${CMAKE_CURRENT_LIST_DIR}/..)

add_library(syncline_mock_host STATIC EXCLUDE_FROM_ALL)
add_library(Syncline::mock_host ALIAS syncline_mock_host)
foreach(source
    call_tables disk_faults handler_driver instance json json_tables ledger lending mock_calls
    mock_host plugin_library process_watch storage_driver subject)
  target_sources(syncline_mock_host PRIVATE ${SYNCLINE_TESTING_ROOT}/src/${source}.cpp)
endforeach()
target_include_directories(syncline_mock_host PUBLIC ${SYNCLINE_TESTING_ROOT}/include)
target_compile_features(syncline_mock_host PUBLIC cxx_std_20)
target_link_libraries(syncline_mock_host
  PUBLIC Syncline::plugin GTest::gtest Threads::Threads ${CMAKE_DL_LIBS})
target_include_directories(syncline_mock_host SYSTEM PRIVATE ${RAPIDJSON_INCLUDE_DIRS})

# An object library: the suites register themselves, and an archive would leave them out.
add_library(syncline_plugin_testing OBJECT EXCLUDE_FROM_ALL)
add_library(Syncline::plugin_testing ALIAS syncline_plugin_testing)
foreach(source
    auth_suite broker_suite component_suite conflicts handler_suite run_suites storage_crash_suite
    storage_disk_suite storage_files_suite storage_model_suite storage_restart_suite storage_script
    storage_suite storage_upgrade_suite strategy_suite traffic)
  target_sources(syncline_plugin_testing PRIVATE ${SYNCLINE_TESTING_ROOT}/suites/${source}.cpp)
endforeach()
target_link_libraries(syncline_plugin_testing PUBLIC Syncline::mock_host)

add_executable(syncline_conformance EXCLUDE_FROM_ALL ${SYNCLINE_TESTING_ROOT}/suites/main.cpp)
target_link_libraries(syncline_conformance PRIVATE Syncline::plugin_testing)
# What takes the system's functions over has to be seen by the plugins.
set_target_properties(syncline_conformance PROPERTIES ENABLE_EXPORTS ON)

function(syncline_add_conformance_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "PLUGIN;LIBRARY;SUBJECT" "")
  if(ARG_PLUGIN)
    set(ARG_LIBRARY $<TARGET_FILE:${ARG_PLUGIN}>)
  endif()
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_LIBRARY OR NOT ARG_SUBJECT)
    message(FATAL_ERROR "syncline_add_conformance_test(${name}): PLUGIN or LIBRARY, and SUBJECT")
  endif()
  get_filename_component(subject "${ARG_SUBJECT}" ABSOLUTE)
  set_target_properties(syncline_conformance PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME ${name}
    COMMAND syncline_conformance --library=${ARG_LIBRARY} --subject=${subject})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
