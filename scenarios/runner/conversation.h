#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/feedback_service.h"
#include "mock_apns/gateway.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/world.h"
#include "provider/binary_client.h"
#include "provider/feedback_reader.h"
#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/tap_engine.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

/// The production service of one run: gateway, feedback, world, ledger and rules. Outlives the host
/// that runs its engines.
class ServiceSide final : private AcceptEvents {
 public:
  /// All references outlive it; `tls` null: no TLS. `now` is what `after` and `until` of rules
  /// count from.
  ServiceSide(const Scenario& scenario, std::uint64_t seed, const WorldClock& clock,
              Observations& observations, const TlsSetup* tls, TimePoint now);

  // For the host's listen().
  [[nodiscard]] AcceptEvents& gateway() { return *this; }

  [[nodiscard]] AcceptEvents& feedback() { return feedback_; }

  [[nodiscard]] mock::World& world() { return world_; }

  [[nodiscard]] unsigned outside_ring() const { return ledger_.outside_ring(); }

 private:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  std::uint64_t refuse_connections_;
  mock::Ledger ledger_;
  mock::World world_;
  mock::FaultRules rules_;
  mock::Gateway gateway_;
  mock::FeedbackService feedback_;
};

/// Where a run's service listens.
struct ServiceEndpoints {
  Endpoint gateway;
  Endpoint feedback;
};

/// The provider of one run, with a tap on its connections. Outlives the host that runs its engines,
/// except for the dialers, which go first (release_dialers).
class ProviderSide final : private DialEvents {
 public:
  /// All references outlive it; `tls` null: no TLS.
  ProviderSide(const Scenario& scenario, std::uint64_t seed, ServiceEndpoints service,
               const WorldClock& clock, Observations& observations, const TlsSetup* tls);

  /// `make` is the host's make_dialer().
  template <class Make>
  void use_dialers(const Make& make) {
    client_.use_dialer(deviating_dialer(make(static_cast<DialEvents&>(*this)), deviator_of(false)));
    reader_.use_dialer(
        deviating_dialer(make(static_cast<DialEvents&>(reading_)), deviator_of(true)));
  }

  void release_dialers() {
    client_.release_dialer();
    reader_.release_dialer();
  }

  /// On the provider's thread.
  void read_feedback() { (void)reader_.poll(clock_.now()); }

  [[nodiscard]] provider::BinaryClient& client() { return client_; }

  [[nodiscard]] const provider::BinaryClient& client() const { return client_; }

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

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;
  [[nodiscard]] Transport transport(const Scenario& scenario, const TlsSetup* tls,
                                    tls::Observer& observer);

  /// Null: the client, or the reader, does not deviate.
  [[nodiscard]] Deviator* deviator_of(bool reader) const {
    return reader == is_of_reader_ ? deviator_.get() : nullptr;
  }

  [[nodiscard]] provider::BinaryClientOptions client_options(const Scenario& scenario,
                                                             std::uint64_t seed,
                                                             Endpoint gateway) const;
  [[nodiscard]] provider::FeedbackReaderOptions reader_options(Endpoint service) const;

  const WorldClock& clock_;
  Observations& observations_;
  bool is_of_reader_;
  std::unique_ptr<Deviator> deviator_;
  DeviatingSink sink_;
  TapLog tap_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  provider::BinaryClient client_;
  provider::FeedbackReader reader_;
  Reading reading_;
};

}  // namespace apns::scenarios
