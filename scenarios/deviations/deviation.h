#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "apns/base/network.h"
#include "apns/binary/error_packet.h"
#include "provider/binary_client_options.h"
#include "provider/feedback_reader.h"
#include "provider/http2_client_options.h"
#include "provider/outcome.h"

namespace apns::scenarios {

struct Scenario;

/// What is wrong with a provider for the length of one conversation: the built-in one is correct,
/// and this changes what goes in and out of it. Zero, that is the base class, changes nothing.
///
/// A connection's number is the dialler's. `frame` is one whole frame, as frame_len() cuts them.
class Deviator {
 public:
  virtual ~Deviator() = default;

  /// The client is made with other options than the scenario asks for.
  virtual void change_client(provider::BinaryClientOptions& /*options*/) {}

  virtual void change_http2_client(provider::Http2ClientOptions& /*options*/) {}

  /// One of shown_provider_token_names(), in the place of good ones; empty: as the scenario has it.
  [[nodiscard]] virtual std::string_view provider_token() const { return {}; }

  virtual void change_reader(provider::FeedbackReaderOptions& /*options*/) {}

  /// Written before all else on a connection.
  virtual Bytes opening(std::uint64_t /*connection*/) { return {}; }

  /// How long the first frame of `bytes` is, which are whole frames: one of command 2.
  [[nodiscard]] virtual std::size_t frame_len(ByteView bytes) const;

  /// Written instead of the frame.
  virtual Bytes outgoing(std::uint64_t connection, ByteView frame);

  /// Read instead of the bytes that came.
  virtual Bytes incoming(std::uint64_t connection, ByteView bytes);

  /// Nullopt: nobody is told that the connection ended.
  virtual std::optional<End> ended(std::uint64_t /*connection*/, End end) { return end; }

  /// Whether the connection is read, while bytes wait to be written or not.
  virtual bool reads(bool /*has_pending*/) { return true; }

  /// Connections that are opened for nothing, each time that one is dialled.
  virtual unsigned num_idle_dials() { return 0; }

  /// Nullopt: the outcome is not told.
  virtual std::optional<provider::Outcome> told(const provider::Outcome& outcome) {
    return outcome;
  }
};

/// Whose mistake it is.
enum class Deviant : std::uint8_t { BinaryClient, FeedbackReader, Http2Client };

/// A kind of deviation: one mistake that real providers made.
struct Deviation {
  std::string_view name;     // "tail-is-lost"
  std::string_view reports;  // of the field that it stands for: "A1, A9"
  std::string_view what;     // in words
  std::unique_ptr<Deviator> (*make)();
  Deviant of = Deviant::BinaryClient;
};

/// Does the scenario's provider have what deviates?
[[nodiscard]] bool applies_to(const Deviation& deviation, const Scenario& scenario);

/// Every kind, by the family of reports.
[[nodiscard]] std::span<const Deviation> all_deviations();
/// Those of the binary protocol and of feedback, and those of HTTP/2.
[[nodiscard]] std::span<const Deviation> binary_deviations();
[[nodiscard]] std::span<const Deviation> http2_deviations();

/// Null: there is none of that name.
[[nodiscard]] const Deviation* find_deviation(std::string_view name);

/// `below` with the deviation between it and the protocol. `deviator` outlives the connections;
/// null: `below` itself.
[[nodiscard]] Transport deviating_transport(Transport below, Deviator* deviator);

/// `dialer`, which opens what Deviator::num_idle_dials says besides. The same lifetimes.
[[nodiscard]] std::unique_ptr<Dialer> deviating_dialer(std::unique_ptr<Dialer> dialer,
                                                       Deviator* deviator);

/// Tells `sink` what the deviation leaves of the outcomes.
class DeviatingSink final : public provider::OutcomeSink {
 public:
  /// Both outlive it; `deviator` may be null.
  DeviatingSink(provider::OutcomeSink& sink, Deviator* deviator)
      : sink_(sink), deviator_(deviator) {}

  void outcomes(std::span<const provider::Outcome> batch) override;

  void writable() override { sink_.writable(); }

  void drained() override { sink_.drained(); }

 private:
  provider::OutcomeSink& sink_;
  Deviator* deviator_;
};

}  // namespace apns::scenarios
