#include "cli/option_table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace apns::cli {

namespace {

/// Takes down what a command binds, and parses nothing.
class Recorder final : public Options {
 public:
  void flag(const std::string& name, bool& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::None);
  }

  void text(const std::string& name, std::string& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::Any);
  }

  void file(const std::string& name, std::string& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::File);
  }

  void folder(const std::string& name, std::string& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::Folder);
  }

  void texts(const std::string& name, std::vector<std::string>& /*target*/,
             const std::string& help) override {
    add(name, help, ValueKind::Any).is_repeatable = true;
  }

  void number(const std::string& name, std::uint64_t& /*target*/, std::uint64_t /*low*/,
              std::uint64_t /*high*/, const std::string& help) override {
    add(name, help, ValueKind::Any);
  }

  void duration(const std::string& name, Duration& /*target*/, const std::string& help) override {
    add(name, help, ValueKind::Any);
  }

  void choice(const std::string& name, std::string& /*target*/,
              const std::vector<std::string>& values, const std::string& help) override {
    add(name, help, ValueKind::Words).values = values;
  }

  void rest(const std::string& name, std::vector<std::string>& /*target*/,
            const std::string& help) override {
    add(name, help, ValueKind::CommandLine).is_repeatable = true;
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

  void example(const std::string& /*text*/) override {}

  [[nodiscard]] bool given(const std::string& /*name*/) const override { return false; }

  [[nodiscard]] std::vector<OptionRow> take() {
    add("--help", "what the command does, and its options", ValueKind::None);
    return std::move(rows_);
  }

 private:
  OptionRow& add(const std::string& name, const std::string& help, ValueKind kind) {
    return rows_.emplace_back(OptionRow{.name = name,
                                        .help = help,
                                        .kind = kind,
                                        .is_repeatable = false,
                                        .values = {},
                                        .printed_by = {}});
  }

  OptionRow& find(const std::string& name) {
    const auto row = std::ranges::find(rows_, name, &OptionRow::name);
    if (row == rows_.end()) {
      throw std::logic_error(name + " is not bound yet.");
    }
    return *row;
  }

  std::vector<OptionRow> rows_;
};

}  // namespace

std::vector<OptionRow> option_table(const Command& command) {
  Recorder recorder;
  (void)command.bind(recorder);
  return recorder.take();
}

}  // namespace apns::cli
