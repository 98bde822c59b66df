#include "cli/option_table.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace apns::cli {

namespace {

std::string duration_text(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  if (us % 1'000'000 == 0) {
    return std::to_string(us / 1'000'000) + "s";
  }
  return us % 1000 == 0 ? std::to_string(us / 1000) + "ms" : std::to_string(us) + "us";
}

/// Takes down what a command binds, and parses nothing.
class Recorder final : public Options {
 public:
  void flag(const std::string& name, bool& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::None, "", "");
  }

  void text(const std::string& name, std::string& target, const std::string& help) override {
    add(name, help, ValueKind::Any, "TEXT", target);
  }

  void file(const std::string& name, std::string& target, const std::string& help) override {
    add(name, help, ValueKind::File, "FILE", target);
  }

  void folder(const std::string& name, std::string& target, const std::string& help) override {
    add(name, help, ValueKind::Folder, "DIR", target);
  }

  void texts(const std::string& name, std::vector<std::string>& /*target*/,
             const std::string& help) override {
    add(name, help, ValueKind::Any, "TEXT", "").is_repeatable = true;
  }

  void number(const std::string& name, std::uint64_t& target, std::uint64_t low, std::uint64_t high,
              const std::string& help) override {
    const bool is_default = low <= target && target <= high;
    add(name, help, ValueKind::Any, "N", is_default ? std::to_string(target) : "");
  }

  void duration(const std::string& name, Duration& target, const std::string& help) override {
    add(name, help, ValueKind::Any, "TIME", duration_text(target));
  }

  void choice(const std::string& name, std::string& target, const std::vector<std::string>& values,
              const std::string& help) override {
    add(name, help, ValueKind::Words, "NAME", target).values = values;
  }

  void rest(const std::string& name, std::vector<std::string>& /*target*/,
            const std::string& help) override {
    add(name, help, ValueKind::CommandLine, "", "").is_repeatable = true;
  }

  void suggest(const std::string& name, const std::vector<std::string>& values) override {
    OptionRow& row = find(name);
    row.kind = ValueKind::Words;
    row.values = values;
  }

  void suggest_from(const std::string& name, const std::string& command) override {
    OptionRow& row = find(name);
    row.kind = ValueKind::Printed;
    row.printed_by = command;
  }

  void heading(const std::string& text) override { heading_ = text; }

  void example(const std::string& text) override { example_ = text; }

  [[nodiscard]] bool given(const std::string& /*name*/) const override { return false; }

  [[nodiscard]] OptionTable take() {
    const auto first_heading =
        std::ranges::find_if(rows_, [](const OptionRow& row) { return !row.heading.empty(); });
    OptionRow help;
    help.name = "--help";
    help.help = "print this";
    help.kind = ValueKind::None;
    rows_.insert(first_heading, help);
    return {std::move(rows_), std::move(example_)};
  }

 private:
  OptionRow& add(const std::string& name, const std::string& help, ValueKind kind,
                 const std::string& type, const std::string& default_text) {
    OptionRow row;
    row.name = name;
    row.help = help;
    row.heading = heading_;
    row.type = type;
    row.default_text = default_text;
    row.kind = kind;
    return rows_.emplace_back(std::move(row));
  }

  OptionRow& find(const std::string& name) {
    const auto row = std::ranges::find(rows_, name, &OptionRow::name);
    if (row == rows_.end()) {
      throw std::logic_error(name + " is not bound yet.");
    }
    return *row;
  }

  std::vector<OptionRow> rows_;
  std::string heading_;
  std::string example_;
};

}  // namespace

OptionTable option_table(const Command& command) {
  Recorder recorder;
  (void)command.bind(recorder);
  return recorder.take();
}

}  // namespace apns::cli
