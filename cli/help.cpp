#include "cli/help.h"

#include <algorithm>
#include <string_view>

#include "cli/option_table.h"
#include "cli/version.h"

namespace apns::cli {

namespace {

constexpr std::size_t kColumn = 30;  // where the texts begin
constexpr std::size_t kWidth = 100;

/// `text` in the right column, from where `out` stands in its last line.
void append_column(std::string& out, std::string_view text) {
  const std::string indent(kColumn, ' ');
  std::size_t column = kColumn;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > kColumn && column + 1 + word.size() > kWidth) {
      out.append("\n").append(indent);
      column = kColumn;
    }
    if (column > kColumn) {
      out += ' ';
      ++column;
    }
    out.append(word);
    column += word.size();
    if (end < text.size() && text[end] == '\n') {
      out.append("\n").append(indent);
      column = kColumn;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += '\n';
}

std::string left_column(const OptionRow& row) {
  std::string text = "  " + row.name;
  if (row.is_option() && !row.type.empty()) {
    text += " " + row.type;
    text += row.default_text.empty() ? "" : "=" + row.default_text;
  }
  return text + (row.is_repeatable ? " ..." : "");
}

/// With the values that may be chosen, unless the text names them all.
std::string right_column(const OptionRow& row) {
  const bool is_choice = row.kind == ValueKind::Words && row.type == "NAME";
  const bool names_all = std::ranges::all_of(row.values, [&row](const std::string& value) {
    return row.help.find(value) != std::string::npos;
  });
  if (!is_choice || names_all) {
    return row.help;
  }
  std::string list;
  for (const std::string& value : row.values) {
    list.append(list.empty() ? "" : ", ").append(value);
  }
  return row.help + " (" + list + ")";
}

void append_row(std::string& out, const OptionRow& row) {
  std::string left = left_column(row);
  if (left.size() + 1 > kColumn) {
    out.append(left).append("\n");
    left.clear();
  }
  left.resize(kColumn, ' ');
  out += left;
  append_column(out, right_column(row));
}

/// As on the landing screen, but the words of somebody else's command by their name.
std::string arguments(const Command& command, const OptionTable& table) {
  for (const OptionRow& row : table.rows) {
    if (row.kind == ValueKind::CommandLine) {
      return " -- " + row.name;
    }
  }
  return command.usage.substr(command.name.size());
}

}  // namespace

std::string landing_screen(const std::vector<Command>& commands) {
  std::string text = std::string("apnslab ") + kVersion +
                     ": an APNs in a box. Simulator, provider and conformance harness, offline.\n";
  text += "\n";
  std::string group;
  for (const Command& command : commands) {
    if (command.group.empty()) {
      continue;
    }
    std::string heading(20, ' ');
    if (command.group != group) {
      group = command.group;
      heading.replace(0, group.size(), group);
    }
    std::string usage = "apnslab " + command.usage;
    usage.resize(std::max<std::size_t>(usage.size() + 1, 32), ' ');
    text.append("  ").append(heading).append(usage).append(command.summary).append("\n");
  }
  text +=
      "\n  apnslab COMMAND --help: options with their defaults, and an example."
      "   Exit: 0 passed, 1 a check failed, 2 usage or set-up.\n";
  return text;
}

std::string command_help(const Command& command) {
  const OptionTable table = option_table(command);
  std::string text = "apnslab " + command.name + ": " + command.summary + "\n\nUsage: apnslab " +
                     command.name + " [OPTIONS]" + arguments(command, table) + "\n\n";
  for (const OptionRow& row : table.rows) {
    if (!row.is_option()) {
      append_row(text, row);
    }
  }
  std::string heading = "none yet";
  for (const OptionRow& row : table.rows) {
    if (!row.is_option()) {
      continue;
    }
    if (row.heading != heading) {
      heading = row.heading;
      text += text.ends_with("\n\n") ? "" : "\n";
      text += (heading.empty() ? "Options" : heading) + ":\n";
    }
    append_row(text, row);
  }
  return table.example.empty() ? text : text + "\nExample: " + table.example + "\n";
}

}  // namespace apns::cli
