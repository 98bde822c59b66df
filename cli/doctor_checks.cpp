#include "cli/doctor_checks.h"

#include <algorithm>
#include <array>
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
    add(all, Level::Info, tool.name, tool.version.empty() ? "not found" : tool.version);
  }
  return all;
}

}  // namespace apns::cli
