#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.h"
#include "cli/option_table.h"

namespace apns::cli {

namespace {

/// In single quotes, where only these two are escaped.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, text.find('\n'))) {
    out += c == '\'' || c == '\\' ? "\\" : "";
    out += c;
  }
  return out + "'";
}

/// Files, words, or nothing known.
std::string values(const OptionRow& row) {
  std::string words;
  for (const std::string& value : row.values) {
    words.append(words.empty() ? "" : " ").append(value);
  }
  switch (row.kind) {
    case ValueKind::None:
      return {};
    case ValueKind::Any:
      return " -x";
    case ValueKind::File:
      return " -r -F";
    case ValueKind::Folder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::Words:
      return " -x -a " + quoted(words);
    case ValueKind::Printed:
      return " -x -a '(__apnslab_printed " + row.printed_by + ")'";
    case ValueKind::CommandLine:
      return " -x -a '(__fish_complete_subcommand)'";
  }
  return {};
}

void append_command(std::string& out, const Command& command) {
  out += "complete -c apnslab -n __apnslab_has_no_command -a " + command.name + " -d " +
         quoted(command.summary) + "\n";
  for (const OptionRow& row : option_table(command).rows) {
    std::string line = "complete -c apnslab -n '__apnslab_command_is " + command.name + "'";
    if (row.is_option()) {
      line += " -l " + row.name.substr(2) + values(row) + " -d " + quoted(row.help);
    } else if (row.kind == ValueKind::File) {
      line += " -F";
    } else if (row.kind == ValueKind::Any) {
      continue;
    } else {
      line += values(row).substr(std::string_view(" -x").size());
    }
    out += line + "\n";
  }
}

constexpr std::string_view kHead =
    R"(# fish completion for apnslab, printed by `apnslab completion fish`.

function __apnslab_has_no_command
    test (count (commandline -opc)) -eq 1
end

function __apnslab_command_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = $argv[1]
end

# The first word of each line that this command of ours prints.
function __apnslab_printed
    set -l words (commandline -opc)
    eval $words[1] $argv 2>/dev/null | string split -f 1 ' '
end

complete -c apnslab -f
)";

}  // namespace

std::string fish_completion(const std::vector<Command>& commands) {
  std::string out(kHead);
  for (const Command& command : commands) {
    append_command(out, command);
  }
  return out;
}

}  // namespace apns::cli
