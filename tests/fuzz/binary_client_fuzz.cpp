#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/base/out_buffer.h"
#include "apns/base/random.h"
#include "apns/binary/error_packet.h"
#include "apns/binary/notification_codec.h"
#include "provider/binary_client.h"
#include "tests/support/checked_engine.h"

// A binary client in a memory host, against a gateway that does what the input says.
// Input: 8 bytes of options (see read_options), then for each connection that is accepted a script:
//   after (1)   it acts once it took so many notifications mod 16, or, from 0x80 on, so many
//               milliseconds after it was accepted
//   link (1)    of this connection: 0 refused, 1 unanswered, 2 reset after some bytes, else fine
//   say (1)     0 to 0x7F: so many mod 16 of the bytes that follow; from 0x80 on, an error packet:
//               status (1), which of the notifications it took (1)
//   close (1)   mode of close, of a table
// Past the end of the input everything is fine. Checked: each notification that was taken has one
// outcome when the client is drained, drain() ends within its limit, no identifier is 0 or twice on
// a connection, what has its outcome is not sent again unless a packet named one before it, a
// connection begins with the oldest one left, and the contract of Engine.

namespace {

using apns::ByteReader;
using apns::Bytes;
using apns::ByteView;
using apns::Close;
using apns::Duration;
using apns::Endpoint;
using apns::TimePoint;
using apns::provider::BinaryClient;
using apns::provider::Outcome;
using apns::provider::SendResult;
using apns::test::require;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kDrainLimit = seconds(3);

std::uint8_t read_byte(ByteReader& in) {
  return in.has(1) ? in.read<std::uint8_t>() : std::uint8_t{0xFF};
}

/// What one connection is to do. The default: take all, say nothing, end when the client does.
struct Script {
  std::size_t after_taken = SIZE_MAX;
  TimePoint at = apns::kNever;
  Bytes say;
  std::optional<std::uint8_t> packet_status;
  std::size_t packet_of = 0;
  Close close = Close::None;
};

enum class Reach : std::uint8_t { Refused, Unanswered, CutOff, Fine };

struct Step {
  Script script;
  Reach reach = Reach::Fine;
  std::uint8_t after = 0xFF;
};

/// Nullopt: the input is used up.
std::optional<Step> read_step(ByteReader& in) {
  if (in.left() == 0) {
    return std::nullopt;
  }
  static constexpr Close kCloses[] = {Close::CloseNotifyThenDrain,
                                      Close::CloseNotify,
                                      Close::FinOnly,
                                      Close::Reset,
                                      Close::Vanish,
                                      Close::None};
  Step step;
  step.after = read_byte(in);
  step.reach = static_cast<Reach>(std::min<unsigned>(read_byte(in) % 16U, 3U));
  const std::uint8_t say = read_byte(in);
  if (say >= 0x80) {
    step.script.packet_status = read_byte(in);
    step.script.packet_of = read_byte(in);
  } else {
    const ByteView bytes = in.read_view(std::min<std::size_t>(in.left(), say % 16U));
    step.script.say.assign(bytes.begin(), bytes.end());
  }
  step.script.close = kCloses[read_byte(in) % std::size(kCloses)];
  return step;
}

class Sink final : public apns::provider::OutcomeSink {
 public:
  void outcomes(std::span<const Outcome> batch) override {
    require(!is_drained, "no outcome behind drained()");
    for (const Outcome& outcome : batch) {
      require(queued.count(outcome.ticket) == 1, "an outcome is of what was taken");
      require(settled.insert(outcome.ticket).second, "one outcome for each");
    }
  }

  void writable() override { ++num_writable; }

  void drained() override {
    require(!std::exchange(is_drained, true), "drained() once");
    require(settled == queued, "one outcome for each when drained");
  }

  /// The first that was taken and has no outcome; 0: none.
  [[nodiscard]] std::uint64_t oldest_open() const {
    const auto found = std::ranges::find_if(
        queued, [this](std::uint64_t ticket) { return settled.count(ticket) == 0; });
    return found == queued.end() ? 0 : *found;
  }

  std::set<std::uint64_t> queued;
  std::set<std::uint64_t> settled;
  std::size_t num_writable = 0;
  bool is_drained = false;
};

class FuzzGateway final : public apns::AcceptEvents {
 public:
  explicit FuzzGateway(const Sink& sink) : sink_(sink) {}

  void will_run(std::uint64_t connection, Script script) {
    scripts_[connection] = std::move(script);
  }

  std::unique_ptr<apns::Engine> accepted(const apns::PeerInfo& peer, apns::EngineHost& host,
                                         TimePoint now) override;

  void took(std::uint32_t identifier, std::uint64_t ticket) { tickets_[identifier] = ticket; }

  /// What was behind the one that a packet names was discarded, whatever its outcome.
  void said(ByteView bytes) {
    ByteReader reader(bytes);
    const auto packet = apns::binary::decode_error_packet(reader);
    const auto named = tickets_.find(packet.has_value() ? packet.value().identifier : 0);
    if (named != tickets_.end()) {
      discarded_from_ = std::min(discarded_from_, named->second + 1);
    }
  }

  [[nodiscard]] bool may_come_again(std::uint64_t ticket) const {
    return ticket >= discarded_from_;
  }

  void gone(const apns::PeerInfo& /*peer*/, apns::Gone /*why*/, TimePoint /*now*/) override {}

 private:
  class Connection;

  const Sink& sink_;
  std::map<std::uint64_t, Script> scripts_;         // by dialled number
  std::map<std::uint32_t, std::uint64_t> tickets_;  // by identifier
  std::uint64_t discarded_from_ = UINT64_MAX;       // the least ticket that a packet discarded
};

class FuzzGateway::Connection final : public apns::Engine {
 public:
  Connection(FuzzGateway& gateway, const Sink& sink, Script script)
      : gateway_(gateway),
        script_(std::move(script)),
        settled_before_(sink.settled),
        oldest_open_(sink.oldest_open()) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
    ByteReader reader(in);
    for (;;) {
      const auto decoded = decoder_.next(reader);
      if (!decoded.has_value()) {
        require(decoded.need_more(), "the client sends notifications");
        return in.size();
      }
      take(decoded.value());
    }
  }

  void ended(apns::End /*end*/, TimePoint /*now*/) override {
    if (close_ == Close::None) {
      close_ = Close::CloseNotifyThenDrain;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override {
    return has_acted_ ? apns::kNever : script_.at;
  }

  void on_time(TimePoint now) override {
    if (now >= script_.at) {
      act();
    }
  }

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

 private:
  void take(const apns::binary::NotificationView& view) {
    require(view.identifier.value_or(0) != 0, "no identifier is 0");
    require(identifiers_.insert(*view.identifier).second, "no identifier is twice on a connection");
    const std::uint64_t ticket = std::stoull(std::string(apns::as_text(view.payload)));
    gateway_.took(*view.identifier, ticket);
    require(settled_before_.count(ticket) == 0 || gateway_.may_come_again(ticket),
            "what has its outcome is not sent again");
    require(in_order_.empty() || in_order_.back() < *view.identifier, "in order");
    require(!in_order_.empty() || ticket == oldest_open_ || settled_before_.count(ticket) == 1,
            "a connection begins with the oldest one left");
    in_order_.push_back(*view.identifier);
    if (in_order_.size() >= script_.after_taken) {
      act();
    }
  }

  void act() {
    if (std::exchange(has_acted_, true) || close_ != Close::None) {
      return;
    }
    out_.append(script_.say);
    if (script_.packet_status) {
      const std::uint32_t identifier = script_.packet_of < in_order_.size()
                                           ? in_order_[script_.packet_of]
                                           : static_cast<std::uint32_t>(script_.packet_of);
      out_.append(apns::binary::encode_error_packet({*script_.packet_status, identifier}));
    }
    gateway_.said(out_.bytes());
    close_ = script_.close;
  }

  FuzzGateway& gateway_;
  Script script_;
  std::set<std::uint64_t> settled_before_;
  std::uint64_t oldest_open_;  // without an outcome; 0: none
  apns::binary::NotificationDecoder decoder_{65535};
  std::set<std::uint32_t> identifiers_;
  std::vector<std::uint32_t> in_order_;
  apns::OutBuffer out_;
  bool has_acted_ = false;
  Close close_ = Close::None;
};

std::unique_ptr<apns::Engine> FuzzGateway::accepted(const apns::PeerInfo& peer,
                                                    apns::EngineHost& host, TimePoint now) {
  // "memory:client-7": the dialled number, since refused ones are never accepted.
  const std::uint64_t number =
      std::stoull(peer.peer_address.substr(peer.peer_address.rfind('-') + 1));
  Script script = std::move(scripts_[number]);
  if (script.at != apns::kNever) {
    script.at = now + script.at.time_since_epoch();
  }
  return std::make_unique<apns::test::CheckedEngine>(host, [&](apns::EngineHost& /*checked*/) {
    return std::make_unique<Connection>(*this, sink_, std::move(script));
  });
}

struct Options {
  apns::provider::BinaryClientOptions client;
  apns::LinkOptions link;
  std::size_t num_notifications = 0;
  Duration pause{};     // between two of them
  Duration drain_at{};  // behind the last
};

Options read_options(ByteReader& in) {
  Options options;
  const std::uint8_t flags = read_byte(in);
  options.client.resend_unknown = (flags & 1U) != 0;
  options.client.max_attempts = 1 + (flags >> 1U) % 4U;
  options.client.settle_after = milliseconds(1 + (flags >> 3U) * 50);
  options.client.connect_limit = milliseconds(500);
  options.client.window_len = 1 + read_byte(in) % 32U;
  options.client.window_bytes = 60 + std::size_t{8} * read_byte(in);
  options.client.seed = flags;
  options.client.connections = 1;
  options.num_notifications = read_byte(in) % 48U;
  options.pause = milliseconds(read_byte(in) % 8U);
  options.drain_at = milliseconds(10 * read_byte(in));
  const std::uint8_t split = read_byte(in);
  options.link.split_min = split > 0 ? 1 : 0;
  options.link.split_max = split;
  options.link.window = 1 + std::size_t{16} * read_byte(in);
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(std::as_bytes(std::span(data, size)));
  if (!in.has(8)) {
    return 0;
  }
  Options options = read_options(in);

  apns::ManualClock clock;
  Sink sink;
  FuzzGateway gateway(sink);
  apns::MemoryHost host(clock, 7, 100'000);
  host.set_links([&](std::uint64_t connection) {
    apns::LinkOptions link = options.link;
    if (std::optional<Step> step = read_step(in)) {
      if (step->after < 0x80) {
        step->script.after_taken = 1 + step->after % 16U;
      } else {
        step->script.at = TimePoint(milliseconds(step->after - 0x80));
      }
      link.refuse = step->reach == Reach::Refused;
      link.hang = step->reach == Reach::Unanswered;
      if (step->reach == Reach::CutOff) {
        link.reset_after_to_server = std::size_t{4} * step->after;
      }
      gateway.will_run(connection, std::move(step->script));
    }
    return link;
  });
  options.client.gateway = host.listen(Endpoint{"gateway", 0}, gateway);
  BinaryClient client(options.client, apns::test::checked(apns::plain_transport()), sink);
  client.use_dialer(host.make_dialer(client));

  const auto token = apns::DeviceToken::from_bytes(apns::Bytes(32, std::byte{0xA1}));
  require(token.has_value(), "a token");
  for (std::uint64_t ticket = 1; ticket <= options.num_notifications; ++ticket) {
    const apns::Notification notification{.device_token = *token,
                                          .payload = std::to_string(ticket)};
    const SendResult result = client.try_send(notification, ticket);
    require(result == SendResult::Queued || result == SendResult::Full,
            "it is taken, or there is no room");
    if (result == SendResult::Queued) {
      sink.queued.insert(ticket);
    }
    host.run_for(options.pause);
  }
  host.run_for(options.drain_at);

  const TimePoint drain_limit = host.now() + kDrainLimit;
  client.drain(kDrainLimit);
  require(host.run_until([&sink] { return sink.is_drained; }, drain_limit),
          "drain() ends within its limit");
  host.run_for(seconds(60));
  require(sink.settled == sink.queued, "one outcome for each");
  client.release_dialer();
  return 0;
}
