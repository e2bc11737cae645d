# find_package(SynclinePlugin 1 CONFIG REQUIRED): the headers as Syncline::plugin, and
# syncline_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/SynclinePluginTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/SynclineAddPlugin.cmake)
