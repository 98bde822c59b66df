#pragma once

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "apns/model/profile.h"

/// What a profile says of HTTP/2, as people read and change it. Keys are the members' names:
///
///   {"one_stream_after_rejection": false, "provider_token": {"accounting": "team"}}
namespace apns::mock {

/// Changes the values that are named. Throws json::Error with its position: an unknown key or word,
/// a wrong type, a number out of range; `http2` is as it was then or partly changed.
void read_http2_profile(const json::Value& value, Http2Profile& http2);

/// All values. read_http2_profile() of it makes the same profile of any.
[[nodiscard]] nlohmann::ordered_json to_json(const Http2Profile& http2);

/// The objects with their keys, for tests of documents.
[[nodiscard]] std::vector<json::ObjectKeys> http2_profile_format();

}  // namespace apns::mock
