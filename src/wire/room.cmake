# The messages, generated from schema/ into ${CMAKE_BINARY_DIR}/generated and compiled in a few bundles.
set(wire_schema ${CMAKE_SOURCE_DIR}/src/wire/schema)
set(wire_generated ${CMAKE_BINARY_DIR}/generated/tributary/wire)
file(GLOB wire_schemas RELATIVE ${wire_schema} CONFIGURE_DEPENDS ${wire_schema}/*/*.schema)
file(GLOB wire_generator ${CMAKE_SOURCE_DIR}/src/wire/*.py)

set(wire_outputs ${wire_generated}/messages/all.h ${wire_generated}/testing/visit_fields.h
                 ${wire_generated}/api_versions_table.cc)
set(wire_inputs ${wire_generator})
set(wire_index 0)
foreach(schema ${wire_schemas})
  string(REPLACE ".schema" "" stem ${schema})
  list(APPEND wire_inputs ${wire_schema}/${schema})
  list(APPEND wire_outputs ${wire_generated}/${stem}.h ${wire_generated}/${stem}.cc)
  math(EXPR bundle "${wire_index} / 10")
  math(EXPR wire_index "${wire_index} + 1")
  set_source_files_properties(${wire_generated}/${stem}.cc PROPERTIES UNITY_GROUP messages_${bundle})
endforeach()

add_custom_command(
  OUTPUT ${wire_outputs}
  COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1 ${Python3_EXECUTABLE}
          ${CMAKE_SOURCE_DIR}/src/wire/generate.py ${wire_schema} ${wire_generated}
  DEPENDS ${wire_inputs}
  COMMENT "Generating wire messages"
  VERBATIM)

target_sources(tributary_wire PRIVATE ${wire_outputs})
target_include_directories(tributary_wire PUBLIC ${CMAKE_BINARY_DIR}/generated)
set_target_properties(tributary_wire PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
