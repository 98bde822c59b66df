#include <algorithm>
#include <array>
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
#include "apns/http2/session.h"
#include "provider/http2_client.h"
#include "tests/support/checked_engine.h"

// An HTTP/2 client in a memory host, against a service that does what the input says.
// Input: 8 bytes of options (see read_options), then steps. Each connection that is accepted takes
// the first byte of its link from it, and each whole request draws one step:
//   link (1)   of a connection: 0 refused, 1 unanswered, 2 and 3 reset after some bytes, else fine
//   do (1)     low 5 bits, of a table: answers, resets, SETTINGS, GOAWAYs, raw bytes, closes; what
//              needs a parameter reads it behind
// Past the end of the input everything is fine. Checked: each notification that was taken has one
// outcome when the client is drained, drain() ends within its limit, no request is sent twice, none
// that was reported as unsent has arrived whole, one that was sent has, the client breaks no rule
// of HTTP/2 that the service's own session sees before the service broke one, and the contract of
// Engine.

namespace {

using apns::ByteReader;
using apns::ByteView;
using apns::Duration;
using apns::Endpoint;
using apns::TimePoint;
using apns::http2::ErrorCode;
using apns::http2::Field;
using apns::http2::Setting;
using apns::http2::SettingId;
using apns::http2::StreamId;
using apns::provider::Http2Client;
using apns::provider::Outcome;
using apns::provider::OutcomeKind;
using apns::provider::OutcomeReason;
using apns::provider::SendResult;
using apns::test::require;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kDrainLimit = seconds(3);

std::uint8_t read_byte(ByteReader& in) {
  return in.has(1) ? in.read<std::uint8_t>() : std::uint8_t{0xFF};
}

class Sink final : public apns::provider::OutcomeSink {
 public:
  void outcomes(std::span<const Outcome> batch) override {
    require(!is_drained, "no outcome behind drained()");
    for (const Outcome& outcome : batch) {
      require(queued.count(outcome.ticket) == 1, "an outcome is of what was taken");
      require(outcome.answer != nullptr, "an outcome has an answer");
      require(settled.emplace(outcome.ticket, outcome).second, "one outcome for each");
    }
  }

  void writable() override {}

  void drained() override {
    require(!std::exchange(is_drained, true), "drained() once");
    require(settled.size() == queued.size(), "one outcome for each when drained");
  }

  std::set<std::uint64_t> queued;
  std::map<std::uint64_t, Outcome> settled;
  bool is_drained = false;
};

class FuzzService final : public apns::AcceptEvents {
 public:
  FuzzService(ByteReader& in, std::uint32_t stream_limit) : in_(in) {
    options_.settings = {{SettingId::MaxConcurrentStreams, stream_limit}};
  }

  std::unique_ptr<apns::Engine> accepted(const apns::PeerInfo& peer, apns::EngineHost& host,
                                         TimePoint now) override;

  void gone(const apns::PeerInfo& /*peer*/, apns::Gone /*why*/, TimePoint /*now*/) override {}

  std::set<std::uint64_t> whole;  // tickets of the requests that have arrived

 private:
  class Connection;

  ByteReader& in_;
  apns::http2::SessionOptions options_;
  apns::http2::HpackScratch scratch_;
};

class FuzzService::Connection final : public apns::Engine, private apns::http2::SessionEvents {
 public:
  Connection(FuzzService& service, TimePoint now)
      : service_(service), session_(service.options_, *this, service.scratch_, now) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    return session_.feed(in, now);
  }

  void ended(apns::End end, TimePoint now) override { session_.ended(end, now); }

  [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

  void sent(std::size_t n, TimePoint now) override { session_.sent(n, now); }

  [[nodiscard]] TimePoint deadline() const override { return session_.deadline(); }

  void on_time(TimePoint now) override { session_.on_time(now); }

  [[nodiscard]] bool wants_read() const override { return session_.wants_read(); }

  [[nodiscard]] apns::Close close() const override { return session_.close(); }

 private:
  void message(const apns::http2::Message& message) override {
    if (message.end_stream) {
      took(message.stream);
    }
  }

  void data(StreamId stream, ByteView content, bool end_stream) override {
    payloads_[stream] += apns::as_text(content);
    if (end_stream) {
      took(stream);
    }
  }

  void closed(StreamId /*stream*/, apns::http2::StreamEnd /*end*/, ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}

  void violation(const apns::http2::Violation& /*violation*/) override {
    require(is_dirty_, "the client keeps the rules");
  }

  void took(StreamId stream) {
    const std::uint64_t ticket = std::stoull(payloads_[stream]);
    require(service_.whole.insert(ticket).second, "nothing is sent twice");
    act(stream);
  }

  void answer(StreamId stream, std::string_view status, ByteView body) {
    const std::array fields = {Field{":status", status}, Field{"apns-id", "an-id"}};
    session_.send_headers(stream, fields, body.empty());
    if (!body.empty()) {
      session_.send_data(stream, body, true);
    }
  }

  [[nodiscard]] ByteView read_bytes() {
    ByteReader& in = service_.in_;
    const std::size_t len = read_byte(in) % 32U;
    return in.read_view(std::min(in.left(), len));
  }

  void set(SettingId id, std::uint32_t value) {
    const std::array settings = {Setting(id, value)};
    session_.send_settings(settings);
  }

  void act(StreamId stream) {
    ByteReader& in = service_.in_;
    static constexpr apns::Close kCloses[] = {apns::Close::CloseNotifyThenDrain,
                                              apns::Close::CloseNotify, apns::Close::FinOnly,
                                              apns::Close::Reset, apns::Close::Vanish};
    switch (read_byte(in) % 32U) {
      case 0:  // nothing
        return;
      case 1:
        answer(stream, "410", apns::as_bytes(R"({"reason":"Unregistered","timestamp":7})"));
        return;
      case 2:
        answer(stream, "400", read_bytes());
        return;
      case 3:
        session_.reset(stream, ErrorCode::RefusedStream);
        return;
      case 4:
        session_.reset(stream, static_cast<ErrorCode>(read_byte(in)));
        return;
      case 5:
        set(SettingId::MaxConcurrentStreams, read_byte(in) % 8U);
        break;
      case 6:
        set(SettingId::InitialWindowSize, read_byte(in) % 4U);
        break;
      case 7:
        set(SettingId::InitialWindowSize, 65'535);
        break;
      case 8:
        set(SettingId::HeaderTableSize, read_byte(in) * 4U);
        break;
      case 9:
        session_.goaway(2U * read_byte(in) + 1, ErrorCode::NoError, apns::as_text(read_bytes()));
        break;
      case 10:
        session_.shut_down();
        break;
      case 11:
        is_dirty_ = true;
        session_.raw(read_bytes());
        break;
      case 12:
        session_.hang_up(kCloses[read_byte(in) % std::size(kCloses)]);
        return;
      case 13:
        answer_in_parts(stream);
        return;
      case 14:
        session_.hold_windows(read_byte(in) % 2 == 0);
        break;
      case 15:
        answer(read_byte(in) % 2U + stream - 1, "200", {});  // perhaps of another
        return;
      default:
        break;
    }
    answer(stream, "200", {});
  }

  /// An informational one, then the header section, then content bit by bit, perhaps without end.
  void answer_in_parts(StreamId stream) {
    const std::array early = {Field{":status", "103"}};
    const std::array late = {Field{":status", "413"}};
    session_.send_headers(stream, early, false);
    session_.send_headers(stream, late, false);
    const ByteView body = read_bytes();
    for (const std::byte& byte : body) {
      session_.send_data(stream, ByteView(&byte, 1), false);
    }
    if (body.size() % 2 == 0) {
      session_.send_data(stream, {}, true);
    }
  }

  FuzzService& service_;
  std::map<StreamId, std::string> payloads_;
  bool is_dirty_ = false;
  apns::http2::Session session_;
};

std::unique_ptr<apns::Engine> FuzzService::accepted(const apns::PeerInfo& /*peer*/,
                                                    apns::EngineHost& host, TimePoint now) {
  return std::make_unique<apns::test::CheckedEngine>(host, [&](apns::EngineHost& /*checked*/) {
    return std::make_unique<Connection>(*this, now);
  });
}

struct Options {
  apns::provider::Http2ClientOptions client;
  apns::LinkOptions link;
  std::uint32_t stream_limit = 0;
  std::size_t num_notifications = 0;
  Duration pause{};     // between two of them
  Duration drain_at{};  // behind the last
};

Options read_options(ByteReader& in) {
  Options options;
  const std::uint8_t flags = read_byte(in);
  options.client.dial.max_attempts = 1 + flags % 4U;
  options.client.content_length = (flags & 4U) != 0;
  options.client.ping_after = (flags & 8U) != 0 ? milliseconds(40) : Duration::max();
  options.client.ping_limit = milliseconds(30);
  options.client.idle_limit = (flags & 16U) != 0 ? milliseconds(200) : Duration::max();
  options.client.dial.connect = milliseconds(500);
  options.client.request_limit = milliseconds(20 + 4 * read_byte(in));
  const std::uint8_t room = read_byte(in);
  options.client.queue_len = 1 + room % 16U;
  options.client.max_streams = 1 + room / 16U;
  options.stream_limit = read_byte(in) % 16U;
  options.num_notifications = read_byte(in) % 48U;
  const std::uint8_t times = read_byte(in);
  options.pause = milliseconds(times % 8U);
  options.drain_at = milliseconds(10 * (times / 8));
  const std::uint8_t split = read_byte(in);
  options.link.split_min = split > 0 ? 1 : 0;
  options.link.split_max = split;
  options.link.window = 1 + std::size_t{16} * read_byte(in);
  return options;
}

void check_against_service(const Sink& sink, const FuzzService& service) {
  for (const auto& [ticket, outcome] : sink.settled) {
    const bool has_arrived = service.whole.count(ticket) == 1;
    require(outcome.reason != OutcomeReason::Unsent || !has_arrived,
            "what is unsent never arrived");
    require(outcome.kind != OutcomeKind::Sent || has_arrived, "what is sent has arrived");
  }
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
  FuzzService service(in, options.stream_limit);
  apns::MemoryHost host(clock, 7, 100'000);
  host.set_links([&](std::uint64_t /*connection*/) {
    apns::LinkOptions link = options.link;
    const unsigned reach = read_byte(in) % 16U;
    link.refuse = reach == 0;
    link.hang = reach == 1;
    if (reach == 2) {
      link.reset_after_to_server = std::size_t{4} * read_byte(in);
    } else if (reach == 3) {
      link.reset_after_to_client = read_byte(in);
    }
    return link;
  });
  options.client.service = host.listen(Endpoint{"api", 0}, service);
  Http2Client client(options.client, apns::test::checked(apns::plain_transport()), sink);
  client.use_dialer(host.make_dialer(client));

  const auto token = apns::DeviceToken::from_bytes(apns::Bytes(32, std::byte{0xA1}));
  require(token.has_value(), "a token");
  for (std::uint64_t ticket = 1; ticket <= options.num_notifications; ++ticket) {
    const apns::Notification notification{
        .device_token = *token, .payload = std::to_string(ticket), .topic = "com.example.app"};
    const SendResult result = client.try_send(notification, ticket);
    require(
        result == SendResult::Queued || result == SendResult::Full || result == SendResult::Stopped,
        "it is taken, or there is no room, or the service wants none of us");
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
  require(sink.settled.size() == sink.queued.size(), "one outcome for each");
  require(client.num_open() == 0, "nothing is open");
  check_against_service(sink, service);
  client.release_dialer();
  return 0;
}
