#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "apns/base/network.h"
#include "apns/binary/feedback_tuple.h"
#include "apns/tls/tls_engine.h"

namespace apns::provider {

struct FeedbackReaderOptions {
  Endpoint service;
  Duration connect_limit = std::chrono::seconds(10);
  /// Nothing has come for so long: some services keep the connection open when they have nothing to
  /// report (jchambers/pushy#15).
  Duration idle_limit = std::chrono::seconds(10);
  Duration total_limit = std::chrono::minutes(10);  // of the connection, however much comes
};

enum class FeedbackEnd : std::uint8_t {
  Complete,     // the service ended between tuples
  Truncated,    // it ended inside a tuple
  Implausible,  // bytes came that cannot be a tuple
  TimedOut,     // it did not end within a limit, or before give_up()
  Lost,         // no connection, TLS refused, or a reset
};

/// In words: "complete", "timed out".
[[nodiscard]] const char* to_string(FeedbackEnd end);

/// How a poll ended. Whatever it says, the tuples that came are good, and off the service's list.
struct FeedbackResult {
  FeedbackEnd end = FeedbackEnd::Complete;
  /// Complete: close_notify was said, so that nothing can be missing. Without TLS always true.
  bool is_clean = false;
  /// TimedOut: nothing came for idle_limit behind a whole tuple, or behind none. A service that had
  /// told all there was and stayed looks like this.
  bool is_silent = false;
  std::uint64_t num_tuples = 0;
  std::uint64_t offset = 0;    // in the stream: the end of the last good tuple
  std::size_t rest_bytes = 0;  // that came behind it, and were read
  std::string detail;          // Implausible, Lost: what was wrong, for people

  [[nodiscard]] bool operator==(const FeedbackResult&) const = default;
};

/// Who wants the tuples. Called on the dialer's thread.
class FeedbackSink {
 public:
  virtual ~FeedbackSink() = default;

  /// In the order of the stream; one device token may come several times (FeedbackCollector).
  virtual void tuple(const binary::FeedbackTuple& tuple) = 0;

  /// Last, once per poll, when the connection is closed. Another poll may begin from here.
  virtual void finished(const FeedbackResult& result) = 0;
};

/// The provider's side of the feedback service: one poll at a time, since reading clears the list
/// and two readers would share it. Sends nothing; keeps one tuple's bytes. docs/wire/feedback.md
///
///   poll(now), tuples, close_notify      -> tuple x n, finished(Complete, clean)
///   poll(now), half a tuple, the end     -> tuple x n, finished(Truncated)
///   poll(now), silence for idle_limit    -> finished(TimedOut)
///   poll(now), bytes that are no tuples  -> finished(Implausible)
///   poll(now), tuples, give_up()         -> tuple x n, finished(TimedOut)
///
/// Implausible is a token length of 0 or above 100, and a timestamp before 2009 or more than a day
/// behind `now`: who reads something else, such as TLS records (jpoz/APNS#8), must not drop tokens.
/// All calls and events on the dialer's thread.
class FeedbackReader final : public DialEvents, public tls::Observer {
 public:
  /// `sink` outlives the reader. `transport` is what lies between the network and the protocol
  /// (TLS, or nothing).
  FeedbackReader(FeedbackReaderOptions options, Transport transport, FeedbackSink& sink);
  ~FeedbackReader() override;

  /// Before anything else; the dialer must have been made for this reader.
  void use_dialer(std::unique_ptr<Dialer> dialer) { dialer_ = std::move(dialer); }

  /// Drops the connection without further events; call it on the dialer's thread before
  /// destruction.
  void release_dialer() { dialer_.reset(); }

  /// Starts to read the list. False: a poll is under way, and nothing was done.
  [[nodiscard]] bool poll(WorldTime now);

  /// Ends the poll that is under way, if one is, with what came: finished(TimedOut) follows.
  void give_up();

  /// The reader observes its own TLS engines: give it to tls::make_transport.
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  // DialEvents
  [[nodiscard]] std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

 private:
  class Connection;

  FeedbackReaderOptions options_;
  Transport transport_;
  FeedbackSink& sink_;
  std::unique_ptr<Dialer> dialer_;
  bool is_polling_ = false;
  std::uint64_t dialled_ = 0;           // while is_polling_: the connection's number
  std::uint32_t latest_timestamp_ = 0;  // that is plausible for this poll
  FeedbackResult result_;               // of this poll; Lost until the connection has decided
};

}  // namespace apns::provider
