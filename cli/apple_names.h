#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mock_apns/service.h"

namespace apns::cli {

/// A loopback address for each of Apple's host names, so that programs which know nothing but those
/// names and Apple's ports find the services: production and development, which share a port, are
/// told apart by address.
///
///   gateway.push.apple.com           127.87.0.1   port 2195
///   gateway.sandbox.push.apple.com   127.87.0.2   port 2195
///   feedback.push.apple.com          127.87.0.3   port 2196
///   feedback.sandbox.push.apple.com  127.87.0.4   port 2196
///   api.push.apple.com               127.87.0.5   ports 443 and 2197
///   api.sandbox.push.apple.com       127.87.0.6   ports 443 and 2197
///   api.development.push.apple.com   127.87.0.7   ports 443 and 2197
///   the other names                  from .8      nothing listens there yet
struct AppleName {
  std::string name;
  std::string address;
};

/// All of certs::apple_host_names(). `block` 0 to 255 is the third number of the addresses: another
/// one where somebody else has the first.
[[nodiscard]] std::vector<AppleName> apple_names(unsigned block = 0);

/// The first block whose addresses nobody listens on at Apple's ports: two runs on one machine do
/// not meet. 0 when there is none; to listen then fails with the reason.
[[nodiscard]] unsigned free_block();

/// Where the six services are to listen, beside their own ports.
void listen_as_apple(mock::ServiceOptions& options, const std::vector<AppleName>& names);

/// The text of a hosts file (hosts(5)) in which `names` stand first, and nowhere else.
[[nodiscard]] std::string hosts_with(const std::vector<AppleName>& names, std::string_view hosts);

/// The text of an nsswitch.conf(5) by which hosts are looked for in files first: what asks others
/// before, systemd-resolved say, would not see the names. The same text where nothing is to be
/// done.
[[nodiscard]] std::string with_files_first(std::string_view nsswitch);

}  // namespace apns::cli
