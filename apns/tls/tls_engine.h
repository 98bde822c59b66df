#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/engine.h"
#include "apns/base/network.h"
#include "apns/base/out_buffer.h"
#include "apns/tls/context.h"
#include "apns/tls/failure.h"

namespace apns::tls {

/// Told what an inner engine cannot be told, because it does not exist yet or no longer. On the
/// connection's thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void tls_failed(const PeerInfo& peer, const Failure& failure) = 0;

  /// Asked once per connection of a server, when the ClientHello has arrived; `peer` holds nothing
  /// of TLS yet. A number is sent as a fatal alert in place of the ServerHello, whether TLS knows
  /// it or not; tls_failed follows. Does not throw.
  [[nodiscard]] virtual std::optional<std::uint8_t> refuse_handshake(const PeerInfo& /*peer*/,
                                                                     TimePoint /*now*/) {
    return std::nullopt;
  }
};

/// TLS as an engine around another one: ciphertext below, the inner engine's bytes above. No
/// sockets, no clock of its own; certificates are verified by the world's clock.
///
///   handshake   feed(ClientHello) -> pending(ServerHello...) -> ...
///               -> the inner engine is made; a server's learns the peer's certificate from
///               PeerInfo
///   data        feed(records) -> inner.feed(plaintext) -> inner.pending()
///               -> pending(records of up to 16 KB)
///   goodbye     inner.close() = CloseNotifyThenDrain -> pending(close_notify)
///               -> close() = CloseNotifyThenDrain
///   refused     a bad certificate -> pending(alert) -> close() = FinOnly; Observer::tls_failed
///   ordered     feed(ClientHello) -> Observer::refuse_handshake() = 80 -> pending(alert 80)
///               -> close() = FinOnly; Observer::tls_failed
///   truncation  ended(Fin) without close_notify -> inner.ended(Fin); with it, at once:
///               inner.ended(CloseNotify)
///
/// Several records that one feed() brings are decrypted one behind the other and given to the inner
/// engine at once.
class TlsEngine final : public Engine, private EngineHost {
 public:
  struct Options {
    Duration handshake_limit = std::chrono::seconds(10);
    /// Ciphertext that may wait; from there on nothing more is encrypted, so that the inner
    /// engine's pending() grows and its own wants_read() decides. (To stop reading here as well
    /// would deadlock two ends that both write much.)
    std::size_t high_water = 65536;
  };

  /// All references outlive the engine; `observer` may be null. `outer` is the host that runs this
  /// engine.
  TlsEngine(const Context& context, PeerInfo peer, EngineHost& outer, EngineFactory inner,
            const WorldClock& clock, Scratch& scratch, Observer* observer, Options options,
            TimePoint now);
  ~TlsEngine() override;

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint now) override;
  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;
  [[nodiscard]] bool wants_read() const override;

  [[nodiscard]] Close close() const override { return close_; }

  /// The engine inside, null until the handshake is over.
  [[nodiscard]] Engine* inner() { return inner_.get(); }

 private:
  enum class State : std::uint8_t { Handshake, Open, Closing };

  void wake(Engine& inner) override;
  void handshake(TimePoint now);
  void handshake_done(TimePoint now);
  /// Moves bytes both ways until nothing moves, then ends as the inner engine wishes.
  void run(TimePoint now);
  // The steps of run(): each does what it can and says whether that was anything.
  [[nodiscard]] bool encrypt(TimePoint now);
  [[nodiscard]] bool give_kept(TimePoint now);
  /// False: a peer that reads nothing makes TLS itself answer without end (key updates).
  [[nodiscard]] bool has_room_for_answers() const;
  [[nodiscard]] bool read_records(TimePoint now);
  [[nodiscard]] bool tell_waiting_end(TimePoint now);
  /// Returns how much of it the inner engine took; the rest is kept.
  std::size_t give(ByteView plaintext, TimePoint now);
  void close_with_inner();
  void fail(FailureReason reason, TimePoint now);
  void send_ordered_alert(TimePoint now);
  /// Whether an error of the peer's verification is overlooked.
  [[nodiscard]] bool overlooks(X509_STORE_CTX* store);
  /// Returns what the verification callback is to return.
  int refuse(X509_STORE_CTX* store, FailureReason reason);
  void tell_end(End end, TimePoint now);

  static void on_info(const SSL* ssl, int where, int value) noexcept;
  static int on_verify(int ok, X509_STORE_CTX* store) noexcept;

  const Context& context_;
  PeerInfo peer_;
  EngineHost& outer_;
  EngineFactory make_inner_;
  Scratch& scratch_;
  Observer* observer_;
  Options options_;
  auth::SslPtr ssl_;
  std::unique_ptr<Engine> inner_;
  ByteView in_;    // what feed() was given and OpenSSL has not taken; empty between calls
  OutBuffer out_;  // ciphertext
  Bytes kept_;     // plaintext that the inner engine did not take, at most one scratch's worth
  TimePoint handshake_deadline_;
  State state_ = State::Handshake;
  Close close_ = Close::None;
  bool inner_ended_ = false;
  std::optional<End> waiting_end_;  // how the peer ended first; told once kept_ is empty
  bool woken_ = false;              // the inner engine asked for on_time
  bool own_authority_ = true;       // no unknown issuer had to be taken on trust
  bool is_hello_told_ = false;      // refuse_handshake() was asked
  TimePoint hello_time_{};          // of the feed() that may ask it
  std::optional<std::uint8_t> ordered_alert_;
  std::optional<FailureReason> refusal_;  // of the peer's certificate
  std::optional<std::uint8_t> alert_sent_;
  std::optional<std::uint8_t> alert_received_;

  friend struct BioCallbacks;
  friend int on_client_hello(SSL* ssl, int* alert, void* argument) noexcept;
};

/// Transport over TLS for one kind of connection. `scratch_of_thread` has one entry per thread of
/// the host (PeerInfo::thread indexes it); transports of two hosts never share one, since threads
/// of the same index run at once. All references outlive the transport's connections.
[[nodiscard]] Transport make_transport(
    const Context& context, const WorldClock& clock,
    const std::vector<std::unique_ptr<Scratch>>& scratch_of_thread, Observer* observer,
    TlsEngine::Options options);

/// One Scratch per thread.
[[nodiscard]] std::vector<std::unique_ptr<Scratch>> make_scratch(unsigned num_threads);

}  // namespace apns::tls
