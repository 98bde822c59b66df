#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/apns/http2/oracle/choices.h"

namespace apns::http2::test {

using FieldList = std::vector<std::pair<std::string, std::string>>;

/// A legal request of any method, without a content-length.
[[nodiscard]] FieldList make_request(Choices& choices);
[[nodiscard]] FieldList make_response(Choices& choices, std::string status);
[[nodiscard]] FieldList make_trailers(Choices& choices);
/// Does one thing to `fields` that is illegal, or looks so.
void spoil_fields(Choices& choices, FieldList& fields);

}  // namespace apns::http2::test
