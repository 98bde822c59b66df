#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "apns/base/random.h"
#include "apns/binary/notification_codec.h"
#include "tests/apns/binary/notification_recorder.h"
#include "tests/support/split_feed.h"

// Input: 2 bytes that choose the payload limit, 2 bytes of seed for the split, then a provider's
// stream. Checked:
// - the stream whole, byte by byte and in random parts gives the same notifications and the same
// error;
// - the promises that NotificationRecorder watches (limits of what is kept, storage, the error that
// stays);
// - a notification that the encoder could have made decodes to itself when encoded again.

namespace {

using apns::Bytes;
using apns::ByteView;
using apns::DeviceToken;
using apns::Notification;
using apns::binary::Command;
using apns::binary::test::DecodeLog;
using apns::binary::test::NotificationRecorder;
using apns::binary::test::SeenNotification;

void require(bool holds, const char* what, const DecodeLog& expected, const DecodeLog& got) {
  if (!holds) {
    std::cerr << what << "\n  expected " << to_text(expected) << "\n  got      " << to_text(got)
              << '\n';
    std::abort();
  }
}

/// Ascending ends of random parts, some of them empty.
std::vector<std::size_t> random_cuts(std::uint64_t seed, std::size_t len) {
  apns::RandomStream random(seed, 0);
  std::vector<std::size_t> cuts(apns::random_between(random.next(), 1, 8));
  for (std::size_t& cut : cuts) {
    cut = apns::random_between(random.next(), 0, len);
  }
  std::ranges::sort(cuts);
  return cuts;
}

void check_round_trip(const SeenNotification& seen) {
  const auto token = DeviceToken::from_bytes(seen.device_token);
  const bool framed = seen.command == Command::Framed;
  if (!token || !seen.has_payload || seen.payload.size() != seen.payload_len ||
      (framed && !seen.identifier) || seen.num_duplicate_items > 0 || seen.num_unknown_items > 0) {
    return;
  }
  const Notification notification{.device_token = *token,
                                  .payload = std::string(apns::as_text(seen.payload)),
                                  .expiration = seen.expiration,
                                  .priority = seen.priority};
  Bytes wire;
  encode_notification(notification, seen.identifier.value_or(0), seen.command, wire);
  DecodeLog expected;
  expected.notifications.push_back(seen);
  const DecodeLog got =
      apns::test::feed_whole(wire, [&seen] { return NotificationRecorder(seen.payload_len); });
  require(got == expected, "encoded again", expected, got);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  apns::ByteReader in(std::as_bytes(std::span(data, size)));
  if (!in.has(4)) {
    return 0;
  }
  const std::size_t payload_keep_limit = in.read<std::uint16_t>();
  const std::uint64_t split_seed = in.read<std::uint16_t>();
  const ByteView stream = in.rest();
  const auto make = [payload_keep_limit] { return NotificationRecorder(payload_keep_limit); };

  const DecodeLog whole = apns::test::feed_whole(stream, make);
  require(whole.broken_promise.empty(), "promise", whole, whole);
  const DecodeLog in_bytes = apns::test::feed_byte_by_byte(stream, make);
  require(in_bytes == whole, "byte by byte", whole, in_bytes);
  const DecodeLog in_parts =
      apns::test::feed_in_parts(stream, random_cuts(split_seed, stream.size()), make);
  require(in_parts == whole, "in parts", whole, in_parts);
  std::ranges::for_each(whole.notifications, check_round_trip);
  return 0;
}
