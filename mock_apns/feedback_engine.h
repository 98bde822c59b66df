#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>

#include "apns/base/engine.h"
#include "apns/base/out_buffer.h"
#include "apns/binary/feedback_tuple.h"
#include "mock_apns/counter.h"
#include "mock_apns/feedback_service.h"
#include "mock_apns/open_connection.h"

namespace apns::mock {

/// What a feedback service keeps per host thread.
struct FeedbackService::ThreadState {
  std::unordered_set<FeedbackEngine*> engines;  // alive, on this thread
  bool is_shut_down = false;  // connections that open from now on are ended at once
  Counter polls;
  Counter tuples;
  Counter put_back;
  Counter lost;
};

/// How the end of the list is told; None: not at all, half-open.
[[nodiscard]] Close feedback_close_of(FaultClose close);

/// The feedback service's side of one poll.
///
///   a list      pending(tuples) -> sent(all) -> pending(more, taken off the list meanwhile)
///               -> sent(all) -> close() = CloseNotifyThenDrain
///   empty list  close() at once
///   slow        pending(4 KB) -> nothing more is taken until sent()
///   dies        sent(50 of 76 bytes) -> ended(Reset): the first tuple was handed over, the second
///               is the first of its list again
///
/// Belongs to a FeedbackService, which outlives it.
class FeedbackEngine final : public Engine {
 public:
  FeedbackEngine(FeedbackService& service, const PeerInfo& peer, EngineHost& host, TimePoint now);
  ~FeedbackEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint now) override;

  [[nodiscard]] TimePoint deadline() const override {
    return close_ == Close::None ? start_at_ : kNever;
  }

  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override { return close_; }

  void shut_down();

  // What people do to it. Each wakes the host.

  /// What `close` says happens behind the tuples that are pending, not at the end of the list;
  /// `delay` holds the list back so long, or the close; `tuples` is for those that are encoded from
  /// now on. False: it is ending already, or the action means nothing here.
  bool apply(const FaultAction& action, TimePoint now);
  /// Takes back what rules and people have done, and returns to the list what it holds of it; then
  /// gives out what the list has.
  void reset();
  /// Ends it behind what is pending.
  void hang_up();
  [[nodiscard]] ConnectionInfo describe() const;

  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  /// Off the list at once, for a profile that clears it so.
  void clear_list();
  /// Encodes what was taken and takes more while little is pending; decides the end of the list.
  void fill();
  /// The next tuple that may be encoded is there. May take more off the list.
  [[nodiscard]] bool has_next();
  [[nodiscard]] bool take_from_list(std::size_t max);
  /// Of a tuple that is cut, its first bytes.
  void encode_next();
  void end_list(Close close);
  /// Returns to the list what was not handed over, and tells the ledger. Once.
  void settle();
  /// The same for those that nobody has begun to write, any time.
  void put_back_unwritten();
  void end_as_told();

  FeedbackService& service_;
  EngineHost& host_;
  std::uint64_t connection_;
  unsigned thread_index_;
  FeedbackService::ThreadState& thread_;
  std::string topic_;
  std::string auth_;
  std::string tls_;
  std::string peer_address_;
  WorldTime opened_at_;
  FaultAction action_;  // of the rule that fired for this connection; as it stands, none
  bool is_cleared_at_accept_;
  OutBuffer out_;
  // Taken and not handed over whole, oldest first: the first num_encoded_ are in out_, the first of
  // all perhaps in part.
  std::deque<FeedbackTuple> taken_;
  std::size_t num_encoded_ = 0;
  std::size_t sent_of_first_ = 0;  // bytes
  std::size_t since_break_ = 0;    // bytes in out_ behind the last break, with a split
  std::uint64_t num_handed_over_ = 0;
  TimePoint start_at_ = kNever;           // while action_.delay holds
  std::optional<FaultClose> told_close_;  // by hand, when start_at_ comes
  bool is_exhausted_ = false;             // nothing more is taken
  bool is_settled_ = false;
  bool has_spoken_ = false;  // the provider, who has nothing to say
  bool ended_by_peer_ = false;
  Close close_ = Close::None;
  const char* how_ended_ = "";  // ledger's `close`
};

}  // namespace apns::mock
