#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor_facts.h"

namespace apns::cli {

/// One thing that doctor looked at.
struct Diagnosis {
  enum class Level : std::uint8_t {
    Ok,
    Info,  // good to know
    Warn,  // works, but perhaps not as meant
    Fail,  // something of apnslab does not work
  };

  Level level = Level::Ok;
  std::string check;  // "port 2195"
  std::string found;
  std::string fix;  // what would be right; empty where nothing is wrong

  [[nodiscard]] bool operator==(const Diagnosis&) const = default;
};

[[nodiscard]] std::string_view to_string(Diagnosis::Level level);  // "ok", "info", "warn", "fail"

/// Pure: all that is to be said of these facts, in the order in which it is printed.
[[nodiscard]] std::vector<Diagnosis> diagnose(const DoctorFacts& facts);

}  // namespace apns::cli
