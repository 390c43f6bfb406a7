target_precompile_headers(tributary_broker PRIVATE ${CMAKE_SOURCE_DIR}/src/broker/pch_broker.h)
