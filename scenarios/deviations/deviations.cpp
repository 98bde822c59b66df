#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "apns/binary/notification_codec.h"
#include "apns/model/binary_status.h"
#include "scenarios/deviations/deviation.h"

namespace apns::scenarios {

namespace {

using binary::ErrorPacket;
using provider::Outcome;
using provider::OutcomeKind;
using provider::OutcomeReason;

// ---- Frames and packets ------------------------------------------------------------------------

Bytes copy(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

/// Where the data of an item of a frame begins; 0: there is no such item.
std::size_t find_item(ByteView frame, binary::Item wanted) {
  for (std::size_t at = binary::kFrameHeaderLen; at < frame.size();) {
    ByteReader item(frame.subspan(at));
    const auto id = item.read<std::uint8_t>();
    const std::size_t len = item.read<std::uint16_t>();
    if (id == static_cast<std::uint8_t>(wanted)) {
      return at + binary::kItemHeaderLen;
    }
    at += binary::kItemHeaderLen + len;
  }
  return 0;
}

std::uint32_t identifier_of(ByteView frame) {
  return ByteReader(frame.subspan(find_item(frame, binary::Item::Identifier)))
      .read<std::uint32_t>();
}

Bytes with_identifier(ByteView frame, std::uint32_t identifier) {
  Bytes changed = copy(frame);
  const std::size_t at = find_item(frame, binary::Item::Identifier);
  for (std::size_t i = 0; i < binary::kIdentifierLen; ++i) {
    changed[at + i] = static_cast<std::byte>(identifier >> (8U * (binary::kIdentifierLen - 1 - i)));
  }
  return changed;
}

std::optional<ErrorPacket> packet_of(ByteView bytes) {
  ByteReader reader(bytes);
  const auto decoded = binary::decode_error_packet(reader);
  return decoded.has_value() ? std::optional(decoded.value()) : std::nullopt;
}

Bytes bytes_of(const ErrorPacket& packet) {
  const auto encoded = binary::encode_error_packet(packet);
  return Bytes(encoded.begin(), encoded.end());
}

/// Knows what was written on each connection, and which of them drew a packet.
class Remembering : public Deviator {
 public:
  Bytes outgoing(std::uint64_t connection, ByteView frame) override {
    frames_[connection].push_back(copy(frame));
    return copy(frame);
  }

  Bytes incoming(std::uint64_t connection, ByteView bytes) override {
    if (const auto packet = packet_of(bytes)) {
      packets_.emplace(connection, *packet);
    }
    return copy(bytes);
  }

 protected:
  /// Of the connection before this one; null: there was none.
  [[nodiscard]] const std::vector<Bytes>* frames_before(std::uint64_t connection) const {
    const auto next = frames_.lower_bound(connection);
    return next == frames_.begin() ? nullptr : &std::prev(next)->second;
  }

  [[nodiscard]] const ErrorPacket* packet_before(std::uint64_t connection) const {
    const auto next = frames_.lower_bound(connection);
    if (next == frames_.begin()) {
      return nullptr;
    }
    const auto packet = packets_.find(std::prev(next)->first);
    return packet == packets_.end() ? nullptr : &packet->second;
  }

  [[nodiscard]] std::size_t num_packets() const { return packets_.size(); }

  [[nodiscard]] const std::vector<Bytes>& frames(std::uint64_t connection) {
    return frames_[connection];
  }

 private:
  std::map<std::uint64_t, std::vector<Bytes>> frames_;
  std::map<std::uint64_t, ErrorPacket> packets_;
};

Bytes joined(const std::vector<Bytes>& frames) {
  Bytes all;
  for (const Bytes& frame : frames) {
    all.insert(all.end(), frame.begin(), frame.end());
  }
  return all;
}

/// Changes each error packet that comes whole.
class ChangingPackets : public Remembering {
 public:
  Bytes incoming(std::uint64_t connection, ByteView bytes) override {
    const auto packet = packet_of(bytes);
    return packet ? changed(connection, *packet) : copy(bytes);
  }

 protected:
  virtual Bytes changed(std::uint64_t connection, const ErrorPacket& packet) = 0;
};

// ---- A: error response, discard and resend -----------------------------------------------------

class TailIsLost final : public Remembering {
 public:
  Bytes outgoing(std::uint64_t connection, ByteView frame) override {
    const bool was_written = !written_.insert(identifier_of(frame)).second;
    (void)Remembering::outgoing(connection, frame);
    return was_written && num_packets() > 0 ? Bytes() : copy(frame);
  }

 private:
  std::set<std::uint32_t> written_;
};

class FirstOfTheTailIsLost final : public Remembering {
 public:
  Bytes outgoing(std::uint64_t connection, ByteView frame) override {
    const ErrorPacket* packet = packet_before(connection);
    const bool is_lost = packet != nullptr && identifier_of(frame) == packet->identifier + 1;
    (void)Remembering::outgoing(connection, frame);
    return is_lost ? Bytes() : copy(frame);
  }
};

class IdentifierIsZero final : public Deviator {
 public:
  Bytes outgoing(std::uint64_t /*connection*/, ByteView frame) override {
    return with_identifier(frame, 0);
  }
};

class BatchIsRepeated final : public Remembering {
 public:
  Bytes opening(std::uint64_t connection) override {
    return packet_before(connection) != nullptr ? joined(*frames_before(connection)) : Bytes();
  }
};

class SuccessAtOnce final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override {
    options.settle_after = Duration::zero();
    options.remember_for = Duration::zero();
  }
};

class ZeroIsTheOldest final : public ChangingPackets {
 protected:
  Bytes changed(std::uint64_t connection, const ErrorPacket& packet) override {
    const auto& written = frames(connection);
    return bytes_of(packet.identifier == 0 && !written.empty()
                        ? ErrorPacket{packet.status, identifier_of(written.front())}
                        : packet);
  }
};

class IdentifiersRepeat final : public ChangingPackets {
 public:
  Bytes outgoing(std::uint64_t connection, ByteView frame) override {
    (void)Remembering::outgoing(connection, frame);
    return with_identifier(frame, short_one(identifier_of(frame)));
  }

 protected:
  /// The first of those that it could be.
  Bytes changed(std::uint64_t connection, const ErrorPacket& packet) override {
    for (const Bytes& frame : frames(connection)) {
      if (short_one(identifier_of(frame)) == packet.identifier) {
        return bytes_of({packet.status, identifier_of(frame)});
      }
    }
    return bytes_of(packet);
  }

 private:
  static std::uint32_t short_one(std::uint32_t identifier) { return 1 + identifier % 4; }
};

class SentListSurvives final : public Remembering {
 public:
  Bytes opening(std::uint64_t connection) override {
    const std::vector<Bytes>* before = frames_before(connection);
    return before != nullptr && packet_before(connection) == nullptr ? joined(*before) : Bytes();
  }
};

class ShutdownIsAnError final : public ChangingPackets {
 protected:
  Bytes changed(std::uint64_t /*connection*/, const ErrorPacket& packet) override {
    const bool is_shutdown = packet.status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
    return bytes_of({is_shutdown ? std::uint8_t{255} : packet.status, packet.identifier});
  }
};

class PacketsAreNotRead final : public Deviator {
 public:
  Bytes incoming(std::uint64_t /*connection*/, ByteView /*bytes*/) override { return {}; }
};

class LostIsSent final : public Deviator {
 public:
  std::optional<Outcome> told(const Outcome& outcome) override {
    return outcome.reason == OutcomeReason::ConnectionLost ? Outcome{outcome.ticket} : outcome;
  }
};

class LostIsForgotten final : public Deviator {
 public:
  std::optional<Outcome> told(const Outcome& outcome) override {
    return outcome.reason == OutcomeReason::ConnectionLost ? std::nullopt : std::optional(outcome);
  }
};

class NoLocalChecks final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override {
    options.payload_limit = 0xFFFF;
  }
};

class RefusedConnectDrops final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override { options.max_attempts = 1; }
};

class FollowersAreCharged final : public Deviator {
 public:
  std::optional<Outcome> told(const Outcome& outcome) override {
    constexpr unsigned kRetries = 3;
    num_rejected_ += outcome.reason == OutcomeReason::Status ? 1 : 0;
    return outcome.kind == OutcomeKind::Sent && num_rejected_ >= kRetries
               ? Outcome{outcome.ticket, OutcomeKind::Rejected, OutcomeReason::Unsent}
               : outcome;
  }

 private:
  unsigned num_rejected_ = 0;
};

class EveryWorkerReconnects final : public Deviator {
 public:
  unsigned num_idle_dials() override { return 7; }
};

class QueueWithoutBound final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override {
    options.window_len = std::size_t{1} << 20U;
    options.window_bytes = std::size_t{1} << 30U;
  }
};

class NoReadingWhileWriting final : public Deviator {
 public:
  bool reads(bool has_pending) override { return !has_pending; }
};

class OffByOne final : public ChangingPackets {
 protected:
  Bytes changed(std::uint64_t /*connection*/, const ErrorPacket& packet) override {
    return bytes_of({packet.status, packet.identifier + 1});
  }
};

class LastOneTwice final : public Remembering {
 public:
  Bytes opening(std::uint64_t connection) override {
    const std::vector<Bytes>* before = frames_before(connection);
    return num_packets() >= 2 && before != nullptr ? before->back() : Bytes();
  }
};

class UnlistedStatusIsIgnored final : public ChangingPackets {
 protected:
  Bytes changed(std::uint64_t /*connection*/, const ErrorPacket& packet) override {
    constexpr std::uint8_t kLastOfTheFirstTable = 8;
    return packet.status > kLastOfTheFirstTable ? Bytes() : bytes_of(packet);
  }
};

class EvictedIsSent final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override {
    options.on_full = provider::OnFull::Evict;
    options.window_len = std::min<std::size_t>(options.window_len, 10);
  }

  std::optional<Outcome> told(const Outcome& outcome) override {
    return outcome.reason == OutcomeReason::Evicted ? Outcome{outcome.ticket} : outcome;
  }
};

class RecordedAfterTheWrite final : public ChangingPackets {
 protected:
  /// The newest is not in the list yet, so everything is sent again that is.
  Bytes changed(std::uint64_t connection, const ErrorPacket& packet) override {
    const auto& written = frames(connection);
    const bool is_newest = !written.empty() && identifier_of(written.back()) == packet.identifier;
    return bytes_of(
        is_newest ? ErrorPacket{packet.status, std::numeric_limits<std::uint32_t>::max()} : packet);
  }
};

// ---- B: framing and sockets --------------------------------------------------------------------

class PayloadLengthInOneByte final : public Deviator {
 public:
  Bytes outgoing(std::uint64_t /*connection*/, ByteView frame) override {
    Bytes changed = copy(frame);
    changed[find_item(frame, binary::Item::Payload) - binary::kLengthLen] = std::byte{0};
    return changed;
  }
};

class PacketsMustComeWhole final : public Deviator {
 public:
  Bytes incoming(std::uint64_t /*connection*/, ByteView bytes) override {
    return bytes.size() < binary::kErrorPacketLen ? Bytes() : copy(bytes);
  }
};

class ConnectIsNotWaitedFor final : public Deviator {
 public:
  void change_client(provider::BinaryClientOptions& options) override {
    options.connect_limit = std::chrono::milliseconds(1);
  }
};

class EndGoesUnnoticed final : public Deviator {
 public:
  std::optional<End> ended(std::uint64_t /*connection*/, End end) override {
    return end == End::Reset || end == End::Alert ? std::optional(end) : std::nullopt;
  }
};

class SimpleFormat final : public Deviator {
 public:
  Bytes outgoing(std::uint64_t /*connection*/, ByteView frame) override {
    ByteReader reader(frame);
    binary::NotificationDecoder decoder(std::numeric_limits<std::uint16_t>::max());
    const auto decoded = decoder.next(reader);
    if (!decoded.has_value()) {
      return copy(frame);
    }
    const auto token = DeviceToken::from_bytes(decoded.value().device_token);
    Bytes changed;
    if (token) {
      binary::encode_notification(
          Notification{*token, std::string(as_text(decoded.value().payload))}, 0,
          binary::Command::Simple, changed);
    }
    return changed;
  }
};

// ---- C: feedback -------------------------------------------------------------------------------

class CiphertextIsRead final : public Deviator {
 public:
  Bytes incoming(std::uint64_t /*connection*/, ByteView bytes) override {
    Bytes record;
    ByteWriter writer(record);
    writer.write(std::uint8_t{0x15});  // an alert
    writer.write(std::uint16_t{0x0301});
    writer.write(static_cast<std::uint16_t>(bytes.size()));
    writer.write(bytes);
    return record;
  }
};

class OneReadIsOneTuple final : public Deviator {
 public:
  Bytes incoming(std::uint64_t /*connection*/, ByteView bytes) override {
    constexpr std::size_t kTupleLen = 38;
    return copy(bytes.first(std::min(kTupleLen, bytes.size())));
  }
};

class FeedbackIsWaitedForForEver final : public Deviator {
 public:
  void change_reader(provider::FeedbackReaderOptions& options) override {
    options.idle_limit = std::chrono::hours(24);
    options.total_limit = std::chrono::hours(24);
  }
};

class FeedbackIsNotClosed final : public Deviator {
 public:
  std::optional<End> ended(std::uint64_t /*connection*/, End /*end*/) override {
    return std::nullopt;
  }
};

class SeveralReaders final : public Deviator {
 public:
  unsigned num_idle_dials() override { return 1; }
};

template <class Kind>
std::unique_ptr<Deviator> make() {
  return std::make_unique<Kind>();
}

constexpr auto kDeviations = std::to_array<Deviation>({
    {"tail-is-lost", "A1, A9", "what was discarded behind an error is not sent again",
     make<TailIsLost>},
    {"first-of-the-tail-is-lost", "A9, A18", "the first one behind an error is not sent again",
     make<FirstOfTheTailIsLost>},
    {"identifier-is-zero", "A2, A17", "every identifier is 0", make<IdentifierIsZero>},
    {"batch-is-repeated", "A3, A5", "after an error all of the connection is sent again",
     make<BatchIsRepeated>},
    {"success-at-once", "A6, A27", "written is taken for sent", make<SuccessAtOnce>},
    {"zero-is-the-oldest", "A7", "an error that names 0 is taken to mean the oldest",
     make<ZeroIsTheOldest>},
    {"identifiers-repeat", "A10", "four identifiers serve for all", make<IdentifiersRepeat>},
    {"sent-list-survives", "A11, A13", "what an ended connection carried goes by the next one too",
     make<SentListSurvives>},
    {"shutdown-is-an-error", "A22", "status 10 rejects the one that it names",
     make<ShutdownIsAnError>},
    {"unlisted-status-is-ignored", "A22", "a status above 8 is no error",
     make<UnlistedStatusIsIgnored>},
    {"packets-are-not-read", "A1, A23", "nothing is read at all", make<PacketsAreNotRead>},
    {"lost-is-sent", "A15, B41", "without an error packet everything was sent", make<LostIsSent>},
    {"lost-is-forgotten", "A14", "what a lost connection leaves open is told to nobody",
     make<LostIsForgotten>},
    {"recorded-after-the-write", "A19", "an error that is quick names one that is not listed yet",
     make<RecordedAfterTheWrite>},
    {"no-reading-while-writing", "A21, B43", "an error is not seen while a write is stuck",
     make<NoReadingWhileWriting>},
    {"no-local-checks", "A25", "what could not be right is sent all the same", make<NoLocalChecks>},
    {"refused-connect-drops", "A26", "the first refused connect is the last",
     make<RefusedConnectDrops>},
    {"every-worker-reconnects", "A29", "one lost connection is replaced by eight",
     make<EveryWorkerReconnects>},
    {"off-by-one", "A30", "the one behind the named one is rejected", make<OffByOne>},
    {"last-one-twice", "A31", "after a second error the last one is sent twice",
     make<LastOneTwice>},
    {"followers-are-charged", "A33", "what was discarded three times has failed",
     make<FollowersAreCharged>},
    {"queue-without-bound", "A34", "the queue takes whatever comes", make<QueueWithoutBound>},
    {"evicted-is-sent", "A14", "what falls out of the window was sent", make<EvictedIsSent>},
    {"payload-length-in-one-byte", "B35", "256 bytes are announced as 0",
     make<PayloadLengthInOneByte>},
    {"packets-must-come-whole", "B37", "an error packet in pieces is not seen",
     make<PacketsMustComeWhole>},
    {"connect-is-not-waited-for", "B38", "a connect that takes its time has failed",
     make<ConnectIsNotWaitedFor>},
    {"end-goes-unnoticed", "B39, B42", "an end of stream is noticed at the next write",
     make<EndGoesUnnoticed>},
    {"simple-format", "B41", "command 0, which draws no error packet", make<SimpleFormat>},
    {"ciphertext-is-read", "C46", "TLS records are taken for tuples", make<CiphertextIsRead>,
     Deviant::FeedbackReader},
    {"one-read-is-one-tuple", "C47", "what a read gives besides the first tuple is dropped",
     make<OneReadIsOneTuple>, Deviant::FeedbackReader},
    {"feedback-is-waited-for-for-ever", "C50", "a service that does not close is waited for",
     make<FeedbackIsWaitedForForEver>, Deviant::FeedbackReader},
    {"feedback-is-not-closed", "C51", "the end of the list is not answered",
     make<FeedbackIsNotClosed>, Deviant::FeedbackReader},
    {"several-readers", "C53", "the list is read by two at once", make<SeveralReaders>,
     Deviant::FeedbackReader},
});

}  // namespace

std::span<const Deviation> binary_deviations() {
  return kDeviations;
}

}  // namespace apns::scenarios
