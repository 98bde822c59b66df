#include "tests/apns/http2/oracle/field_lists.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace apns::http2::test {

namespace {

using namespace std::string_view_literals;

struct Pair {
  std::string_view name;
  std::string_view value;
};

constexpr std::array<Pair, 12> kFields = {{
    {"user-agent", "fixed/1.0"},
    {"accept", "*/*"},
    {"authorization", "bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"},
    {"apns-topic", "com.example.app"},
    {"apns-push-type", "alert"},
    {"apns-priority", "10"},
    {"cookie", "a=b"},
    {"cookie", "c=d; e=f"},
    {"te", "trailers"},
    {"x-empty", ""},
    {"x-high", "caf\xC3\xA9 \x80\xFF"sv},
    {"content-type", "application/json"},
}};

/// Fields that are added behind the others.
constexpr std::array<Pair, 42> kFlaws = {{
    {"Upper", "x"},
    {"x-Upper", "x"},
    {"", "x"},
    {"with space", "x"},
    {"with:colon", "x"},
    {"nul\0name"sv, "x"},
    {"del\x7Fname", "x"},
    {"high\x80name", "x"},
    {"tab\tname", "x"},
    {"at@name", "x"},
    {"brace{name}", "x"},
    {"quote\"name", "x"},
    {"x-nul", "a\0b"sv},
    {"x-cr", "a\rb"},
    {"x-lf", "a\nb"},
    {"x-leading", " a"},
    {"x-trailing", "a "},
    {"x-leading-tab", "\ta"},
    {"x-trailing-tab", "a\t"},
    {"x-del", "a\x7F"},
    {"x-control", "a\x01z"},
    {"connection", "close"},
    {"keep-alive", "timeout=5"},
    {"proxy-connection", "close"},
    {"transfer-encoding", "chunked"},
    {"upgrade", "websocket"},
    {"te", "gzip"},
    {"te", "Trailers"},
    {"te", "trailers, deflate"},
    {":unknown", "x"},
    {":status", "200"},
    {":method", "GET"},
    {":path", "/"},
    {"content-length", ""},
    {"content-length", "-1"},
    {"content-length", "+1"},
    {"content-length", "1x"},
    {"content-length", "99999999999999999999"},
    {"content-length", "9223372036854775808"},
    {"content-length", "7"},
    {"host", "other.example"},
    {"host", "a b"},
}};

/// Values for pseudo-header fields that are there.
constexpr std::array<Pair, 40> kPseudoValues = {{
    {":method", ""},
    {":method", "GE T"},
    {":method", "get"},
    {":method", "CONNECT"},
    {":method", "OPTIONS"},
    {":method", "G\x80T"},
    {":path", ""},
    {":path", "x"},
    {":path", "*"},
    {":path", "/a b"},
    {":path", "/#fragment"},
    {":path", "/\x80"},
    {":path", "/a\tb"},
    {":path", "http://example.com/"},
    {":scheme", ""},
    {":scheme", "http"},
    {":scheme", "HTTPS"},
    {":scheme", "ftp"},
    {":scheme", "1a"},
    {":scheme", "a:b"},
    {":authority", ""},
    {":authority", "user@example.com"},
    {":authority", "a b"},
    {":authority", "a/b"},
    {":authority", "[::1]:443"},
    {":authority", "a\x80z"},
    {":authority", " a"},
    {":status", ""},
    {":status", "20"},
    {":status", "2000"},
    {":status", "abc"},
    {":status", "099"},
    {":status", "000"},
    {":status", "600"},
    {":status", "999"},
    {":status", "101"},
    {":status", "100"},
    {":status", "+20"},
    {":status", "204"},
    {":status", "304"},
}};

void add_some(Choices& choices, FieldList& fields) {
  for (std::uint64_t left = choices.below(5); left > 0; --left) {
    const Pair& field = choices.pick(kFields);
    fields.emplace_back(field.name, field.value);
  }
  if (choices.one_in(8)) {
    fields.emplace_back("x-" + std::to_string(choices.below(20)),
                        std::string(choices.below(300), 'v'));
  }
  if (choices.one_in(64)) {
    fields.emplace_back("x-long", std::string(choices.below(20'000), 'w'));
  }
}

}  // namespace

FieldList make_request(Choices& choices) {
  static constexpr std::array<std::string_view, 5> kMethods = {"POST", "GET", "HEAD", "PUT",
                                                               "OPTIONS"};
  FieldList fields;
  if (choices.one_in(24)) {
    fields.emplace_back(":method", "CONNECT");
    fields.emplace_back(":authority", "example.com:443");
  } else {
    const std::string method(choices.pick(kMethods));
    fields.emplace_back(":method", method);
    fields.emplace_back(":scheme", choices.one_in(4) ? "http" : "https");
    const bool is_star = method == "OPTIONS" && choices.one_in(2);
    fields.emplace_back(":path", is_star ? "*" : "/3/device/" + std::to_string(choices.below(9)));
    if (choices.one_in(4)) {
      fields.emplace_back("host", "example.com");
    } else {
      fields.emplace_back(":authority", "example.com");
    }
    if (fields.back().first == ":authority" && choices.one_in(2)) {
      std::ranges::reverse(fields);  // pseudo-header fields come in any order
    }
  }
  add_some(choices, fields);
  return fields;
}

FieldList make_response(Choices& choices, std::string status) {
  FieldList fields;
  fields.emplace_back(":status", std::move(status));
  add_some(choices, fields);
  std::erase_if(fields, [](const auto& field) { return field.first == "te"; });
  return fields;
}

FieldList make_trailers(Choices& choices) {
  FieldList fields;
  fields.emplace_back("grpc-status", std::to_string(choices.below(3)));
  add_some(choices, fields);
  return fields;
}

void spoil_fields(Choices& choices, FieldList& fields) {
  switch (choices.below(6)) {
    case 0:
    case 1: {
      const Pair& flaw = choices.pick(kFlaws);
      fields.emplace_back(flaw.name, flaw.value);
      break;
    }
    case 2: {
      const Pair& other = choices.pick(kPseudoValues);
      const auto at = std::ranges::find(fields, other.name, &FieldList::value_type::first);
      if (at != fields.end()) {
        at->second = other.value;
      } else {
        fields.emplace(fields.begin(), other.name, other.value);
      }
      break;
    }
    case 3:
      if (!fields.empty()) {
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(choices.below(fields.size())));
      }
      break;
    case 4:
      if (!fields.empty()) {
        fields.push_back(fields[choices.below(fields.size())]);
      }
      break;
    default:
      if (!fields.empty()) {
        std::swap(fields[choices.below(fields.size())], fields[choices.below(fields.size())]);
      }
      break;
  }
}

}  // namespace apns::http2::test
