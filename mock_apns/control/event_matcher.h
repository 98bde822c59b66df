#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "mock_apns/ledger_event.h"

namespace apns::mock::control {

/// Where an event is not as it was expected to be.
struct Difference {
  std::string pointer;  // "/payload/aps/alert"
  nlohmann::ordered_json expected;
  std::optional<nlohmann::ordered_json> actual;  // nullopt: the event does not have it

  [[nodiscard]] bool operator==(const Difference&) const = default;
};

/// A part of an event as its line in the ledger has it: an event matches when it has each member of
/// it, to any depth. Objects may have more members, payloads too; arrays have the same number of
/// elements, each matching.
class EventMatcher {
 public:
  /// Every event.
  EventMatcher() = default;

  /// A `match` of POST /expect. Throws json::Error: no object, a key that the ledger does not have,
  /// a word that is no event or outcome, an outcome that its event never has.
  explicit EventMatcher(const json::Value& match);

  /// A filter of GET /ledger: `key` is one of the ledger whose value is a text, a number or a
  /// truth; `text` is that value as it is printed. Throws Problem.
  void require(const std::string& key, const std::string& text);

  [[nodiscard]] bool matches(const LedgerEvent& event) const;

  /// Absent: of any kind.
  [[nodiscard]] std::optional<EventKind> kind() const { return kind_; }

  /// Is it of the kind?
  [[nodiscard]] bool is_near(const LedgerEvent& event) const;

  /// Nothing if it matches.
  [[nodiscard]] std::vector<Difference> differences(const LedgerEvent& event) const;

 private:
  std::optional<EventKind> kind_;
  nlohmann::ordered_json match_ = nlohmann::ordered_json::object();
  std::vector<std::pair<std::string, std::string>> texts_;  // as printed, of require()
};

/// Every key of the ledger's lines, in the order of docs/ledger.md.
[[nodiscard]] std::span<const std::string> ledger_keys();

}  // namespace apns::mock::control
