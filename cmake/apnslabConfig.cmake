# What the static libraries need of others: the same packages that the project finds for itself.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenSSL 3.0)
find_dependency(Boost 1.81)
find_dependency(fmt 9)
find_dependency(simdjson)
find_dependency(nlohmann_json 3.11)
include(${CMAKE_CURRENT_LIST_DIR}/apnslabTargets.cmake)
