#include "bench/floor/options.h"

#include <charconv>
#include <iostream>
#include <stdexcept>

namespace apns::floor {

Options::Options(std::span<char* const> args, std::initializer_list<Known> known) {
  std::map<std::string_view, bool> is_flag;
  for (const Known& option : known) {
    values_.emplace(option.name, option.value);
    is_flag.emplace(option.name, option.is_flag);
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string_view word = args[i];
    const std::string_view name = word.starts_with("--") ? word.substr(2) : std::string_view{};
    const auto flag = is_flag.find(name);
    if (flag == is_flag.end()) {
      throw std::invalid_argument(std::string(word) + " is not an option.");
    }
    auto& value = values_.find(name)->second;
    if (flag->second) {
      value = "yes";
      continue;
    }
    if (i + 1 == args.size()) {
      throw std::invalid_argument(std::string(word) + " needs a value behind it.");
    }
    value = args[++i];
  }
}

const std::string& Options::text(std::string_view name) const {
  const std::string& value = values_.find(name)->second;
  if (value.empty()) {
    throw std::invalid_argument("--" + std::string(name) + " is missing.");
  }
  return value;
}

std::uint64_t Options::number(std::string_view name, std::uint64_t low, std::uint64_t high) const {
  const std::string& value = text(name);
  std::uint64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || stop != end || number < low || number > high) {
    throw std::invalid_argument("--" + std::string(name) + " takes a whole number from " +
                                std::to_string(low) + " to " + std::to_string(high) + ", not '" +
                                value + "'.");
  }
  return number;
}

bool Options::has(std::string_view name) const {
  return !values_.find(name)->second.empty();
}

int run_program(std::string_view name, int (*body)(std::span<char* const> args),
                std::span<char* const> args) noexcept {
  try {
    return body(args);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
  } catch (...) {
    std::cerr << name << ": unknown error.\n";
  }
  return 2;
}

}  // namespace apns::floor
