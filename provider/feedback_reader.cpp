#include "provider/feedback_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace apns::provider {

namespace {

using binary::FeedbackDecoder;
using binary::FeedbackErrorInfo;
using binary::FeedbackTuple;

// 2009-01-01T00:00:00Z, the year of the first push.
constexpr std::uint32_t kEarliestTimestamp = 1'230'768'000;
constexpr std::chrono::hours kClockSkew{24};

std::uint32_t to_timestamp(WorldTime time) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::string error_text(const FeedbackErrorInfo& error) {
  return "a device token of " + std::to_string(error.token_len) + " bytes";
}

}  // namespace

const char* to_string(FeedbackEnd end) {
  switch (end) {
    case FeedbackEnd::Complete:
      return "complete";
    case FeedbackEnd::Truncated:
      return "truncated";
    case FeedbackEnd::Implausible:
      return "implausible";
    case FeedbackEnd::TimedOut:
      return "timed out";
    case FeedbackEnd::Lost:
      return "lost";
  }
  return "";
}

/// The protocol's side of one connection.
class FeedbackReader::Connection final : public Engine {
 public:
  Connection(FeedbackReader& reader, bool has_tls, TimePoint now)
      : reader_(reader),
        has_tls_(has_tls),
        total_deadline_(now + reader.options_.total_limit),
        idle_deadline_(now + reader.options_.idle_limit) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    idle_deadline_ = now + reader_.options_.idle_limit;
    ByteReader bytes(in);
    while (close_ == Close::None) {
      const std::uint64_t tuple_offset = decoder_.tuple_offset();
      const auto decoded = decoder_.next(bytes);
      if (decoded.need_more()) {
        break;
      }
      if (decoded.has_error()) {
        refuse(error_text(decoded.error()), tuple_offset, decoder_.num_kept());
      } else if (!is_plausible(decoded.value())) {
        refuse("a timestamp of " + std::to_string(decoded.value().timestamp), tuple_offset,
               decoded.value().wire_len());
      } else {
        ++reader_.result_.num_tuples;
        reader_.result_.offset = decoder_.tuple_offset();
        reader_.sink_.tuple(decoded.value());
      }
    }
    return in.size();
  }

  void ended(End end, TimePoint /*now*/) override {
    if (close_ != Close::None) {
      return;
    }
    const bool is_end_of_stream = end == End::CloseNotify || end == End::Fin;
    if (!is_end_of_stream) {
      if (reader_.result_.detail.empty()) {  // else TLS has said more
        reader_.result_.detail = "the connection was reset";
      }
      finish(FeedbackEnd::Lost);
    } else if (!decoder_.at_boundary()) {
      finish(FeedbackEnd::Truncated);
    } else {
      reader_.result_.is_clean = end == End::CloseNotify || !has_tls_;
      finish(FeedbackEnd::Complete);
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return {}; }

  void sent(std::size_t /*n*/, TimePoint /*now*/) override {}

  [[nodiscard]] TimePoint deadline() const override {
    return close_ == Close::None ? std::min(idle_deadline_, total_deadline_) : kNever;
  }

  void on_time(TimePoint now) override {
    if (now >= deadline()) {
      reader_.result_.is_silent = now >= idle_deadline_ && decoder_.at_boundary();
      finish(FeedbackEnd::TimedOut);
    }
  }

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

 private:
  [[nodiscard]] bool is_plausible(const FeedbackTuple& tuple) const {
    return tuple.timestamp >= kEarliestTimestamp && tuple.timestamp <= reader_.latest_timestamp_;
  }

  void refuse(const std::string& what, std::uint64_t offset, std::size_t len) {
    reader_.result_.detail = what + " in the tuple at byte " + std::to_string(offset) +
                             ": what the service sends is no feedback";
    finish(FeedbackEnd::Implausible, offset, len);
  }

  void finish(FeedbackEnd end) { finish(end, decoder_.tuple_offset(), decoder_.num_kept()); }

  void finish(FeedbackEnd end, std::uint64_t offset, std::size_t rest_bytes) {
    reader_.result_.end = end;
    reader_.result_.offset = offset;
    reader_.result_.rest_bytes = rest_bytes;
    // At once, so that no descriptor stays behind (flinc/pling#1).
    close_ = Close::CloseNotify;
  }

  FeedbackReader& reader_;
  const bool has_tls_;
  const TimePoint total_deadline_;
  TimePoint idle_deadline_;
  FeedbackDecoder decoder_;
  Close close_ = Close::None;
};

FeedbackReader::FeedbackReader(FeedbackReaderOptions options, Transport transport,
                               FeedbackSink& sink)
    : options_(std::move(options)), transport_(std::move(transport)), sink_(sink) {}

FeedbackReader::~FeedbackReader() = default;

bool FeedbackReader::poll(WorldTime now) {
  if (std::exchange(is_polling_, true)) {
    return false;
  }
  latest_timestamp_ = to_timestamp(now + kClockSkew);
  result_ = {};
  result_.end = FeedbackEnd::Lost;
  dialled_ = dialer_->dial(options_.service, options_.connect_limit);
  return true;
}

void FeedbackReader::give_up() {
  if (!is_polling_) {
    return;
  }
  if (result_.end == FeedbackEnd::Lost && result_.detail.empty()) {  // nothing is decided
    result_.end = FeedbackEnd::TimedOut;
  }
  dialer_->drop(dialled_);
}

void FeedbackReader::tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) {
  if (tls::is_about_certificates(failure.alert_received)) {
    result_.detail = "the service refused our certificate (alert " +
                     tls::alert_name(*failure.alert_received) +
                     "). Use one of this environment that has neither expired nor been revoked";
  } else if (failure.alert_received) {
    result_.detail = "the service ended with alert " + tls::alert_name(*failure.alert_received);
  } else if (tls::is_about_certificates(failure.alert_sent)) {
    result_.detail = "we refused the service's certificate: " + failure.text +
                     ". Trust its CA with --ca, or use the state folder that the service uses";
  } else {
    result_.detail = failure.text;
  }
}

std::unique_ptr<Engine> FeedbackReader::connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& /*inner*/, TimePoint when) {
        return std::make_unique<Connection>(*this, !known.tls_version.empty(), when);
      },
      now);
}

void FeedbackReader::gone(std::uint64_t /*connection*/, Gone why, const std::string& detail,
                          TimePoint /*now*/) {
  if (result_.end == FeedbackEnd::Lost && result_.detail.empty()) {
    result_.detail = std::string(to_string(why)) + (detail.empty() ? "" : ": " + detail);
  }
  is_polling_ = false;
  const FeedbackResult result = std::exchange(result_, {});
  sink_.finished(result);
}

void FeedbackReader::on_alarm(TimePoint /*now*/) {}

}  // namespace apns::provider
