# find_package(SynclinePluginTesting 1 CONFIG REQUIRED): the mock host and the conformance suites as
# Syncline::plugin_testing, and syncline_add_conformance_test().
include(CMakeFindDependencyMacro)
find_dependency(SynclinePlugin CONFIG HINTS ${CMAKE_CURRENT_LIST_DIR}/../SynclinePlugin)
find_dependency(GTest)
find_dependency(RapidJSON)
find_dependency(Threads)
if(NOT TARGET Syncline::plugin_testing)
  include(${CMAKE_CURRENT_LIST_DIR}/../../../share/syncline/testing/cmake/SynclineTestingTargets.cmake)
endif()
