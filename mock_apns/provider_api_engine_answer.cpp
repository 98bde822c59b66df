// What a connection of the provider API answers, byte by byte.
#include <algorithm>
#include <array>
#include <span>

#include "apns/base/random.h"
#include "mock_apns/provider_api_engine.h"

namespace apns::mock {

namespace {

using http2::Field;
using http2::Representation;
using http2::StreamId;

std::array<char, 3> digits_of(std::uint16_t status) {
  const auto digit = [](unsigned value) { return static_cast<char>('0' + value % 10); };
  return {digit(status / 100U), digit(status / 10U), digit(status)};
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

void ProviderApiEngine::answer(const Request& request, StreamId stream) {
  const PushReply& reply = request.reply;
  const std::string_view id(request.id.data(), request.id.size());
  const std::array<char, 3> status = digits_of(reply.status);
  Id unique_id;
  std::array<Field, 3> fields = {
      Field{":status",
            {status.data(), status.size()},
            http2::field_name::kStatus,
            Representation::Indexed},
      Field{"apns-id", id, http2::field_name::kOther, Representation::WithoutIndexing}, Field{}};
  std::size_t num_fields = 2;
  if (api_.options_.environment == Environment::Development) {
    unique_id = make_id(2 * request.nth + 1, false);
    fields[num_fields++] = Field{"apns-unique-id",
                                 {unique_id.data(), unique_id.size()},
                                 http2::field_name::kOther,
                                 Representation::WithoutIndexing};
  }
  const bool has_body = reply.reason && !request.is_head;
  session_.send_headers(stream, std::span(fields).first(num_fields), !has_body);
  if (has_body && reply.timestamp_ms) {
    session_.send_data(stream, as_bytes(reason_body(*reply.reason, *reply.timestamp_ms)), true);
  } else if (has_body) {
    session_.send_data(stream, as_bytes(row_of(*reply.reason).body), true);
  }
  if (profile().one_stream_after_rejection) {
    const bool is_rejected = reply.outcome == PushReply::Outcome::Rejected;
    limit_streams(is_rejected ? std::min(1U, usual_limit_) : usual_limit_);
  }
}

ProviderApiEngine::Id ProviderApiEngine::make_id(std::uint64_t which, bool upper_case) const {
  Id id;
  write_id(random_u64(api_.options_.seed, connection_, which, 0),
           random_u64(api_.options_.seed, connection_, which, 1), upper_case, id.data());
  return id;
}

}  // namespace apns::mock
