#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/options.h"

namespace apns::cli {

/// What a value may be, for whoever helps to type it.
enum class ValueKind : std::uint8_t {
  None,  // a flag
  Any,   // nobody knows
  File,
  Folder,
  Words,        // OptionRow::values
  Printed,      // what OptionRow::printed_by prints
  CommandLine,  // all words from here on are a command of somebody else
};

/// An option ("--state") or an argument ("PATTERN") as its command bound it.
struct OptionRow {
  std::string name;
  std::string help;
  std::string heading;       // in the help; empty: the first, "Options"
  std::string type;          // what its value is called there: "N"
  std::string default_text;  // empty: there is none, or none to show
  ValueKind kind = ValueKind::Any;
  bool is_repeatable = false;
  std::vector<std::string> values;
  std::string printed_by;  // a command of ours: "check --list"

  [[nodiscard]] bool is_option() const { return name.starts_with('-'); }
};

struct OptionTable {
  std::vector<OptionRow>
      rows;  // in the order of binding, and --help at the end of the first heading
  std::string example;
};

[[nodiscard]] OptionTable option_table(const Command& command);

}  // namespace apns::cli
