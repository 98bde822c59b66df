#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "mock_apns/payload_checker.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/payload_places.h"
#include "mock_apns/world/payload_request.h"

// What reading and linting share; their .cpp files alone include it.
namespace apns::mock {

/// A payload as simdjson's DOM has it, valid until the parser's next payload.
struct PayloadDocument {
  Payload::Form form = Payload::Form::NotJson;
  std::string flaw;              // Form::Unreadable
  simdjson::dom::object object;  // from Form::NoAps on
  simdjson::dom::object aps;     // Form::Dictionary
  bool has_aps = false;          // also when aps is no dictionary
};

struct PayloadReader::Parser {
  /// Parses a copy, since simdjson reads past the end of its text.
  [[nodiscard]] PayloadDocument parse(std::string_view json);

  simdjson::dom::parser dom;
  std::string copy;
  PayloadChecker checker;  // for the second opinion on what simdjson refuses
};

/// Nullopt, empty, false: absent, or of another type.
[[nodiscard]] std::string text_at(const simdjson::dom::object& object, std::string_view key);
[[nodiscard]] std::optional<double> number_at(const simdjson::dom::object& object,
                                              std::string_view key);
/// A point in time; fractions are cut off.
[[nodiscard]] std::optional<std::int64_t> seconds_at(const simdjson::dom::object& object,
                                                     std::string_view key);

/// A number other than 0, or true. Apple's texts have the number 1; a phone reads both by one
/// class.
[[nodiscard]] bool flag_at(const simdjson::dom::object& object, std::string_view key);

/// What alert, badge, sound and the flags make of it: used by lint rules that weigh the whole.
[[nodiscard]] Payload read_document(const PayloadDocument& document);

/// In JSON text; npos: there is none. simdjson 3.0 lets some of them through, as bytes that are not
/// UTF-8.
[[nodiscard]] std::size_t find_lone_surrogate(std::string_view json);

/// All of payload_rules() on one document, in order. `places`, if not null, gets one for each
/// finding; a payload that is not read as an object has none but the whole.
[[nodiscard]] std::vector<Why> lint_document(const PayloadDocument& document,
                                             const PayloadRequest& request,
                                             std::vector<PayloadPlace>* places = nullptr);

/// A finding with the place that its rule names.
struct PlacedFinding {
  Why why;
  bool is_must = false;
  PayloadPlace place;
};

/// All of push_type_rules() on one document and its request, in order.
[[nodiscard]] std::vector<PlacedFinding> lint_request(const PayloadDocument& document,
                                                      const PayloadRequest& request);

}  // namespace apns::mock
