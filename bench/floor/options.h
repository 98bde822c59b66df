#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace apns::floor {

/// The command line of a floor program: `--name value` pairs, and flags that stand alone.
/// Every accessor is for a name that the constructor was told.
class Options {
 public:
  struct Known {
    std::string_view name;  // without the dashes
    std::string_view value = {};
    bool is_flag = false;
  };

  /// `known` gives every option and its default. Throws std::invalid_argument, a full sentence, on
  /// an unknown option and on an option without its value.
  Options(std::span<char* const> args, std::initializer_list<Known> known);

  /// Throws std::invalid_argument when the option is absent and its default is empty.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  /// Throws std::invalid_argument when the text is not a whole number from `low` to `high`.
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t low,
                                     std::uint64_t high) const;
  [[nodiscard]] bool has(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// Runs `body` and gives the exit code of the program: what `body` returned, or 2 after one line on
/// standard error when it threw.
int run_program(std::string_view name, int (*body)(std::span<char* const> args),
                std::span<char* const> args) noexcept;

}  // namespace apns::floor
