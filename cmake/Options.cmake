# Flags for every target of the project, on one interface target, and the compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Asserts stay on in release: what they guard is what the program promises.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

if(APNSLAB_CCACHE)
  find_program(APNSLAB_CCACHE_PROGRAM ccache)
  if(APNSLAB_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${APNSLAB_CCACHE_PROGRAM})
  endif()
endif()

add_library(apns_options INTERFACE)
target_include_directories(apns_options INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<INSTALL_INTERFACE:include/apnslab>)
target_compile_features(apns_options INTERFACE cxx_std_20)
# What we want to be warned of is nothing for those who use the installed libraries.
target_compile_options(apns_options INTERFACE
  $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra> $<BUILD_INTERFACE:-Wpedantic> $<BUILD_INTERFACE:-Werror>
  $<BUILD_INTERFACE:-Wshadow> $<BUILD_INTERFACE:-Wconversion> $<BUILD_INTERFACE:-Wsign-conversion>
  $<BUILD_INTERFACE:-Wold-style-cast> $<BUILD_INTERFACE:-Wnon-virtual-dtor> $<BUILD_INTERFACE:-Woverloaded-virtual>
  $<BUILD_INTERFACE:-Wcast-align> $<BUILD_INTERFACE:-Wformat=2> $<BUILD_INTERFACE:-Wundef>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False on Asio coroutines with g++ 12.
  target_compile_options(apns_options INTERFACE $<BUILD_INTERFACE:-Wno-mismatched-new-delete>)
endif()
if(APNSLAB_SANITIZE)
  target_compile_options(apns_options INTERFACE -fsanitize=${APNSLAB_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(apns_options INTERFACE -fsanitize=${APNSLAB_SANITIZE})
  if(APNSLAB_SANITIZE MATCHES "undefined")
    # Only after -fsanitize=undefined; without it coroutines do not assemble with clang 14.
    target_compile_options(apns_options INTERFACE -fno-sanitize=function -fno-sanitize-recover=all)
    target_link_options(apns_options INTERFACE -fno-sanitize=function)
  endif()
endif()
