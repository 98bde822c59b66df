#include "cli/doctor_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "apns/base/rfc3339.h"
#include "cli/version.h"

namespace apns::cli {

namespace {

using Level = Diagnosis::Level;
using Diagnoses = std::vector<Diagnosis>;

void add(Diagnoses& all, Level level, std::string check, std::string found, std::string fix = {}) {
  all.push_back(Diagnosis{level, std::move(check), std::move(found), std::move(fix)});
}

// ---- The service and its ports ----

void check_service(const ServiceFact& service, Diagnoses& all) {
  const std::string check = "running service";
  if (!service.problem.empty()) {
    add(all, Level::Fail, check, service.problem, "remove the file; serve writes it anew");
  } else if (!service.is_told) {
    add(all, Level::Info, check, "none in this state folder");
  } else if (!service.runs) {
    add(all, Level::Warn, check,
        fmt::format("ready.json is left over: there is no process {}", service.pid),
        "remove ready.json, or start serve");
  } else if (!service.answers) {
    add(all, Level::Fail, check, fmt::format("pid {} does not answer", service.pid),
        fmt::format("end it (kill {}) and start serve again", service.pid));
  } else if (service.version != kVersion) {
    add(all, Level::Warn, check,
        fmt::format("pid {} answers, but is version {} and this is {}", service.pid,
                    service.version, kVersion),
        "start serve again");
  } else {
    add(all, Level::Ok, check,
        fmt::format("pid {} answers, version {}", service.pid, service.version));
  }
}

void check_port(const PortFact& port, const ServiceFact& service, Diagnoses& all) {
  const std::string check = fmt::format("port {}", port.port);
  if (port.is_free) {
    add(all, Level::Ok, check, fmt::format("free ({})", port.what));
  } else if (!port.owner) {
    add(all, Level::Fail, check, fmt::format("cannot be used ({}): {}", port.what, port.refusal),
        "use serve --port 0 for free ports");
  } else if (service.runs && port.owner->pid == service.pid) {
    add(all, Level::Ok, check, fmt::format("of the running service ({})", port.what));
  } else {
    add(all, Level::Fail, check, fmt::format("is in use ({}): {}", port.what, to_text(*port.owner)),
        "stop that, or use serve --port 0 for free ports");
  }
}

/// See ask_http2() for what was asked.
void check_http2(const Http2Fact& fact, Diagnoses& all) {
  const Http2Answer& answer = fact.answer;
  if (!answer.problem.empty()) {
    add(all, Level::Fail, fact.what, answer.problem, "start serve again");
    return;
  }
  add(all, Level::Ok, fact.what, fmt::format("port {} speaks it, over TLS by ALPN", fact.port));
  const std::string check = "provider token" + fact.what.substr(std::string_view("HTTP/2").size());
  const std::string said = fmt::format("{} {}", answer.status, answer.reason);
  if (!answer.token_problem.empty()) {
    add(all, Level::Fail, check, answer.token_problem,
        "remove AuthKey_KEY0000001.p8 and start serve again: it is made anew");
  } else if (answer.reason == "BadMessageId") {
    add(all, Level::Ok, check, "is accepted");
  } else if (answer.status == 200) {
    add(all, Level::Info, check, "the service looks at none");
  } else if (answer.status == 403 || answer.reason == "TooManyProviderTokenUpdates") {
    add(all, Level::Fail, check, said,
        "start serve again: it knows the key that AuthKey_KEY0000001.p8 was when it began");
  } else {
    add(all, Level::Info, check, "cannot be told: the service answers " + said);
  }
}

// ---- The machine ----

void check_descriptors(const DoctorFacts& facts, Diagnoses& all) {
  constexpr std::uint64_t kFew = 256;
  constexpr std::uint64_t kEnough = 4096;
  const std::string found =
      fmt::format("{}, which serve raises to {}", facts.descriptors_soft, facts.descriptors_hard);
  if (facts.descriptors_hard < kFew) {
    add(all, Level::Fail, "descriptors", found, "raise the hard limit (ulimit -Hn) to 4096");
  } else if (facts.descriptors_hard < kEnough) {
    add(all, Level::Warn, "descriptors", found,
        "raise the hard limit (ulimit -Hn) for more connections than that");
  } else {
    add(all, Level::Ok, "descriptors", found);
  }
}

void check_clock(const DoctorFacts& facts, Diagnoses& all) {
  using namespace std::chrono;
  constexpr sys_seconds kFirst = sys_days(year(2009) / 1 / 1);  // when our certificates begin
  constexpr sys_seconds kLast = sys_days(year(2100) / 1 / 1);
  const std::string now = to_rfc3339(facts.now);
  if (facts.now < kFirst || facts.now >= kLast) {
    add(all, Level::Fail, "clock", now + " is not plausible",
        "set the clock: certificates are not valid at such a time");
  } else if (facts.newest_file > facts.now + hours(24)) {
    add(all, Level::Warn, "clock",
        fmt::format("{}, but there are files of {}", now, to_rfc3339(facts.newest_file)),
        "set the clock, if it is behind");
  } else {
    add(all, Level::Ok, "clock", now);
  }
}

bool is_loopback_text(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

void check_loopback(const DoctorFacts& facts, Diagnoses& all) {
  if (!facts.has_ipv4_loopback) {
    add(all, Level::Fail, "loopback", "there is no 127.0.0.1", "ip link set lo up");
  } else if (!facts.has_ipv6_loopback) {
    add(all, Level::Warn, "loopback", "there is no ::1, so that 127.0.0.1 alone is served",
        "clients that try ::1 alone need IPv6 on lo");
  } else {
    add(all, Level::Ok, "loopback", "127.0.0.1 and ::1");
  }
  const auto stranger = std::ranges::find_if_not(facts.localhost, is_loopback_text);
  if (facts.localhost.empty()) {
    add(all, Level::Fail, "localhost", "the name has no address",
        "add \"127.0.0.1 localhost\" to /etc/hosts");
  } else if (stranger != facts.localhost.end()) {
    add(all, Level::Fail, "localhost", "leads to " + *stranger,
        "let it lead to 127.0.0.1 and ::1 alone, in /etc/hosts");
  } else {
    add(all, Level::Ok, "localhost", fmt::format("{}", fmt::join(facts.localhost, ", ")));
  }
}

// ---- The state folder ----

/// What open_state_folder and serve write.
constexpr std::array<std::string_view, 13> kKnownFiles = {".lock",
                                                          "ca.pem",
                                                          "ca.key",
                                                          "ca.crl.pem",
                                                          "ca-bundle.pem",
                                                          "server.pem",
                                                          "cert.pem",
                                                          "server.key",
                                                          "truststore.p12",
                                                          "provider.p12",
                                                          "ready.json",
                                                          "key.pem",
                                                          "AuthKey_KEY0000001.p8"};

bool is_secret(std::string_view name) {
  return name.ends_with(".key") || name == "key.pem" || name.ends_with(".p8") ||
         name == "provider.p12";
}

void check_files(const StateFact& state, Diagnoses& all) {
  std::vector<std::string> open;
  std::vector<std::string> strangers;
  for (const FileFact& file : state.files) {
    if (is_secret(file.name) && (file.mode & 077U) != 0) {
      open.push_back(fmt::format("{} ({:04o})", file.name, file.mode));
    }
    if (std::ranges::find(kKnownFiles, file.name) == kKnownFiles.end()) {
      strangers.push_back(file.name);
    }
  }
  if (!open.empty()) {
    add(all, Level::Fail, "keys", fmt::format("others may read {}", fmt::join(open, ", ")),
        fmt::format("chmod 600 them, in {}", state.dir.string()));
  } else {
    add(all, Level::Ok, "keys", "nobody else may read them");
  }
  if (!strangers.empty()) {
    add(all, Level::Warn, "other files",
        fmt::format("apnslab did not make {}", fmt::join(strangers, ", ")), "keep them elsewhere");
  }
}

void check_certificate(const CertificateFact& certificate, SystemTime now, Diagnoses& all) {
  const auto fail = [&](std::string found) {
    add(all, Level::Fail, certificate.name, std::move(found),
        certificate.name == "ca.pem"
            ? "remove ca.key, ca.pem, ca.crl.pem, server.pem and cert.pem, and they are made anew"
            : "remove it and it is made anew");
  };
  if (!certificate.problem.empty()) {
    fail(certificate.problem);
  } else if (now < certificate.not_before) {
    fail("is not valid before " + to_rfc3339(certificate.not_before));
  } else if (now > certificate.not_after) {
    fail("has been invalid since " + to_rfc3339(certificate.not_after));
  } else if (!certificate.is_of_authority) {
    fail("ca.pem has not signed it");
  } else if (!certificate.has_key) {
    fail("its key file is another one's, or not there");
  } else if (!certificate.missing_names.empty()) {
    add(all, Level::Warn, certificate.name,
        fmt::format("lacks {}", fmt::join(certificate.missing_names, ", ")),
        "start serve: it is made anew with them");
  } else {
    add(all, Level::Ok, certificate.name, "valid until " + to_rfc3339(certificate.not_after));
  }
}

void check_state(const StateFact& state, SystemTime now, Diagnoses& all) {
  const std::string dir = state.dir.string();
  if (!state.is_there) {
    add(all, Level::Info, "state folder", dir + " is not there; serve makes it");
    return;
  }
  if (!state.is_folder) {
    add(all, Level::Fail, "state folder", dir + " is no folder",
        "remove it, or use another one with --state");
    return;
  }
  if (!state.is_ours) {
    add(all, Level::Fail, "state folder", dir + " is another user's",
        "use another one with --state");
  } else if ((state.mode & 077U) != 0) {
    add(all, Level::Warn, "state folder",
        fmt::format("{} is open to others ({:04o})", dir, state.mode), "chmod 700 " + dir);
  } else {
    add(all, Level::Ok, "state folder", dir);
  }
  check_files(state, all);
  for (const CertificateFact& certificate : state.certificates) {
    check_certificate(certificate, now, all);
  }
}

// ---- What clients trust, and tools ----

void check_trust(const DoctorFacts& facts, Diagnoses& all) {
  for (const TrustFact& trust : facts.trust) {
    if (!trust.is_file) {
      add(all, Level::Fail, trust.variable, trust.value + " is not there", "unset it");
    } else if (!trust.has_our_authority) {
      add(all, Level::Warn, trust.variable,
          trust.value + " has not the authority of this state folder",
          fmt::format("let it name {}, or run clients under apnslab exec",
                      (facts.state.dir / "ca-bundle.pem").string()));
    } else {
      add(all, Level::Ok, trust.variable, trust.value);
    }
  }
  if (facts.trust.empty()) {
    add(all, Level::Ok, "trust", "no variable tells clients what to trust");
  }
  if (facts.node_trusts_everything) {
    add(all, Level::Warn, "NODE_TLS_REJECT_UNAUTHORIZED",
        "is 0: Node trusts everybody, so that tests of trust prove nothing", "unset it");
  }
  if (facts.system_bundle.empty()) {
    add(all, Level::Warn, "system's CAs",
        "no bundle found, so that ca-bundle.pem has our authority alone",
        "install ca-certificates, then remove ca-bundle.pem");
  } else {
    add(all, Level::Ok, "system's CAs", facts.system_bundle);
  }
}

unsigned major_of(std::string_view version) {
  const std::size_t digit = version.find_first_of("0123456789");
  unsigned major = 0;
  if (digit != std::string_view::npos) {
    std::from_chars(version.data() + digit, version.data() + version.size(), major);
  }
  return major;
}

/// How a tool can trust the service; empty: it does already, or there is none.
std::string trust_advice(const std::string& tool, const DoctorFacts& facts) {
  const std::string authority = (facts.state.dir / "ca.pem").string();
  const auto is_told = [&facts](std::string_view variable) {
    return std::ranges::any_of(facts.trust, [variable](const TrustFact& trust) {
      return trust.variable == variable && trust.has_our_authority;
    });
  };
  if (!facts.state.is_there) {
    return {};
  }
  if (tool == "node" && !is_told("NODE_EXTRA_CA_CERTS")) {
    return "; trusts the service with NODE_EXTRA_CA_CERTS=" + authority;
  }
  if (tool == "curl" && !is_told("CURL_CA_BUNDLE") && !is_told("SSL_CERT_FILE")) {
    return "; trusts the service with --cacert " + authority;
  }
  return {};
}

void check_tool(const ToolFact& tool, const DoctorFacts& facts, Diagnoses& all) {
  constexpr unsigned kOldestNode = 20;
  if (tool.version.empty()) {
    add(all, Level::Info, tool.name, "not found");
  } else if (!tool.speaks_http2) {
    add(all, Level::Warn, tool.name, tool.version + ", without HTTP/2",
        "install one whose --version names HTTP2");
  } else if (tool.name == "node" && major_of(tool.version) < kOldestNode) {
    add(all, Level::Warn, tool.name, tool.version + ", too old for many provider libraries",
        fmt::format("use Node {} or newer", kOldestNode));
  } else {
    add(all, Level::Info, tool.name, tool.version + trust_advice(tool.name, facts));
  }
}

void check_namespaces(const DoctorFacts& facts, Diagnoses& all) {
  if (facts.namespaces_forbidden) {
    add(all, Level::Warn, "namespaces", *facts.namespaces_forbidden,
        "all but exec --as-apple works without");
  } else {
    add(all, Level::Ok, "namespaces", "exec --as-apple works");
  }
}

}  // namespace

std::string_view to_string(Diagnosis::Level level) {
  switch (level) {
    case Level::Ok:
      return "ok";
    case Level::Info:
      return "info";
    case Level::Warn:
      return "warn";
    case Level::Fail:
      return "fail";
  }
  return {};
}

std::vector<Diagnosis> diagnose(const DoctorFacts& facts) {
  Diagnoses all;
  check_service(facts.service, all);
  for (const Http2Fact& http2 : facts.http2) {
    check_http2(http2, all);
  }
  for (const PortFact& port : facts.ports) {
    check_port(port, facts.service, all);
  }
  check_descriptors(facts, all);
  check_clock(facts, all);
  check_loopback(facts, all);
  check_state(facts.state, facts.now, all);
  check_trust(facts, all);
  check_namespaces(facts, all);
  for (const ToolFact& tool : facts.tools) {
    check_tool(tool, facts, all);
  }
  return all;
}

}  // namespace apns::cli
