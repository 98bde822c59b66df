#include "mock_apns/service_info.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "certs/state_folder.h"
#include "mock_apns/service.h"

namespace apns::mock {

namespace {

using Json = nlohmann::ordered_json;

/// One thing that a service tells, under one name everywhere.
struct Fact {
  const char* key;
  Json value;  // null: not known
};

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json port_or_null(std::uint16_t port) {
  return port == 0 ? Json() : Json(port);
}

/// Of HTTP/2, production.
std::string url_of(const ServiceInfo& info) {
  return "https://" + info.host + ":" + std::to_string(info.http2_port);
}

/// Those that are variables, too.
std::vector<Fact> facts(const ServiceInfo& info) {
  const std::filesystem::path dir = info.state_dir;
  const auto file = [&dir](std::string_view name) {
    return dir.empty() ? Json() : Json((dir / name).string());
  };
  return {
      {"control_url", text_or_null(info.control_url)},
      {"host", info.host},
      {"url", info.http2_port == 0 ? Json() : Json(url_of(info))},
      {"http2_port", port_or_null(info.http2_port)},
      {"http2_port_development", port_or_null(info.http2_port_development)},
      {"gateway_port", port_or_null(info.gateway_port)},
      {"gateway_port_development", port_or_null(info.gateway_port_development)},
      {"feedback_port", port_or_null(info.feedback_port)},
      {"feedback_port_development", port_or_null(info.feedback_port_development)},
      {"ca_file", file("ca.pem")},
      {"truststore_file", file("truststore.p12")},
      {"cert_file", file("cert.pem")},
      {"key_file", file("key.pem")},
      {"p12_file", file("provider.p12")},
      {"password", certs::kDefaultPassword},
      {"p8_file", file("AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8")},
      {"key_id", certs::kDefaultKeyId},
      {"team_id", certs::kDefaultTeamId},
      {"topic", certs::kDefaultTopic},
      {"device_token", text_or_null(info.device_token)},
      {"device_token_development", text_or_null(info.device_token_development)},
  };
}

std::string variable_name(std::string_view key) {
  std::string name = "APNSLAB_";
  for (const char letter : key) {
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return name;
}

/// In single quotes, within which a shell changes nothing.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'') {
      out += "'\\''";
    } else {
      out += letter;
    }
  }
  return out + "'";
}

std::string assignments(const ServiceInfo::Variables& variables, std::string_view before) {
  std::string out;
  for (const auto& [name, value] : variables) {
    out.append(before).append(name).append("=").append(in_quotes(value)).append("\n");
  }
  return out;
}

/// Of the shown app on this device; empty: there is none, as in a world of somebody's own.
std::string token_of(const World& world, const std::string& device) {
  const std::vector<std::string> names = world.phone_names();
  if (std::find(names.begin(), names.end(), device) == names.end()) {
    return {};
  }
  const auto token = world.device_token(device, certs::kDefaultTopic);
  return token ? token->to_hex() : std::string();
}

}  // namespace

std::string ServiceInfo::to_json() const {
  Json json = {{"format", 1}};
  if (!version.empty()) {
    json["version"] = version;
  }
  for (Fact& fact : facts(*this)) {
    if (!fact.value.is_null()) {
      json[fact.key] = std::move(fact.value);
    }
  }
  json["state_dir"] = state_dir;
  json["pid"] = pid;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

ServiceInfo ServiceInfo::read(const json::Value& value) {
  json::ObjectReader in(value, "the ready file");  // never finished: keys are only added
  const auto to_port = [](const char* key, const json::Value& number) {
    return static_cast<std::uint16_t>(number.integer(key, 1, 65535));
  };
  const auto port_if_told = [&](const char* key) {
    const json::Value* number = in.find(key);
    return number == nullptr ? std::uint16_t{0} : to_port(key, *number);
  };
  const auto text = [&in](const char* key, const std::string& otherwise = {}) {
    const json::Value* found = in.find(key);
    return found == nullptr ? otherwise : found->text(key);
  };
  ServiceInfo info;
  info.http2_port = port_if_told("http2_port");
  info.http2_port_development = port_if_told("http2_port_development");
  // Every service has gateways but `serve --null`.
  const auto gateway_port = [&](const char* key) {
    return info.http2_port != 0 ? port_if_told(key) : to_port(key, in.require(key));
  };
  info.gateway_port = gateway_port("gateway_port");
  info.gateway_port_development = gateway_port("gateway_port_development");
  info.feedback_port = port_if_told("feedback_port");
  info.feedback_port_development = port_if_told("feedback_port_development");
  info.version = text("version");
  info.host = text("host", info.host);
  info.control_url = text("control_url");
  info.state_dir = text("state_dir");
  info.device_token = text("device_token");
  info.device_token_development = text("device_token_development");
  if (const json::Value* pid = in.find("pid")) {
    info.pid = pid->integer("pid", 0, INT64_MAX);
  }
  return info;
}

ServiceInfo::Variables ServiceInfo::variables() const {
  Variables variables;
  for (const Fact& fact : facts(*this)) {
    if (!fact.value.is_null()) {
      variables.emplace_back(variable_name(fact.key), fact.value.is_string()
                                                          ? fact.value.get<std::string>()
                                                          : fact.value.dump());
    }
  }
  if (!state_dir.empty()) {
    // Node adds to what it trusts; the others replace it, so they get the system's CAs, too.
    const std::filesystem::path dir = state_dir;
    variables.emplace_back("NODE_EXTRA_CA_CERTS", (dir / "ca.pem").string());
    for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
      variables.emplace_back(name, (dir / "ca-bundle.pem").string());
    }
  }
  return variables;
}

std::string phone_device_token(Environment environment) {
  std::string token;
  for (int i = 0; i < 32; ++i) {
    token += environment == Environment::Production ? "a1" : "d1";
  }
  return token;
}

ServiceInfo info_of(Service& service, const std::filesystem::path& state_dir) {
  ServiceInfo info;
  info.http2_port = service.http2_port(Environment::Production);
  info.http2_port_development = service.http2_port(Environment::Development);
  info.gateway_port = service.gateway_port(Environment::Production);
  info.gateway_port_development = service.gateway_port(Environment::Development);
  info.feedback_port = service.feedback_port(Environment::Production);
  info.feedback_port_development = service.feedback_port(Environment::Development);
  info.state_dir = state_dir.string();
  info.device_token = token_of(service.world(), "phone");
  info.device_token_development = token_of(service.world(), "phone-development");
  info.pid = getpid();
  return info;
}

std::string to_shell(const ServiceInfo::Variables& variables) {
  return assignments(variables, "export ");
}

std::string to_dotenv(const ServiceInfo::Variables& variables) {
  return assignments(variables, "");
}

}  // namespace apns::mock
