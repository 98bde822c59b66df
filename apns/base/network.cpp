#include "apns/base/network.h"

namespace apns {

std::string Endpoint::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback(std::string_view host) {
  // "127.example.com" is a name like any other.
  const bool is_numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (is_numeric && host.starts_with("127."));
}

const char* to_string(Gone gone) {
  switch (gone) {
    case Gone::Refused:
      return "refused";
    case Gone::TimedOut:
      return "timed out";
    case Gone::Unresolved:
      return "unresolved";
    case Gone::Closed:
      return "closed";
    case Gone::Reset:
      return "reset";
    case Gone::Dropped:
      return "dropped";
  }
  return "?";
}

Transport plain_transport() {
  return [](const PeerInfo& peer, EngineHost& host, const EngineFactory& inner, TimePoint now) {
    return inner(peer, host, now);
  };
}

}  // namespace apns
