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
  ReadyFile ready;
  for (const json::Value::Member& member : value.object("the ready file")) {
    if (member.key == "host") {
      ready.host = member.value.text("host");
    } else if (member.key == "gateway_port") {
      ready.gateway_port =
          static_cast<std::uint16_t>(member.value.integer("gateway_port", 1, 65535));
    } else if (member.key == "gateway_port_development") {
      ready.gateway_port_development =
          static_cast<std::uint16_t>(member.value.integer("gateway_port_development", 1, 65535));
    } else if (member.key == "state_dir") {
      ready.state_dir = member.value.text("state_dir");
    } else if (member.key == "device_token") {
      ready.device_token = member.value.text("device_token");
    }
  }
  return ready;
}

std::string phone_device_token() {
  std::string token;
  for (int i = 0; i < 32; ++i) {
    token += "a1";
  }
  return token;
}

}  // namespace apns::cli
