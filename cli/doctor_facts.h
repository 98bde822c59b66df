#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/http2_probe.h"
#include "cli/port_owner.h"

/// What `apnslab doctor` looks at, apart from what it makes of it: diagnose() in doctor_checks.h.
namespace apns::cli {

using SystemTime = std::chrono::sys_seconds;

struct PortFact {
  std::uint16_t port = 0;
  std::string what = {};     // "gateway"
  bool is_free = true;       // on 127.0.0.1 and, where there is one, ::1
  std::string refusal = {};  // the system's words when it is not
  std::optional<PortOwner> owner = {};
};

/// The service that ready.json in the state folder tells of.
struct ServiceFact {
  bool is_told = false;      // there is a ready.json
  std::string problem = {};  // why it cannot be read
  std::string version = {};
  std::int64_t pid = 0;
  bool runs = false;     // the process
  bool answers = false;  // its gateway takes a connection, and its control API says that it lives
};

struct FileFact {
  std::string name = {};
  unsigned mode = 0;  // permission bits
};

/// A certificate of the state folder.
struct CertificateFact {
  std::string name = {};     // "server.pem"
  std::string problem = {};  // it cannot be read, and nothing below means anything
  SystemTime not_before{};
  SystemTime not_after{};
  bool is_of_authority = true;                  // ca.pem has signed it
  bool has_key = true;                          // its key file belongs to it
  std::vector<std::string> missing_names = {};  // that a server certificate must have
};

struct StateFact {
  std::filesystem::path dir = {};
  bool is_there = false;
  bool is_folder = true;
  bool is_ours = true;  // of this user
  unsigned mode = 0700;
  std::vector<FileFact> files = {};  // by name
  std::vector<CertificateFact> certificates = {};
};

/// An environment variable that decides what programs trust.
struct TrustFact {
  std::string variable = {};
  std::string value = {};
  bool is_file = false;
  bool has_our_authority = false;
};

struct ToolFact {
  std::string name = {};
  std::string version = {};  // its own line; empty: it is not found
  bool speaks_http2 = true;  // told of curl alone
};

/// An HTTP/2 port of the running service, asked with a provider token.
struct Http2Fact {
  std::string what = {};  // "HTTP/2"
  std::uint16_t port = 0;
  Http2Answer answer = {};
};

struct DoctorFacts {
  std::vector<PortFact> ports = {};
  ServiceFact service;
  std::vector<Http2Fact> http2 = {};  // where one runs and answers
  std::uint64_t descriptors_soft = 0;
  std::uint64_t descriptors_hard = 0;
  StateFact state;
  SystemTime now{};
  SystemTime newest_file{};  // of the state folder and the program
  bool has_ipv4_loopback = true;
  bool has_ipv6_loopback = true;
  std::vector<std::string> localhost = {};  // addresses of that name
  std::vector<TrustFact> trust = {};        // variables that are set
  std::string system_bundle = {};           // empty: none found
  bool node_trusts_everything = false;      // NODE_TLS_REJECT_UNAUTHORIZED=0
  std::vector<ToolFact> tools = {};
  std::optional<std::string> namespaces_forbidden = {};  // why
};

/// The folder as it is, without what open_state_folder() would mend. Implemented in
/// state_facts.cpp, with has_authority().
[[nodiscard]] StateFact gather_state(const std::filesystem::path& dir);

/// Does a file of certificates (PEM) have the authority of this state folder among them?
[[nodiscard]] bool has_authority(const std::filesystem::path& file,
                                 const std::filesystem::path& state_dir);

/// Looks at this machine; changes nothing on it. A service that runs sees a connection to each of
/// its HTTP/2 ports, with a request that it refuses.
[[nodiscard]] DoctorFacts gather_facts(const std::filesystem::path& state_dir);

}  // namespace apns::cli
