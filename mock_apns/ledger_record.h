#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"
#include "mock_apns/ledger_event.h"

namespace apns::mock {

/// A Why that somebody else keeps.
struct WhyView {
  std::string_view rule;
  std::string_view found;
  std::string_view fix;
};

[[nodiscard]] inline WhyView view(const Why& why) {
  return {why.rule, why.found, why.fix};
}

/// What events of HTTP/2 have besides; fields by the same names as in LedgerEvent.
struct Http2View {
  std::string_view alpn;
  std::string_view goaway;
  std::optional<std::uint32_t> stream;
  std::string_view apns_id;
  std::string_view push_type;
  std::string_view collapse_id;
  std::string_view reason;
  std::optional<std::uint64_t> timestamp;
  std::optional<std::uint64_t> duration_us;
};

/// A LedgerEvent as it is written: fields by the same names, which view what the writer keeps until
/// Ledger::add returns. Made on the stack, without allocation. Device token and hex are the bytes
/// themselves.
struct LedgerRecord {
  // Not defaulted: g++ would clear the whole with `rep stos`, which takes longer than all the rest.
  LedgerRecord() noexcept {}  // NOLINT(modernize-use-equals-default)

  WorldTime at{};
  EventKind kind = EventKind::Connection;
  EventOutcome outcome = EventOutcome::Opened;
  Protocol protocol = Protocol::Binary;
  Environment environment = Environment::Production;
  std::uint64_t connection = 0;

  std::string_view tls;
  std::string_view auth;
  std::string_view by;
  std::string_view close;
  std::optional<std::uint8_t> alert;
  std::string_view detail;

  std::uint64_t nth = 0;
  std::optional<std::uint32_t> identifier;
  ByteView device_token;
  std::string_view topic;
  std::optional<std::uint8_t> priority;
  std::optional<std::uint32_t> expiration;
  ByteView payload;
  bool payload_is_json = false;
  std::size_t payload_bytes = 0;
  std::optional<std::uint16_t> status;
  std::optional<bool> answered;
  std::string_view cause;
  std::optional<WhyView> why;
  const Http2View* http2 = nullptr;  // null: all of it is absent

  std::uint64_t of = 0;
  std::string_view device;
  const Shown* shown = nullptr;  // null: absent
  std::span<const std::string> reasons;

  std::optional<std::uint64_t> tuples;

  std::string_view rule;
  std::string_view found;
  ByteView hex;

  std::string_view name;
};

/// The binary form, which never leaves the process:
///
///   header   fixed; its first 4 bytes are the whole length
///   fields   each that is present: length (4 bytes), bytes; in a fixed order
///
/// What encode() writes to is aligned to this.
inline constexpr std::size_t kRecordAlignment = 8;

/// How many bytes encode() writes.
[[nodiscard]] std::size_t encoded_len(const LedgerRecord& record);

/// Writes to `out`, which has room. `len` is encoded_len(record).
void encode(const LedgerRecord& record, std::uint64_t seq, std::size_t len, std::byte* out);

/// Of an encoded record that begins at `in`: its first 4 bytes, and the 8 behind the next 4.
[[nodiscard]] inline std::size_t record_len(const std::byte* in) {
  std::uint32_t len = 0;
  std::memcpy(&len, in, sizeof(len));
  return len;
}

[[nodiscard]] inline std::uint64_t record_seq(const std::byte* in) {
  std::uint64_t seq = 0;
  std::memcpy(&seq, in + 8, sizeof(seq));
  return seq;
}

/// Of an encoded record that begins at `in` and is there whole.
[[nodiscard]] EventKind record_kind(const std::byte* in);

/// `record` is what encode() wrote, whole.
[[nodiscard]] LedgerEvent decode(ByteView record);

}  // namespace apns::mock
