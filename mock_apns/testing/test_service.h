#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock_apns/ledger_event.h"
#include "mock_apns/service.h"
#include "mock_apns/service_info.h"

namespace apns::mock {

/// How often, and how soon. `count`: exactly so many; absent: at least one. 0 watches for the whole
/// of `within`.
struct Expected {
  std::optional<std::uint64_t> count = std::nullopt;
  std::chrono::milliseconds within = std::chrono::seconds(2);
};

/// A service for tests, in the process of the test: on free ports of the loopback, with the world
/// that `apnslab serve` has and credentials in a temporary folder of its own. For GoogleTest there
/// is PushTest around it (push_test.h).
class TestService {
 public:
  /// The one that all tests of a process share, made when it is first asked for: making the
  /// credentials is the slow part.
  static TestService& shared();

  /// Throws what certs::open_state_folder and Service throw.
  TestService();
  ~TestService();
  TestService(const TestService&) = delete;
  TestService& operator=(const TestService&) = delete;

  [[nodiscard]] Service& service();

  /// Host, ports and the device token of "phone".
  [[nodiscard]] const ServiceInfo& info() const;

  /// What certs::StateFolder lists: "ca.pem", "cert.pem", "key.pem".
  [[nodiscard]] std::filesystem::path file(std::string_view name) const;

  /// World, rules, ledger and clock as at the start; connections stay open. False: a thread of the
  /// service is busy for ten seconds, and nothing has changed.
  [[nodiscard]] bool reset();

  /// Waits until so many events of the ledger match; `match` is JSON, a part of an event as
  /// docs/ledger.md has it. What was in the ledger before counts. Nullopt: it is so. Otherwise what
  /// was found, and what came nearest. Throws json::Error: `match` cannot match anything.
  [[nodiscard]] std::optional<std::string> missed(std::string_view match, const Expected& expected);

  /// The events that match now, oldest first. Throws as missed().
  [[nodiscard]] std::vector<LedgerEvent> events(std::string_view match) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace apns::mock
