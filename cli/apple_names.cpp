#include "cli/apple_names.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <utility>

#include "certs/certificate_factory.h"
#include "cli/descriptor.h"

namespace apns::cli {

namespace {

constexpr std::uint16_t kGatewayPort = 2195;
constexpr std::uint16_t kFeedbackPort = 2196;
constexpr std::array<std::uint16_t, 2> kHttp2Ports = {443, 2197};
constexpr std::array kServices = {
    &mock::MoreEndpoints::http2,    &mock::MoreEndpoints::http2_development,
    &mock::MoreEndpoints::gateway,  &mock::MoreEndpoints::gateway_development,
    &mock::MoreEndpoints::feedback, &mock::MoreEndpoints::feedback_development};

const std::string& address_of(const std::vector<AppleName>& names, std::string_view wanted) {
  return std::find_if(names.begin(), names.end(),
                      [wanted](const AppleName& name) { return name.name == wanted; })
      ->address;
}

/// Nobody listens there, and nobody would be hindered.
bool is_free(const std::string& address, std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  const void* const bytes = &at;
  return ::inet_pton(AF_INET, address.c_str(), &at.sin_addr) == 1 &&
         ::bind(socket.get(), static_cast<const sockaddr*>(bytes), sizeof at) == 0 &&
         ::listen(socket.get(), 1) == 0;
}

bool is_one_of(const std::vector<AppleName>& names, const std::string& word) {
  return std::any_of(names.begin(), names.end(),
                     [&word](const AppleName& name) { return name.name == word; });
}

/// A line of a hosts file without `names`; empty: it had no others.
std::string without(const std::vector<AppleName>& names, const std::string& line) {
  std::istringstream words(line.substr(0, line.find('#')));
  std::string address;
  words >> address;
  std::string kept;
  bool had_one = false;
  for (std::string word; words >> word;) {
    const bool is_ours = is_one_of(names, word);
    had_one = had_one || is_ours;
    kept += is_ours ? "" : " " + word;
  }
  if (!had_one) {
    return line + "\n";
  }
  return kept.empty() ? "" : address + kept + "\n";
}

}  // namespace

std::vector<AppleName> apple_names(unsigned block) {
  std::vector<AppleName> names;
  for (const std::string& name : certs::apple_host_names()) {
    std::string address = "127.87.";
    address.append(std::to_string(block)).append(".").append(std::to_string(names.size() + 1));
    names.push_back(AppleName{name, std::move(address)});
  }
  return names;
}

unsigned free_block() {
  for (unsigned block = 0; block < 256; ++block) {
    mock::ServiceOptions wanted;
    listen_as_apple(wanted, apple_names(block));
    const mock::MoreEndpoints& more = wanted.also_at;
    const bool is_block_free =
        std::all_of(kServices.begin(), kServices.end(),
                    [&more](std::vector<Endpoint> mock::MoreEndpoints::*of) {
                      return std::ranges::all_of(
                          more.*of, [](const Endpoint& at) { return is_free(at.host, at.port); });
                    });
    if (is_block_free) {
      return block;
    }
  }
  return 0;
}

void listen_as_apple(mock::ServiceOptions& options, const std::vector<AppleName>& names) {
  const auto at = [&names](std::string_view name, std::uint16_t port) {
    return std::vector<Endpoint>{Endpoint{address_of(names, name), port}};
  };
  for (const std::uint16_t port : kHttp2Ports) {
    options.also_at.http2.push_back(Endpoint{address_of(names, "api.push.apple.com"), port});
    for (const char* name : {"api.sandbox.push.apple.com", "api.development.push.apple.com"}) {
      options.also_at.http2_development.push_back(Endpoint{address_of(names, name), port});
    }
  }
  options.also_at.gateway = at("gateway.push.apple.com", kGatewayPort);
  options.also_at.gateway_development = at("gateway.sandbox.push.apple.com", kGatewayPort);
  options.also_at.feedback = at("feedback.push.apple.com", kFeedbackPort);
  options.also_at.feedback_development = at("feedback.sandbox.push.apple.com", kFeedbackPort);
}

std::string hosts_with(const std::vector<AppleName>& names, std::string_view hosts) {
  std::string text;
  for (const AppleName& name : names) {
    text.append(name.address).append(" ").append(name.name).append("\n");
  }
  std::istringstream lines{std::string(hosts)};
  for (std::string line; std::getline(lines, line);) {
    text += without(names, line);
  }
  return text;
}

std::string with_files_first(std::string_view nsswitch) {
  constexpr std::string_view kHosts = "hosts:";
  std::string text;
  std::istringstream lines{std::string(nsswitch)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string database;
    std::string first;
    words >> database >> first;
    if (database == kHosts && first != "files") {
      line.insert(line.find(kHosts) + kHosts.size(), " files");
    }
    text.append(line).append("\n");
  }
  return text;
}

}  // namespace apns::cli
