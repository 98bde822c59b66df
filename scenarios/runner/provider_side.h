#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/tls/tls_engine.h"
#include "provider/binary_client.h"
#include "provider/feedback_reader.h"
#include "provider/http2_client_options.h"
#include "provider/provider_tokens.h"
#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/tap_engine.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

/// Where a run's service listens.
struct ServiceEndpoints {
  Endpoint front;  // takes notifications, by the scenario's protocol
  Endpoint feedback;
};

/// The provider of one run, with a tap on its connections. Outlives the host that runs its engines,
/// except for the dialers, which go first (release_dialers).
class ProviderSide final : private DialEvents, private tls::Observer {
 public:
  /// All references outlive it; `tls` null: no TLS.
  ProviderSide(const Scenario& scenario, std::uint64_t seed, ServiceEndpoints service,
               const WorldClock& clock, Observations& observations, const TlsSetup* tls);

  /// `make` is the host's make_dialer().
  template <class Make>
  void use_dialers(const Make& make) {
    client_->use_dialer(
        deviating_dialer(make(static_cast<DialEvents&>(*this)), deviator_of(false)));
    reader_.use_dialer(
        deviating_dialer(make(static_cast<DialEvents&>(reading_)), deviator_of(true)));
  }

  void release_dialers() {
    client_->release_dialer();
    reader_.release_dialer();
  }

  /// On the provider's thread.
  void read_feedback() { (void)reader_.poll(clock_.now()); }

  [[nodiscard]] provider::Client& client() { return *client_; }

  [[nodiscard]] const provider::Client& client() const { return *client_; }

  /// Of what is queued or not settled; 0 where a client does not count it.
  [[nodiscard]] std::size_t open_bytes() const {
    return binary_ == nullptr ? 0 : binary_->open_bytes();
  }

  [[nodiscard]] const TapLog& tap() const { return tap_; }

 private:
  /// The reader's connections, of which it is written down how they ended.
  class Reading final : public DialEvents {
   public:
    Reading(provider::FeedbackReader& reader, Observations& observations)
        : reader_(reader), observations_(observations) {}

    std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                      TimePoint now) override {
      return reader_.connected(peer, host, now);
    }

    void gone(std::uint64_t connection, Gone why, const std::string& detail,
              TimePoint now) override {
      reader_.gone(connection, why, detail, now);
      observations_.reading_closed(connection, why);
    }

    void on_alarm(TimePoint now) override { reader_.on_alarm(now); }

   private:
    provider::FeedbackReader& reader_;
    Observations& observations_;
  };

  // DialEvents, of the client
  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

  // tls::Observer, of the client: it exists once the first connection does.
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  /// `context` null: no TLS.
  [[nodiscard]] Transport transport(const tls::Context* context, tls::Observer& observer);
  /// What lies between the network and the client.
  [[nodiscard]] Transport client_transport(const Scenario& scenario, const TlsSetup* tls);
  void make_binary_client(const Scenario& scenario, std::uint64_t seed, Endpoint service,
                          Transport transport);
  void make_http2_client(const Scenario& scenario, std::uint64_t seed, Endpoint service,
                         Transport transport);

  [[nodiscard]] std::unique_ptr<provider::ProviderTokenSource> make_token_source(
      const Scenario& scenario);

  /// Null: the client, or the reader, does not deviate.
  [[nodiscard]] Deviator* deviator_of(bool reader) const {
    return reader == is_of_reader_ ? deviator_.get() : nullptr;
  }

  [[nodiscard]] provider::FeedbackReaderOptions reader_options(Endpoint service) const;

  const WorldClock& clock_;
  Observations& observations_;
  bool is_of_reader_;
  std::unique_ptr<Deviator> deviator_;
  DeviatingSink sink_;
  TapLog tap_;
  provider::ProviderTokens tokens_;
  std::unique_ptr<provider::ProviderTokenSource> token_source_;  // null: a certificate instead
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  std::unique_ptr<provider::Client> client_;
  const provider::BinaryClient* binary_ = nullptr;  // client_, if it is one
  provider::FeedbackReader reader_;
  Reading reading_;
};

}  // namespace apns::scenarios
