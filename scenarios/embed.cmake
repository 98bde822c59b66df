# Writes OUTPUT, a C++ source that holds files as raw strings; it implements
# scenarios/runner/embedded_files.h.
# cmake -DROOT=dir -DSCENARIOS=a.json,b.json -DRULES=rules.json -DVERSION=0.1.0 -DOUTPUT=file
#       -P embed.cmake
# Paths are relative to ROOT.
string(REPLACE "," ";" paths "${SCENARIOS}")

# One EmbeddedFile as an initialiser.
function(file_entry path result)
  file(READ "${ROOT}/${path}" text)
  string(FIND "${text}" ")embedded\"" end_mark)
  if(NOT end_mark EQUAL -1)
    message(FATAL_ERROR "${path} contains the end mark of its own raw string.")
  endif()
  set(${result} "{\"${path}\", R\"embedded(${text})embedded\"}" PARENT_SCOPE)
endfunction()

set(entries "")
foreach(path IN LISTS paths)
  file_entry("${path}" entry)
  string(APPEND entries "    ${entry},\n")
endforeach()
file_entry("${RULES}" rules)
list(LENGTH paths num_scenarios)

file(WRITE "${OUTPUT}" "// Written by scenarios/embed.cmake.
#include \"scenarios/runner/embedded_files.h\"

#include <array>

namespace apns::scenarios {
namespace {

constexpr std::array<EmbeddedFile, ${num_scenarios}> kScenarios{{
${entries}}};

constexpr EmbeddedFile kRules = ${rules};

}  // namespace

std::span<const EmbeddedFile> embedded_scenarios() {
  return kScenarios;
}

const EmbeddedFile& embedded_rules() {
  return kRules;
}

std::string_view program_version() {
  return \"${VERSION}\";
}

}  // namespace apns::scenarios
")
