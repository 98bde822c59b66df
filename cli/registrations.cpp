#include "cli/registrations.h"

#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/base/rfc3339.h"
#include "apns/json/document.h"

namespace apns::cli {

namespace {

struct Registration {
  DeviceToken device_token;
  WorldTime at;
};

Registration parse_line(std::string_view line, const std::string& where) {
  const json::Value value = json::parse(line, where);
  json::ObjectReader in(value, "a registration");  // never finished: other keys are the app's
  const json::Value& hex = in.require("device_token");
  const auto token = DeviceToken::parse(hex.text("device_token"));
  if (!token) {
    hex.fail("device_token must be 2 to 200 hex digits.");
  }
  const json::Value& text = in.require("registered_at");
  const auto at = parse_rfc3339(text.text("registered_at"));
  if (!at) {
    text.fail("registered_at must be a time with its offset, like \"2025-11-25T10:14:05Z\".");
  }
  return Registration{*token, *at};
}

}  // namespace

Registrations::Registrations(std::string name)
    : name_(std::move(name)), is_file_(std::filesystem::is_regular_file(name_)) {
  if (name_ != "-" && !std::filesystem::exists(name_)) {
    throw std::runtime_error("--registrations " + name_ + " is not there.");
  }
}

void Registrations::read(const std::function<void(const DeviceToken&, WorldTime)>& each) {
  if (std::exchange(was_read_, true) && !is_file_) {
    throw std::runtime_error("--registrations " + name_ + " can be read once only. Give a file.");
  }
  std::ifstream file;
  if (name_ != "-") {
    file.open(name_);
    if (!file) {
      throw std::runtime_error("--registrations " + name_ + " cannot be read.");
    }
  }
  std::istream& in = name_ == "-" ? std::cin : file;
  const std::string name = name_ == "-" ? "stdin" : name_;
  std::vector<char> line(kMaxLineBytes + 1);
  for (std::uint64_t number = 1; in.getline(line.data(), static_cast<std::streamsize>(line.size()));
       ++number) {
    const auto len = static_cast<std::size_t>(in.gcount()) - (in.eof() ? 0 : 1);
    const std::string_view text(line.data(), len);
    if (text.find_first_not_of(" \t\r") != std::string_view::npos) {
      const Registration one = parse_line(text, name + ":" + std::to_string(number));
      each(one.device_token, one.at);
    }
  }
  if (in.bad()) {
    throw std::runtime_error("--registrations " + name + " cannot be read.");
  }
  if (!in.eof()) {
    throw std::runtime_error("--registrations " + name + " has a line of more than " +
                             std::to_string(kMaxLineBytes) +
                             " bytes. Write one registration a line.");
  }
}

}  // namespace apns::cli
