#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apns/base/engine.h"
#include "apns/base/out_buffer.h"
#include "apns/binary/notification_codec.h"
#include "mock_apns/gateway.h"
#include "mock_apns/open_connection.h"
#include "mock_apns/read_pace.h"
#include "mock_apns/verdict.h"

namespace apns::mock {

/// The gateway's side of one connection.
///
///   accept    feed(notification) -> nothing: silence is acceptance
///   reject    feed(bad, good, good) -> pending(error packet naming the bad one) -> close();
///             what stood behind it is discarded, and so is all that comes until the close
///   shutdown  shut_down() -> pending(status 10, last accepted identifier) -> close()
///
/// Belongs to a Gateway, which outlives it.
class GatewayEngine final : public Engine {
 public:
  GatewayEngine(Gateway& gateway, const PeerInfo& peer, EngineHost& host, TimePoint now);
  ~GatewayEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return pace_.reads(); }

  [[nodiscard]] Close close() const override { return close_; }

  void shut_down(TimePoint now);

  // What people do to it. Each wakes the host.

  /// Does a rule's `then` now, without a notification: an error packet names the last accepted one
  /// unless the action has a number. False: it is ending already, or the action means nothing here.
  bool apply(const FaultAction& action, TimePoint now);
  /// Before a reset: reads on where reading was held up, and discards what comes, until reset() is
  /// called. False: nothing was held up, or it cannot be read on.
  bool discard_backlog(TimePoint now);
  /// Takes back what rules and people have done, but for an end that was told; counts from 0 again,
  /// and reading goes on with what was left.
  void reset(TimePoint now);
  /// Ends it without a word.
  void hang_up();
  /// Others may be due on an idle connection.
  void rules_changed(TimePoint now);
  void profile_changed(TimePoint now);
  [[nodiscard]] ConnectionInfo describe() const;

  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  /// How the connection is to end: an error packet or none, when, and how it is closed.
  struct Ending {
    std::optional<std::uint8_t> status;  // absent: no packet
    std::uint32_t identifier = 0;
    std::uint32_t split = 0;
    std::uint32_t count = 1;
    Bytes raw = {};  // said first
    Close close = Close::CloseNotifyThenDrain;
  };

  /// Why something other than the plain verdict happens; nothing is set if nothing does.
  struct Cause {
    const FaultAction* action = nullptr;
    const FaultRule* rule = nullptr;  // whose action it is; else a magic token's
    bool is_magic = false;

    /// Does it reject, whatever the verdict? Others only change how a rejection is answered.
    [[nodiscard]] bool rejects() const {
      return action != nullptr &&
             (action->reject || (action->error_packet && action->error_packet->status));
    }

    /// As the ledger has it.
    [[nodiscard]] std::string text() const;
  };

  std::size_t take_bytes(std::span<const std::byte> in, TimePoint now);
  void take(const binary::NotificationView& notification, TimePoint now);
  [[nodiscard]] static Cause cause_of(const FaultRule* rule, const Verdict& verdict);
  void take_error(const binary::FrameErrorInfo& error, TimePoint now);
  /// Returns the event's seq; 0 without a ledger.
  std::uint64_t accept(const binary::NotificationView& notification, const Verdict& verdict);
  void reject(const binary::NotificationView& notification, std::uint8_t status,
              const Verdict& verdict, const Cause& cause, TimePoint now);
  /// How a rejection with `status` ends the connection; `action` may be null.
  [[nodiscard]] Ending ending_of(const binary::NotificationView& notification, std::uint8_t status,
                                 const FaultAction* action) const;
  /// What an action says of an ending.
  void shape(Ending& ending, const FaultAction& action) const;
  void pause(Duration delay, TimePoint now);
  [[nodiscard]] ConnectionState state() const;
  /// The notification is gone without a word.
  void lose(const binary::NotificationView& notification, const Cause& cause);
  void say(ByteView raw);
  void discard_rest(ByteReader& in);
  void read_on();
  void apply_without_reject(const FaultAction& action, TimePoint now);
  void apply_open_rules(TimePoint now);
  /// Counts the provider's silence from `since` on, which may be before `now`.
  void await_silence(TimePoint since, TimePoint now);
  void end_if_idle(TimePoint now);
  [[nodiscard]] Ending shutdown_ending() const;
  void end_after(Duration delay, const Ending& ending, TimePoint now);
  void end_now();
  [[nodiscard]] std::shared_ptr<const FaultRule> fire(FaultRule::Trigger trigger,
                                                      const binary::NotificationView* notification,
                                                      TimePoint now);
  [[nodiscard]] FaultRules::Subject subject(std::string_view token_hex, TimePoint now) const;
  [[nodiscard]] VerdictContext context() const;

  // The ledger. Each returns the event's seq, 0 without a ledger.
  [[nodiscard]] LedgerRecord record(EventKind kind, EventOutcome outcome) const;
  [[nodiscard]] LedgerRecord record(EventOutcome outcome,
                                    const binary::NotificationView& notification) const;
  std::uint64_t record_accepted(const binary::NotificationView& notification, bool is_json) const;
  std::uint64_t record_lost(const binary::NotificationView& notification,
                            const std::string& cause) const;
  std::uint64_t record_rejected(const binary::NotificationView& notification, std::uint8_t status,
                                const Verdict& verdict, const Cause& cause, bool is_answered) const;
  void record_rejected(const binary::FrameErrorInfo& error, const Verdict& verdict) const;
  void record_discarded(const binary::NotificationView& notification) const;
  void record_fired(const FaultRule& rule, std::uint64_t of) const;
  void record_applied() const;

  Gateway& gateway_;
  EngineHost& host_;
  std::uint64_t connection_;
  unsigned thread_;
  std::string topic_;
  std::uint32_t topic_id_ = 0;  // the world's
  std::string auth_;
  std::string tls_;
  std::string peer_address_;
  WorldTime opened_at_;
  binary::NotificationDecoder decoder_;
  OutBuffer out_;
  std::uint64_t nth_ = 0;            // notifications so far, all outcomes
  std::uint64_t num_accepted_ = 0;   // of these
  std::uint32_t last_accepted_ = 0;  // identifier; 0: none yet, or it had none
  std::optional<Ending> ending_;     // decided; from now on all input is discarded
  TimePoint ends_at_ = kNever;       // when ending_ is carried out
  TimePoint quiet_since_;            // the provider's last byte, or an idle rule's firing
  // When an idle rule may fire, or the profile's limit is reached; means nothing once ending_ is
  // decided.
  TimePoint idle_deadline_ = kNever;
  ReadPace pace_;
  Bytes words_after_pause_;              // said when it is over
  std::optional<WorldTime> arrived_at_;  // of what feed() is taking; only with a ledger
  Close close_ = Close::None;
  bool is_delayed_ = false;       // what is behind the last notification waits, too
  bool is_framing_lost_ = false;  // the decoder has given up; ending_ is decided
  bool is_discarding_ = false;    // of discard_backlog()
  bool ended_by_peer_ = false;
  const char* how_ended_ = "";  // ledger's `close`
};

}  // namespace apns::mock
