#include "cli/ready_file.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"

namespace apns::cli {

std::string ReadyFile::to_json() const {
  const std::filesystem::path dir = state_dir;
  const nlohmann::ordered_json json = {
      {"format", 1},
      {"host", host},
      {"gateway_port", gateway_port},
      {"gateway_port_development", gateway_port_development},
      {"feedback_port", feedback_port},
      {"feedback_port_development", feedback_port_development},
      {"state_dir", state_dir},
      {"ca_file", (dir / "ca.pem").string()},
      {"cert_file", (dir / "cert.pem").string()},
      {"key_file", (dir / "key.pem").string()},
      {"p12_file", (dir / "provider.p12").string()},
      {"p8_file", (dir / ("AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8")).string()},
      {"password", certs::kDefaultPassword},
      {"key_id", certs::kDefaultKeyId},
      {"team_id", certs::kDefaultTeamId},
      {"topic", certs::kDefaultTopic},
      {"device_token", device_token},
      {"device_token_development", device_token_development},
      {"pid", pid},
  };
  return json.dump(2) + "\n";
}

ReadyFile ReadyFile::read(const std::filesystem::path& file) {
  const auto text = certs::read_file(file);
  if (!text) {
    throw std::runtime_error(
        "no service is running that I know of: " + file.string() +
        " is not there. Start `apnslab serve`, or name one with --to HOST:PORT.");
  }
  const json::Value value = json::parse(*text, file.string());
  json::ObjectReader in(value, "the ready file");  // never finished: keys are only added
  const auto to_port = [](const char* key, const json::Value& number) {
    return static_cast<std::uint16_t>(number.integer(key, 1, 65535));
  };
  const auto port = [&](const char* key) { return to_port(key, in.require(key)); };
  const auto port_if_told = [&](const char* key) {
    const json::Value* number = in.find(key);
    return number == nullptr ? std::uint16_t{0} : to_port(key, *number);
  };
  ReadyFile ready;
  ready.gateway_port = port("gateway_port");
  ready.gateway_port_development = port("gateway_port_development");
  ready.feedback_port = port_if_told("feedback_port");
  ready.feedback_port_development = port_if_told("feedback_port_development");
  if (const json::Value* host = in.find("host")) {
    ready.host = host->text("host");
  }
  if (const json::Value* dir = in.find("state_dir")) {
    ready.state_dir = dir->text("state_dir");
  }
  if (const json::Value* token = in.find("device_token")) {
    ready.device_token = token->text("device_token");
  }
  if (const json::Value* token = in.find("device_token_development")) {
    ready.device_token_development = token->text("device_token_development");
  }
  if (const json::Value* pid = in.find("pid")) {
    ready.pid = pid->integer("pid", 0, INT64_MAX);
  }
  return ready;
}

std::string phone_device_token(Environment environment) {
  std::string token;
  for (int i = 0; i < 32; ++i) {
    token += environment == Environment::Production ? "a1" : "d1";
  }
  return token;
}

}  // namespace apns::cli
