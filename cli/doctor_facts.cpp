#include "cli/doctor_facts.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include "certs/state_folder.h"
#include "cli/descriptor.h"
#include "cli/namespaces.h"
#include "cli/ready_file.h"
#include "mock_apns/control/control_server.h"
#include "mock_apns/service.h"

namespace apns::cli {

namespace {

namespace fs = std::filesystem;

// ---- Sockets ----

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Address loopback(int family, std::uint16_t port) {
  Address address{};
  if (family == AF_INET) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    address.v6.sin6_addr = in6addr_loopback;
  }
  return address;
}

socklen_t size_of(int family) {
  return family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

/// The system's error number, 0 when the port could be bound; it is given back at once.
int try_to_bind(int family, std::uint16_t port) {
  const Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  const Address address = loopback(family, port);
  if (!socket.is_open() ||
      setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), &address.any, size_of(family)) != 0) {
    return errno;
  }
  return listen(socket.get(), 1) == 0 ? 0 : errno;
}

PortFact look_at_port(std::uint16_t port, std::string what) {
  PortFact fact;
  fact.port = port;
  fact.what = std::move(what);
  for (const int family : {AF_INET, AF_INET6}) {
    const int error = try_to_bind(family, port);
    if (error != 0 && error != EADDRNOTAVAIL && error != EAFNOSUPPORT) {
      fact.is_free = false;
      fact.refusal = std::strerror(error);
    }
  }
  if (!fact.is_free) {
    fact.owner = find_port_owner(port, "/proc");
  }
  return fact;
}

/// A connection to 127.0.0.1 or ::1, with a time limit for each of its steps.
Descriptor connect_to(std::uint16_t port) {
  for (const int family : {AF_INET, AF_INET6}) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{.tv_sec = 1, .tv_usec = 0};
    const Address address = loopback(family, port);
    if (socket.is_open() &&
        setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
        setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
        connect(socket.get(), &address.any, size_of(family)) == 0) {
      return socket;
    }
  }
  return Descriptor(-1);
}

/// Of "http://localhost:2199/v1"; 0: there is none.
std::uint16_t port_of(const std::string& url) {
  const std::size_t colon = url.rfind(':');
  const int port = colon == std::string::npos ? 0 : std::atoi(url.c_str() + colon + 1);
  return port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

bool control_lives(std::uint16_t port) {
  const Descriptor socket = connect_to(port);
  constexpr std::string_view kRequest =
      "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (!socket.is_open() || send(socket.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
                               static_cast<ssize_t>(kRequest.size())) {
    return false;
  }
  std::array<char, 16> answer{};
  const ssize_t len = recv(socket.get(), answer.data(), answer.size(), MSG_WAITALL);
  return len > 0 &&
         std::string_view(answer.data(), static_cast<std::size_t>(len)).starts_with("HTTP/1.1 200");
}

ServiceFact look_at_service(const fs::path& dir) {
  ServiceFact service;
  std::error_code error;
  service.is_told = fs::exists(dir / "ready.json", error);
  if (!service.is_told) {
    return service;
  }
  try {
    const mock::ServiceInfo info = read_ready_file(dir / "ready.json");
    service.version = info.version;
    service.pid = info.pid;
    service.runs = info.pid > 0 && (kill(static_cast<pid_t>(info.pid), 0) == 0 || errno == EPERM);
    const std::uint16_t port = info.gateway_port != 0 ? info.gateway_port : info.http2_port;
    service.answers = service.runs && connect_to(port).is_open() &&
                      (info.control_url.empty() || control_lives(port_of(info.control_url)));
  } catch (const std::runtime_error& problem) {
    service.problem = problem.what();
  }
  return service;
}

std::vector<Http2Fact> ask_service(const ServiceFact& service, const fs::path& dir) {
  std::vector<Http2Fact> facts;
  if (!service.runs || !service.answers) {
    return facts;
  }
  const mock::ServiceInfo info = read_ready_file(dir / "ready.json");
  for (const auto& [what, port] : {std::pair("HTTP/2", info.http2_port),
                                   std::pair("HTTP/2, development", info.http2_port_development)}) {
    if (port != 0) {
      facts.push_back(Http2Fact{what, port, ask_http2(Endpoint{info.host, port}, dir)});
    }
  }
  return facts;
}

std::vector<std::string> addresses_of(const char* name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  std::vector<std::string> addresses;
  if (getaddrinfo(name, nullptr, &hints, &first) != 0) {
    return addresses;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(first, &freeaddrinfo);
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0 &&
        std::ranges::find(addresses, text.data()) == addresses.end()) {
      addresses.emplace_back(text.data());
    }
  }
  return addresses;
}

// ---- The rest of the machine ----

SystemTime newest_of(const StateFact& state) {
  time_t newest = 0;
  std::vector<fs::path> files = {"/proc/self/exe"};
  for (const FileFact& file : state.files) {
    files.push_back(state.dir / file.name);
  }
  for (const fs::path& file : files) {
    struct stat found {};

    if (::stat(file.c_str(), &found) == 0) {
      newest = std::max(newest, found.st_mtime);
    }
  }
  return SystemTime(std::chrono::seconds(newest));
}

std::vector<TrustFact> look_at_trust(const fs::path& state_dir) {
  std::vector<TrustFact> facts;
  for (const char* variable :
       {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') {
      continue;
    }
    std::error_code error;
    facts.push_back(TrustFact{.variable = variable,
                              .value = value,
                              .is_file = fs::is_regular_file(value, error),
                              .has_our_authority = has_authority(value, state_dir)});
  }
  return facts;
}

std::string find_system_bundle() {
  std::error_code error;
  for (const char* place : certs::system_bundle_places()) {
    if (fs::is_regular_file(place, error)) {
      return place;
    }
  }
  return {};
}

/// The first line that a command prints, up to a bracket; empty: there is no such command, or it
/// fails.
std::string first_line_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null </dev/null").c_str(), "re");
  if (pipe == nullptr) {
    return {};
  }
  std::array<char, 200> line{};
  const bool is_read = std::fgets(line.data(), line.size(), pipe) != nullptr;
  const int status = pclose(pipe);
  std::string text = is_read && status == 0 ? line.data() : "";
  text.erase(std::min(text.find_first_of("\n("), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

DoctorFacts gather_facts(const fs::path& state_dir) {
  DoctorFacts facts;
  facts.namespaces_forbidden = namespaces_forbidden();
  facts.service = look_at_service(state_dir);
  const mock::ServiceOptions service;
  const mock::control::ServerOptions control;
  facts.http2 = ask_service(facts.service, state_dir);
  facts.ports = {look_at_port(service.http2_port, "HTTP/2"),
                 look_at_port(service.gateway_port, "gateway"),
                 look_at_port(service.feedback_port, "feedback"),
                 look_at_port(control.port, "control API"),
                 look_at_port(service.http2_port_development, "HTTP/2, development"),
                 look_at_port(service.gateway_port_development, "gateway, development"),
                 look_at_port(service.feedback_port_development, "feedback, development")};
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.descriptors_soft = limit.rlim_cur;
    facts.descriptors_hard = limit.rlim_max;
  }
  facts.state = gather_state(state_dir);
  facts.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  facts.newest_file = newest_of(facts.state);
  facts.has_ipv4_loopback = try_to_bind(AF_INET, 0) == 0;
  facts.has_ipv6_loopback = try_to_bind(AF_INET6, 0) == 0;
  facts.localhost = addresses_of("localhost");
  facts.trust = look_at_trust(state_dir);
  facts.system_bundle = find_system_bundle();
  const char* rejects = std::getenv("NODE_TLS_REJECT_UNAUTHORIZED");
  facts.node_trusts_everything = rejects != nullptr && std::string_view(rejects) == "0";
  facts.tools = {{"openssl", first_line_of("openssl version")},
                 {"curl", first_line_of("curl --version"),
                  !first_line_of("sh -c 'curl --version | grep -w HTTP2'").empty()},
                 {"node", first_line_of("node --version")}};
  return facts;
}

}  // namespace apns::cli
