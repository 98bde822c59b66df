#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "apns/json/document.h"
#include "mock_apns/fault_rule.h"

/// Fault rules as people write them. Two syntaxes, one table of keys; docs/faults.md explains each
/// key, and lists what is refused because it could never happen.
namespace apns::mock {

/// What is wrong with a rule of the command line, for people: one sentence for what is wrong, one
/// for what would be right.
///
///   --fault 'nth=4: rejct=8': "rejct" is not a key of then; did you mean "reject"? Keys: ...
///   --fault 'protocol=binary: goaway.reason=Shutdown' can never fire: GOAWAY exists ...
class FaultError : public std::runtime_error {
 public:
  FaultError(const std::string& text, std::size_t offset)
      : std::runtime_error(text), offset_(offset) {}

  /// Where in the rule's text, in bytes from 0; its length: at the end.
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};

/// Parses one rule as the command line writes it: 'WHEN: THEN', keys with dots, blanks between
/// them; a value with blanks stands in double quotes.
///
///   nth=4 protocol=binary: reject=8 delay=200ms
///   connection=1: close=rst
///   idle=5s: close=fin
///   nth="every 500": reject=8
///   device_token=a1a1: error_packet.status=8 error_packet.identifier=0
///   : reject=8                                  (always)
///   nth=2: reject=8 times=1 name=bad-token      (`times` and `name` stand behind the colon)
///
/// Throws FaultError.
[[nodiscard]] FaultRule parse_fault(std::string_view text);

/// Reads {"when": {...}, "then": {...}, "times": 1, "name": "..."}.
/// Throws json::Error: at the key that is wrong, or at the value if only that is.
[[nodiscard]] FaultRule read_fault(const json::Value& value);

/// Reads what stands behind "then", to be carried out at once. Throws json::Error.
[[nodiscard]] FaultAction read_action(const json::Value& value);

/// Throws json::Error at `at`, unless this may be the name of a rule.
void require_fault_name(const std::string& name, const json::Value& at);

/// One such object or an array of them, as a scenario and --fault @FILE have it. Throws
/// json::Error, also for a name that two rules share.
[[nodiscard]] std::vector<FaultRule> read_faults(const json::Value& value);

}  // namespace apns::mock
