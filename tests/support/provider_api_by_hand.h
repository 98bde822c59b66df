#pragma once

#include <initializer_list>
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
#include "tests/apns/http2/frame_transcript.h"

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
/// it is moved. What the service does not read waits, as a host has it wait.
///
///   ProviderApiByHand api;
///   api.open();
///   api.push({}).text()                             -> "200"
///   api.push({{"apns-priority", "7"}}).text()       -> "400 {\"reason\":\"BadPriority\"}"
///   api.frames()                                    -> "HEADERS 3 400, DATA 3 ... END_STREAM, ..."
///   api.story()                                     -> {"1 opened", "1 accepted nth 1 200", ...}
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

  /// With these rules, as --fault takes them.
  [[nodiscard]] static Setup under(std::initializer_list<std::string_view> rules);

  ProviderApiByHand() : ProviderApiByHand(Setup{}) {}

  explicit ProviderApiByHand(Setup setup);
  ~ProviderApiByHand() override;

  /// A certificate for one app, of both environments.
  static std::shared_ptr<const auth::CertificateIdentity> certificate(std::string_view uid = kApp);

  /// A new connection takes the place of the one before.
  void open() { open(certificate()); }

  /// The same, and forgets what was said in greeting.
  void open_quietly();

  /// Null: none is shown.
  void open(std::shared_ptr<const auth::CertificateIdentity> certificate);

  /// Sends a request; what `fields` has replaces the usual one of that name, an empty value leaves
  /// it out. ":path" and ":method" are among them.
  http2::StreamId send(const Fields& fields, std::string_view payload = kPayload);
  /// The same, with its answer.
  PushAnswer push(const Fields& fields, std::string_view payload = kPayload);

  /// A request to the device token that begins with these hex digits; zeros follow.
  PushAnswer push_to(std::string_view token_prefix);

  /// A request whose body is still to come: client().send_data().
  http2::StreamId begin(const Fields& fields);

  /// Bytes go to and fro until neither has any, or the other reads none.
  void run();
  /// Moves the time, with on_time where it is wanted.
  void advance(Duration span);

  [[nodiscard]] const PushAnswer& answer(http2::StreamId stream) { return answers_[stream]; }

  /// The frames that the service has sent since the last call, as FrameTranscript has them.
  [[nodiscard]] std::string frames() { return transcript_->take_text(); }

  /// The provider's end, when all that it sent was taken.
  void end(End how);

  // What people do, as a host has it done.
  mock::Applied apply(const mock::FaultAction& action);
  void arm(mock::FaultRule rule);
  void reset();

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

  /// The ledger as "CONNECTION OUTCOME ...", for comparison as a whole.
  [[nodiscard]] std::vector<std::string> story() const;

  void close() { engine_.reset(); }

  [[nodiscard]] Close how_closed() const { return engine_->close(); }

 private:
  void wake(Engine& /*engine*/) override { is_woken_ = true; }

  void message(const http2::Message& message) override;
  void data(http2::StreamId stream, ByteView content, bool end_stream) override;
  void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
              std::uint64_t user) override;
  void settings(std::span<const http2::Setting> entries, std::uint64_t position) override;
  void goaway(http2::StreamId last_stream, http2::ErrorCode code, std::string_view debug) override;
  std::vector<http2::Field> to_fields(const Fields& fields);
  bool move_to_client();
  bool move_to_service();

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
  std::optional<http2::test::FrameTranscript> transcript_;
  Fields sent_fields_;
  Bytes unread_;  // what the service has not taken
  bool is_woken_ = false;
  std::uint64_t num_opened_ = 0;
};

}  // namespace apns::test
