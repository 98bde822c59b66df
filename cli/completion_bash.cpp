#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.h"
#include "cli/option_table.h"

namespace apns::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text.append(text.empty() ? "" : " ").append(word);
  }
  return text;
}

/// As _apnslab_values says it; empty: a flag.
std::string kind_text(const OptionRow& row) {
  switch (row.kind) {
    case ValueKind::None:
      return {};
    case ValueKind::Any:
      return "any";
    case ValueKind::File:
      return "file";
    case ValueKind::Folder:
      return "folder";
    case ValueKind::Words:
      return "words " + joined(row.values);
    case ValueKind::Printed:
      return "printed " + row.printed_by;
    case ValueKind::CommandLine:
      return "command";
  }
  return {};
}

/// Options by their names, arguments by their position.
void append_values(std::string& out, const Command& command) {
  std::size_t position = 0;
  for (const OptionRow& row : option_table(command).rows) {
    const std::string kind = kind_text(row);
    if (kind.empty()) {
      continue;
    }
    std::string pattern = "'" + command.name + " ";
    if (row.is_option()) {
      pattern += row.name + "'";
    } else if (row.is_repeatable) {
      pattern += "'[0-9]*";
    } else {
      pattern += std::to_string(++position) + "'";
    }
    out.append("    ").append(pattern).append(") echo '").append(kind).append("' ;;\n");
  }
}

void append_options(std::string& out, const Command& command) {
  std::vector<std::string> names;
  for (const OptionRow& row : option_table(command).rows) {
    if (row.is_option()) {
      names.push_back(row.name);
    }
  }
  out.append("    ").append(command.name).append(") echo '").append(joined(names)).append("' ;;\n");
}

constexpr std::string_view kHead =
    R"(# bash completion for apnslab, printed by `apnslab completion bash`.

)";

// Bash cuts a line at "=" too: --name=value is three words.
constexpr std::string_view kBody = R"bash(
# _apnslab_fill KIND CURRENT: the words of that kind that begin so.
_apnslab_fill() {
  local words
  case $1 in
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2"); return ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$2"); return ;;
    command) mapfile -t COMPREPLY < <(compgen -c -- "$2"); return ;;
    'words '*) words=${1#words } ;;
    'printed '*) words=$("${COMP_WORDS[0]/#\~/$HOME}" ${1#printed } 2>/dev/null | cut -d ' ' -f 1) ;;
    *) return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
}

# _apnslab_place COMMAND: which argument stands at the cursor, from 1; with a "-" before it: no options.
_apnslab_place() {
  local i position=1 end=
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ -n $end || ${COMP_WORDS[i]} != -* ]]; then
      [[ $(_apnslab_values "$1 $position") == command ]] && end=-
      ((position += 1))
    elif [[ ${COMP_WORDS[i]} == -- ]]; then
      end=-
    elif [[ ${COMP_WORDS[i + 1]} == = ]]; then
      ((i += 2))
    elif [[ -n $(_apnslab_values "$1 ${COMP_WORDS[i]}") ]]; then
      ((i += 1))
    fi
  done
  echo "$end$position"
}

_apnslab() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  local place kind=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _apnslab_fill "words $(_apnslab_commands)" "$current"
    return
  fi
  place=$(_apnslab_place "$command")
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [[ $place != -* && $previous == --* ]]; then
    kind=$(_apnslab_values "$command $previous")
  fi
  if [[ -z $kind && $place != -* && $current == -* ]]; then
    kind="words $(_apnslab_options "$command")"
  fi
  if [[ -z $kind ]]; then
    kind=$(_apnslab_values "$command ${place#-}")
    [[ $kind == command && ${place#-} != 1 ]] && kind=file
  fi
  _apnslab_fill "$kind" "$current"
}

complete -F _apnslab apnslab
)bash";

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
  std::string out(kHead);
  out += "_apnslab_commands() {\n  echo '";
  for (const Command& command : commands) {
    out += command.name + " ";
  }
  out += "--help --version'\n}\n\n";
  out += "# _apnslab_options COMMAND\n_apnslab_options() {\n  case $1 in\n";
  for (const Command& command : commands) {
    append_options(out, command);
  }
  out += "  esac\n}\n\n";
  out +=
      "# _apnslab_values 'COMMAND OPTION' or 'COMMAND POSITION': what may stand there; nothing: "
      "it takes none.\n_apnslab_values() {\n  case $1 in\n";
  for (const Command& command : commands) {
    append_values(out, command);
  }
  out += "  esac\n}\n";
  return out.append(kBody);
}

}  // namespace apns::cli
