#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "apns/model/environment.h"

namespace apns::cli {

/// What a running service tells those who look for it: `ready.json` in its state folder, and
/// --ready-file. Flat JSON, format 1; keys are only added. Written by rename, so a reader sees a
/// whole file or none.
struct ReadyFile {
  std::string host = "localhost";
  std::uint16_t gateway_port = 0;
  std::uint16_t gateway_port_development = 0;
  std::uint16_t feedback_port = 0;  // as read, 0: the service told none
  std::uint16_t feedback_port_development = 0;
  std::string state_dir;
  std::string device_token;              // of the device "phone", unless a world file was given
  std::string device_token_development;  // of "phone-development"
  std::int64_t pid = 0;

  [[nodiscard]] std::string to_json() const;

  /// Throws std::runtime_error naming the file and what is wrong with it.
  [[nodiscard]] static ReadyFile read(const std::filesystem::path& file);
};

/// The device token of the device "phone", 32 times a1, or for development of "phone-development",
/// 32 times d1: the same on every machine.
[[nodiscard]] std::string phone_device_token(Environment environment = Environment::Production);

}  // namespace apns::cli
