# What find_package(apnslab) finds: service and provider as libraries. apnslab::testing is for tests of programs that
# push, apnslab::mock the service itself, apnslab::provider the provider. `cmake --install BUILD --component apnslab_development` installs this alone.
include(CMakePackageConfigHelpers)

set(apnslab_libraries
  apns_options apns_base apns_json apns_model apns_payload apns_binary apns_http2 apns_auth apns_tls apns_net apnslab_certs mock_apns
  mock_apns_testing apns_provider apns_push_provider)
set_target_properties(apnslab_certs PROPERTIES EXPORT_NAME certs)
set_target_properties(mock_apns PROPERTIES EXPORT_NAME mock)
set_target_properties(mock_apns_testing PROPERTIES EXPORT_NAME testing)
set_target_properties(apns_push_provider PROPERTIES EXPORT_NAME provider)

# In a folder of their own: the names are short, and nobody looks for them but CMake.
install(TARGETS ${apnslab_libraries} EXPORT apnslab
  ARCHIVE DESTINATION lib/apnslab COMPONENT apnslab_development)
install(DIRECTORY apns certs mock_apns provider DESTINATION include/apnslab COMPONENT apnslab_development
  FILES_MATCHING PATTERN "*.h")
install(EXPORT apnslab NAMESPACE apnslab:: FILE apnslabTargets.cmake
  DESTINATION lib/cmake/apnslab COMPONENT apnslab_development)

write_basic_package_version_file(${CMAKE_BINARY_DIR}/apnslabConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/apnslabConfig.cmake ${CMAKE_BINARY_DIR}/apnslabConfigVersion.cmake
  DESTINATION lib/cmake/apnslab COMPONENT apnslab_development)
