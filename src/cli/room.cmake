target_compile_definitions(tributary_cli PRIVATE TRIBUTARY_VERSION="${PROJECT_VERSION}")
target_precompile_headers(tributary_cli PRIVATE ${CMAKE_SOURCE_DIR}/src/cli/pch_cli.h)
