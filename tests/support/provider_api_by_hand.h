#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/http2/session.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world.h"

namespace apns::test {

/// What a provider sees of one answer.
struct PushAnswer {
  std::string status;  // "200"; empty: none has come
  std::map<std::string, std::string> fields;
  std::string body;
  std::string ended;  // "reset REFUSED_STREAM", "unprocessed"; empty: as it should, or not at all

  /// "200", "400 {\"reason\":\"BadDeviceToken\"}", "reset REFUSED_STREAM".
  [[nodiscard]] std::string text() const {
    return !ended.empty() ? ended : body.empty() ? status : status + " " + body;
  }
};

/// A provider API and one provider's connection to it, driven by hand: no host, time stands until
/// it is moved.
///
///   ProviderApiByHand api;
///   api.open();
///   api.push({}).text()                             -> "200"
///   api.push({{"apns-priority", "7"}}).text()       -> "400 {\"reason\":\"BadPriority\"}"
class ProviderApiByHand final : private EngineHost, private http2::SessionEvents {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  static constexpr std::string_view kApp = "com.example.app";
  static constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello"}})";

  struct Setup {
    std::vector<mock::FaultRule> rules = {};
    mock::ProviderApiOptions options = {};
    mock::WorldOptions world = {};
    mock::Ledger::Options ledger = {};
    bool with_ledger = true;
  };

  ProviderApiByHand() : ProviderApiByHand(Setup{}) {}

  explicit ProviderApiByHand(Setup setup);
  ~ProviderApiByHand() override;

  /// A certificate for one app, of both environments.
  static std::shared_ptr<const auth::CertificateIdentity> certificate(std::string_view uid = kApp);

  /// A new connection takes the place of the one before.
  void open() { open(certificate()); }

  /// Null: none is shown.
  void open(std::shared_ptr<const auth::CertificateIdentity> certificate);

  /// Sends a request; what `fields` has replaces the usual one of that name, an empty value leaves
  /// it out. ":path" and ":method" are among them.
  http2::StreamId send(const Fields& fields, std::string_view payload = kPayload);
  /// The same, with its answer.
  PushAnswer push(const Fields& fields, std::string_view payload = kPayload);

  /// Bytes go to and fro until neither has any.
  void run();
  /// Moves the time, with on_time where it is wanted.
  void advance(Duration span);

  [[nodiscard]] const PushAnswer& answer(http2::StreamId stream) { return answers_[stream]; }

  /// What the connection said besides, in order: "settings MAX_CONCURRENT_STREAMS=1", "goaway 0
  /// NO_ERROR {...}".
  [[nodiscard]] std::vector<std::string> said() { return std::exchange(said_, {}); }

  http2::Session& client() { return *client_; }

  Engine& engine() { return *engine_; }

  mock::ProviderApi& api() { return api_; }

  mock::World& world() { return world_; }

  mock::FaultRules& rules() { return rules_; }

  ManualClock& clock() { return clock_; }

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

  [[nodiscard]] std::vector<mock::LedgerEvent> events() const { return ledger_.snapshot(); }

  void close() { engine_.reset(); }

 private:
  void wake(Engine& /*engine*/) override {}

  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void settings(std::span<const http2::Setting> entries, std::uint64_t position) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  bool move(Engine& from, Engine& to);

  ManualClock clock_;
  mock::Ledger ledger_;
  mock::World world_;
  mock::FaultRules rules_;
  std::vector<std::string> problems_;
  mock::ProviderApi api_;
  http2::SessionOptions client_options_;
  http2::HpackScratch scratch_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<http2::Session> client_;
  std::map<http2::StreamId, PushAnswer> answers_;
  std::vector<std::string> said_;
  std::uint64_t num_opened_ = 0;
};

}  // namespace apns::test
