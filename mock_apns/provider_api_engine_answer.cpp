// What a connection of the provider API answers, byte by byte.
#include <array>
#include <span>
#include <utility>

#include "apns/base/random.h"
#include "mock_apns/provider_api_engine.h"

namespace apns::mock {

namespace {

using http2::Field;
using http2::Representation;
using http2::StreamId;

std::string_view status_text(std::uint16_t status) {
  // Every status that reasons have.
  switch (status) {
    case 400:
      return "400";
    case 403:
      return "403";
    case 404:
      return "404";
    case 405:
      return "405";
    case 410:
      return "410";
    case 413:
      return "413";
    case 429:
      return "429";
    case 500:
      return "500";
    default:
      return "503";
  }
}

/// 8-4-4-4-12 digits of 128 random bits, whose version and variant are arbitrary, as Apple's are
/// (observed: jchambers/pushy#184, Edujugon/PushNotification#170, AndrewBarba/apns2#95).
void write_id(std::uint64_t high, std::uint64_t low, bool upper_case, char* at) {
  const std::string_view digits = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
  for (unsigned i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) {
      *at++ = '-';
    }
    const std::uint64_t half = i < 16 ? high : low;
    *at++ = digits[(half >> (60U - 4U * (i % 16U))) & 0xFU];
  }
}

}  // namespace

void ProviderApiEngine::answer(Request& request, const ReasonRow* reason,
                               std::optional<std::uint64_t> timestamp_ms) {
  const StreamId stream = std::exchange(request.stream, 0);  // closed() has nothing to tell of it
  const std::string_view id(request.id.data(), request.id.size());
  Id unique_id;
  std::array<Field, 3> fields = {
      Field{":status", reason == nullptr ? "200" : status_text(reason->status),
            http2::field_name::kStatus, Representation::Indexed},
      Field{"apns-id", id, http2::field_name::kOther, Representation::WithoutIndexing}, Field{}};
  std::size_t num_fields = 2;
  if (api_.options_.environment == Environment::Development) {
    unique_id = make_id(2 * request.nth + 1, false);
    fields[num_fields++] = Field{"apns-unique-id",
                                 {unique_id.data(), unique_id.size()},
                                 http2::field_name::kOther,
                                 Representation::WithoutIndexing};
  }
  if (reason == nullptr || request.is_head) {
    session_.send_headers(stream, std::span(fields).first(num_fields), true);
    return;
  }
  session_.send_headers(stream, std::span(fields).first(num_fields), false);
  if (timestamp_ms) {
    session_.send_data(stream, as_bytes(reason_body(reason->reason, *timestamp_ms)), true);
  } else {
    session_.send_data(stream, as_bytes(reason->body), true);
  }
}

ProviderApiEngine::Id ProviderApiEngine::make_id(std::uint64_t which, bool upper_case) const {
  Id id;
  write_id(random_u64(api_.options_.seed, connection_, which, 0),
           random_u64(api_.options_.seed, connection_, which, 1), upper_case, id.data());
  return id;
}

}  // namespace apns::mock
