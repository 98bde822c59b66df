#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.h"
#include "cli/option_table.h"

namespace apns::cli {

namespace {

/// The first line of a help text, for a specification of _arguments in single quotes.
std::string described(std::string_view help) {
  std::string text;
  for (const char c : help.substr(0, help.find('\n'))) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += std::string_view("[]:\\").find(c) != std::string_view::npos ? "\\" : "";
      text += c;
    }
  }
  return text;
}

std::string action(const OptionRow& row) {
  switch (row.kind) {
    case ValueKind::None:
    case ValueKind::Any:
      return " ";
    case ValueKind::File:
      return "_files";
    case ValueKind::Folder:
      return "_files -/";
    case ValueKind::Words: {
      std::string words;
      for (const std::string& value : row.values) {
        words.append(words.empty() ? "" : " ").append(value);
      }
      return "(" + words + ")";
    }
    case ValueKind::Printed:
      return "{_apnslab_printed " + row.printed_by + "}";
    case ValueKind::CommandLine:
      return "_normal";
  }
  return {};
}

std::string specification(const OptionRow& row, std::size_t& position) {
  if (row.kind == ValueKind::CommandLine) {
    return "'*::" + row.name + ":_normal'";
  }
  if (!row.is_option()) {
    const std::string place = row.is_repeatable ? "*" : std::to_string(++position);
    return "'" + place + ":" + row.name + ":" + action(row) + "'";
  }
  const std::string star = row.is_repeatable ? "*" : "";
  if (row.kind == ValueKind::None) {
    return "'" + star + row.name + "[" + described(row.help) + "]'";
  }
  return "'" + star + row.name + "=[" + described(row.help) + "]:value:" + action(row) + "'";
}

void append_command(std::string& out, const Command& command) {
  std::size_t position = 0;
  out.append("    ").append(command.name).append(")\n      _arguments -S");
  for (const OptionRow& row : option_table(command).rows) {
    out.append(" \\\n        ").append(specification(row, position));
  }
  out.append("\n      ;;\n");
}

constexpr std::string_view kHead = R"zsh(#compdef apnslab
# zsh completion for apnslab, printed by `apnslab completion zsh`.

# _apnslab_printed WORD...: the first word of each line that this command of ours prints.
_apnslab_printed() {
  local -a found
  found=(${(f)"$($apnslab "$@" 2>/dev/null | cut -d ' ' -f 1)"})
  compadd -a found
}

_apnslab() {
  local apnslab=$words[1]
  local -a commands
  commands=(
)zsh";

constexpr std::string_view kMiddle = R"zsh(  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT -= 1 ))
  case $command in
)zsh";

constexpr std::string_view kTail = R"zsh(  esac
}

if [[ $funcstack[1] == _apnslab ]]; then
  _apnslab "$@"
else
  compdef _apnslab apnslab
fi
)zsh";

}  // namespace

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string out(kHead);
  for (const Command& command : commands) {
    out.append("    '").append(command.name).append(":").append(described(command.summary));
    out.append("'\n");
  }
  out.append(kMiddle);
  for (const Command& command : commands) {
    append_command(out, command);
  }
  return out.append(kTail);
}

}  // namespace apns::cli
