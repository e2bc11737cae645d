# syncline_add_plugin(acme_echo
#   SOURCES echo.cpp …
#   [SCHEMA echo.schema.json]               the component is the file's name up to its first dot
#   [SCHEMAS echo echo.json shout s.json]   or component and file in pairs
#   [LIBRARIES zlib::zlib …]                linked privately
#   [NO_INSTALL])
#
# Builds libacme_echo.so: it exports syncline_plugin_v1 and nothing else, leaves no symbol undefined, and
# carries each JSON Schema in the ELF section .syncline.schema.<component>. Works in Syncline's own tree
# and with find_package(SynclinePlugin). The library lands in SYNCLINE_PLUGIN_OUTPUT_DIRECTORY when that
# is set, and installs to lib/syncline/plugins unless NO_INSTALL is given or SYNCLINE_PLUGIN_INSTALL is off.

function(syncline_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "NO_INSTALL" "SCHEMA" "SOURCES;SCHEMAS;LIBRARIES")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "syncline_add_plugin(${name}): unknown argument ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "syncline_add_plugin(${name}): SOURCES is missing")
  endif()

  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE Syncline::plugin ${ARG_LIBRARIES})
  if(TARGET syncline_build_flags)
    target_link_libraries(${name} PRIVATE syncline_build_flags)
  endif()
  if(CMAKE_CXX_COMPILER_LOADED)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  # A unique symbol would be shared between plugins and pin their libraries.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  set_target_properties(${name} PROPERTIES
    PREFIX lib SUFFIX .so
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  target_link_options(${name} PRIVATE LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  # clang leaves a sanitizer's runtime to the program; everything else is linked here.
  if(NOT (SYNCLINE_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES Clang))
    target_link_options(${name} PRIVATE LINKER:--no-undefined)
  endif()
  if(SYNCLINE_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${SYNCLINE_PLUGIN_OUTPUT_DIRECTORY})
  endif()

  if(ARG_SCHEMA)
    get_filename_component(component ${ARG_SCHEMA} NAME)
    string(REGEX REPLACE "\\..*" "" component ${component})
    list(APPEND ARG_SCHEMAS ${component} ${ARG_SCHEMA})
  endif()
  while(ARG_SCHEMAS)
    list(POP_FRONT ARG_SCHEMAS component file)
    _syncline_embed_schema(${name} "${component}" "${file}")
  endwhile()

  if(NOT ARG_NO_INSTALL AND (NOT DEFINED SYNCLINE_PLUGIN_INSTALL OR SYNCLINE_PLUGIN_INSTALL))
    install(TARGETS ${name} LIBRARY DESTINATION lib/syncline/plugins COMPONENT plugins)
  endif()
endfunction()

# Adds a source to `target` that holds nothing but the section with the bytes of `file`.
function(_syncline_embed_schema target component file)
  get_filename_component(path "${file}" ABSOLUTE)
  if(NOT EXISTS "${path}" OR IS_DIRECTORY "${path}")
    message(FATAL_ERROR "syncline_add_plugin(${target}): no schema file ${file} for '${component}'")
  endif()
  if(NOT component MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "syncline_add_plugin(${target}): '${component}' is no component name")
  endif()
  file(READ "${path}" text)
  string(JSON type ERROR_VARIABLE mistake TYPE "${text}")
  if(NOT type STREQUAL "OBJECT")
    message(FATAL_ERROR "syncline_add_plugin(${target}): ${file} is no JSON Schema: ${mistake}")
  endif()

  # In C where there is C, so that a plugin in plain C stays one.
  set(extension cpp)
  if(CMAKE_C_COMPILER_LOADED)
    set(extension c)
  endif()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.${component}.schema.${extension})
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [=[
/* Made by syncline_add_plugin. */
__asm__(
    ".pushsection .syncline.schema.@component@,\"a\",@progbits\n"
    ".incbin \"@path@\"\n"
    ".popsection\n");
extern int synclineSchemaIsDeclared;
]=])
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${path}")
  target_sources(${target} PRIVATE ${source})
endfunction()
