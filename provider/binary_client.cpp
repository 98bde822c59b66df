#include "provider/binary_client.h"

#include <algorithm>
#include <utility>

#include <openssl/ssl.h>

#include "apns/base/random.h"
#include "apns/model/binary_status.h"

namespace apns::provider {

namespace {

/// Alerts that another attempt would draw again. Not so internal_error (80), which a gateway in
/// trouble sends too, and what merely went wrong on the way.
bool is_about_certificates(std::optional<std::uint8_t> alert) {
  if (!alert) {
    return false;
  }
  switch (*alert) {
    case SSL_AD_HANDSHAKE_FAILURE:  // TLS 1.2: no certificate was sent
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace

/// The protocol's side of one connection: writes the window, reads at most one error packet.
class BinaryClient::Connection final : public Engine {
 public:
  Connection(BinaryClient& client, EngineHost& host) : client_(client), host_(host) {}

  ~Connection() override {
    if (client_.connection_ == this) {
      client_.connection_ = nullptr;
    }
  }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    // Only the first packet counts; a connection that has said one is dead.
    const std::size_t wanted =
        binary::kErrorPacketLen - std::min(binary::kErrorPacketLen, packet_.size());
    packet_.insert(packet_.end(), in.begin(),
                   in.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, in.size())));
    if (is_current() && !done_) {
      ByteReader reader(packet_);
      const auto decoded = binary::decode_error_packet(reader);
      if (decoded.has_value()) {
        finish(Close::CloseNotify);
        client_.on_packet(decoded.value());
        client_.after_event(now);
      } else if (decoded.has_error()) {
        finish(Close::CloseNotify);
        client_.last_error_ = "the gateway sent bytes that are no error packet: " + to_hex(packet_);
        client_.on_lost();
        client_.after_event(now);
      }
    }
    return in.size();
  }

  void ended(End end, TimePoint now) override {
    if (is_current() && !done_) {
      finish(end == End::Reset ? Close::Reset : Close::CloseNotify);
      client_.on_lost();
      client_.after_event(now);
    } else if (close_ == Close::None) {
      close_ = Close::CloseNotify;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override {
    return is_current() && !done_ ? client_.window_.unwritten() : ByteView{};
  }

  void sent(std::size_t n, TimePoint now) override {
    client_.window_.mark_written(n, now);
    client_.set_alarm();
  }

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  void on_time(TimePoint /*now*/) override {}  // wakes only make the host look at pending()

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

  void finish(Close how) {
    done_ = true;
    close_ = how;
  }

  void wake() { host_.wake(*this); }

 private:
  [[nodiscard]] bool is_current() const { return client_.connection_ == this; }

  BinaryClient& client_;
  EngineHost& host_;
  Bytes packet_;
  bool done_ = false;
  Close close_ = Close::None;
};

BinaryClient::BinaryClient(BinaryClientOptions options, Transport transport, OutcomeSink& sink)
    : options_(std::move(options)),
      transport_(std::move(transport)),
      sink_(sink),
      window_(options_.window_len, options_.window_bytes) {}

BinaryClient::~BinaryClient() = default;

void BinaryClient::use_dialer(std::unique_ptr<Dialer> dialer) {
  dialer_ = std::move(dialer);
}

SendResult BinaryClient::try_send(const Notification& notification, std::uint64_t ticket) {
  if (stopped_) {
    return SendResult::Stopped;
  }
  if (draining_) {
    return SendResult::Draining;
  }
  // Before an identifier is used up: what fails here must not shift the numbers of the others.
  if (notification.payload.empty()) {
    return SendResult::PayloadEmpty;
  }
  if (notification.payload.size() > options_.payload_limit) {
    return SendResult::PayloadTooLong;
  }
  if (!window_.has_room()) {
    said_full_ = true;
    return SendResult::Full;
  }
  window_.push(notification, ticket);
  if (connection_ != nullptr) {
    connection_->wake();
  } else if (state_ == State::Idle) {
    dial_or_wait(dialer_->now());
    set_alarm();
  }
  return SendResult::Queued;
}

void BinaryClient::drain(Duration limit) {
  draining_ = true;
  drain_deadline_ = std::min(drain_deadline_, dialer_->now() + limit);
  is_event_due_ = true;
  set_alarm();
}

void BinaryClient::stop(const std::string& why) {
  stopped_ = true;
  last_error_ = why;
  report_all(OutcomeReason::ConnectionLost);
  if (state_ == State::Waiting) {
    state_ = State::Idle;
    dial_at_ = kNever;
  }
  is_event_due_ = true;
  set_alarm();
}

void BinaryClient::tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) {
  if (is_about_certificates(failure.alert_sent)) {
    stop("we refused the gateway's certificate (" + tls::alert_name(*failure.alert_sent) + "): " +
         failure.text + ". Trust its CA with --ca, or use the state folder that the service uses.");
  } else if (is_about_certificates(failure.alert_received)) {
    stop("the gateway refused our certificate (alert " + tls::alert_name(*failure.alert_received) +
         "). Use a certificate of this environment that has neither expired nor been revoked.");
  } else {
    last_error_ = options_.gateway.to_string() + ": " + failure.text;
    is_failure_told_ = true;
  }
}

std::unique_ptr<Engine> BinaryClient::connected(const PeerInfo& peer, EngineHost& host,
                                                TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& /*known*/, EngineHost& inner_host, TimePoint when) {
        return make_connection(inner_host, when);
      },
      now);
}

std::unique_ptr<Engine> BinaryClient::make_connection(EngineHost& host, TimePoint /*now*/) {
  auto connection = std::make_unique<Connection>(*this, host);
  if (state_ == State::Dialling && !stopped_) {
    state_ = State::Up;
    connection_ = connection.get();
    ++num_connections_;
    num_resent_ += window_.rewind();
    first_identifier_ = window_.empty() ? window_.next_identifier() : window_.front().identifier;
  } else {
    connection->finish(Close::CloseNotify);
  }
  return connection;
}

bool BinaryClient::was_on_this_connection(std::uint32_t identifier) const {
  const std::uint32_t end =
      window_.empty() ? window_.next_identifier() : window_.front().identifier;
  // Distance on the circle of identifiers: settled ones lie between the connection's first and the
  // front.
  return identifier != 0 && identifier - first_identifier_ < end - first_identifier_;
}

void BinaryClient::on_packet(const binary::ErrorPacket& packet) {
  detach();
  settle_by(packet);
  // What is left is not written any more: no silence can settle it before it goes again.
  (void)window_.rewind();
}

void BinaryClient::settle_by(const binary::ErrorPacket& packet) {
  const bool is_shutdown = packet.status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  const auto index = window_.find(packet.identifier);
  if (index && *index < window_.num_begun()) {
    for (std::size_t i = 0; i < *index; ++i) {
      settle_front(OutcomeKind::Sent, OutcomeReason::None);
    }
    if (is_shutdown) {
      settle_front(OutcomeKind::Sent, OutcomeReason::None);
    } else {
      settle_front(OutcomeKind::Rejected, OutcomeReason::Status, packet.status);
    }
    return;  // what is left was discarded, and goes again
  }
  if (was_on_this_connection(packet.identifier)) {
    return;  // a late word about one that was settled: all that is left came after it, and was
             // discarded
  }
  leave_in_doubt(OutcomeReason::UnknownIdentifier);
}

void BinaryClient::on_lost() {
  detach();
  leave_in_doubt(OutcomeReason::ConnectionLost);
  (void)window_.rewind();
}

void BinaryClient::leave_in_doubt(OutcomeReason reason) {
  if (options_.resend_unknown) {
    window_.doubt_written();
    return;
  }
  while (window_.num_written() > 0) {
    settle_front(OutcomeKind::Unknown, reason);
  }
}

void BinaryClient::detach() {
  if (dialled_ != 0) {
    lingering_.push_back(dialled_);
  }
  dialled_ = 0;
  connection_ = nullptr;
  state_ = State::Idle;
}

void BinaryClient::settle_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status) {
  batch_.push_back(Outcome{window_.front().ticket, kind, reason, status});
  window_.pop_front();
  if (kind != OutcomeKind::Unknown && reason != OutcomeReason::Unsent) {
    attempts_ = 0;  // progress
  }
}

void BinaryClient::settle(TimePoint now) {
  while (window_.num_written() > 0 && window_.front().written_at + options_.settle_after <= now) {
    settle_front(OutcomeKind::Sent, OutcomeReason::None);
  }
}

void BinaryClient::report_all(OutcomeReason written_reason) {
  while (!window_.empty()) {
    // Written on an earlier connection and discarded there counts as never left: nobody has it.
    if (window_.num_written() > 0 || window_.front().in_doubt) {
      settle_front(OutcomeKind::Unknown, written_reason);
    } else {
      settle_front(OutcomeKind::Rejected, OutcomeReason::Unsent);
    }
  }
  if (connection_ != nullptr) {
    connection_->finish(Close::CloseNotify);
    connection_->wake();
    detach();
  }
}

void BinaryClient::gone(std::uint64_t connection, Gone why, const std::string& detail,
                        TimePoint now) {
  std::erase(lingering_, connection);
  if (connection != dialled_) {
    after_event(now);
    return;
  }
  dialled_ = 0;
  if (state_ == State::Up) {
    on_lost();
  } else if (state_ == State::Dialling && !stopped_ && !is_failure_told_) {
    last_error_ = options_.gateway.to_string() + " " + to_string(why) +
                  (detail.empty() ? "" : " (" + detail + ")");
  }
  state_ = State::Idle;
  after_event(now);
}

void BinaryClient::connect_again(TimePoint now) {
  if (window_.empty() || stopped_ || state_ != State::Idle) {
    return;
  }
  if (attempts_ >= options_.max_attempts) {
    report_all(OutcomeReason::ConnectionLost);
    attempts_ = 0;
    return;
  }
  dial_or_wait(now);
}

void BinaryClient::dial_or_wait(TimePoint now) {
  if (attempts_ == 0) {
    dial(now);
    return;
  }
  // Half fixed, half random, so that many providers do not come back at the same moment.
  const Duration whole = std::min<Duration>(
      options_.backoff_max,
      options_.backoff_first * (std::int64_t{1} << std::min(attempts_ - 1, 20U)));
  const double part =
      0.5 + 0.5 * random_unit(random_u64(options_.seed, num_connections_, attempts_));
  dial_at_ = now + Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * part));
  state_ = State::Waiting;
}

void BinaryClient::dial(TimePoint /*now*/) {
  ++attempts_;
  is_failure_told_ = false;
  dial_at_ = kNever;
  state_ = State::Dialling;
  dialled_ = dialer_->dial(options_.gateway, options_.connect_limit);
}

void BinaryClient::on_alarm(TimePoint now) {
  settle(now);
  if (state_ == State::Waiting && now >= dial_at_) {
    dial(now);
  }
  after_event(now);
}

void BinaryClient::finish_drain(TimePoint now) {
  if (now >= drain_deadline_) {
    drain_deadline_ = kNever;
    report_all(OutcomeReason::DrainLimit);
    for (const std::uint64_t connection : lingering_) {
      dialer_->drop(connection);
    }
  }
  if (!window_.empty()) {
    return;
  }
  if (connection_ != nullptr) {
    connection_->finish(Close::CloseNotifyThenDrain);
    connection_->wake();
    detach();
  } else if (state_ == State::Dialling) {
    dialer_->drop(dialled_);
    detach();
  } else if (state_ == State::Waiting) {
    state_ = State::Idle;
    dial_at_ = kNever;
  }
}

void BinaryClient::after_event(TimePoint now) {
  is_event_due_ = false;
  if (draining_) {
    finish_drain(now);
  }
  connect_again(now);
  if (!batch_.empty()) {
    const std::vector<Outcome> batch = std::exchange(batch_, {});
    sink_.outcomes(batch);
  }
  if (said_full_ && !stopped_ && !draining_ && window_.has_room()) {
    said_full_ = false;
    sink_.writable();
  }
  if (draining_ && !drained_said_ && window_.empty() && batch_.empty() && state_ == State::Idle &&
      lingering_.empty()) {
    drained_said_ = true;
    sink_.drained();
  }
  set_alarm();
}

void BinaryClient::set_alarm() {
  TimePoint when = is_event_due_ ? dialer_->now() : dial_at_;
  if (window_.num_written() > 0) {
    when = std::min(when, window_.front().written_at + options_.settle_after);
  }
  if (draining_ && !drained_said_) {
    when = std::min(when, drain_deadline_);
  }
  dialer_->set_alarm(when);
}

}  // namespace apns::provider
