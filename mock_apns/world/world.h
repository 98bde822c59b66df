#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/feedback_lists.h"
#include "mock_apns/world/gone_apps.h"
#include "mock_apns/world/magic_token.h"
#include "mock_apns/world/phone.h"
#include "mock_apns/world/registration.h"
#include "mock_apns/world/token_table.h"
#include "mock_apns/world/world_info.h"

namespace apns::mock {

/// What cannot be done in the world, for people: one sentence for what is wrong, one for what would
/// be right.
class WorldError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct WorldOptions {
  bool open = true;   // what was never registered is taken on trust
  bool magic = true;  // magic device tokens draw what they say
  std::size_t max_trusted_tokens = 1'000'000;
  std::size_t max_feedback_tuples = 1'000'000;  // per environment and topic
  unsigned threads = 1;                         // that call accepted()
  std::uint64_t seed = 0;                       // of the device tokens that phones are given
};

/// A push that a front end has accepted, to be carried to its phone.
struct AcceptedPush {
  ByteView device_token;
  std::string_view payload;
  std::optional<std::uint32_t> expiration = std::nullopt;  // as sent; UNIX seconds of its sender
  std::optional<std::uint8_t> priority = std::nullopt;     // as sent
  std::optional<PushType> push_type = std::nullopt;        // as sent; binary: absent
  std::string_view collapse_id = {};                       // as sent; binary: absent
  std::uint64_t of = 0;                                    // its seq in the ledger; 0: none
  unsigned thread = 0;                                     // the caller's; its ring of the ledger
};

/// What lies behind the service: apps, phones with what is installed on them, device tokens with
/// their life, feedback lists. One for all front ends, so that they agree. No I/O; the time is the
/// clock's. Thread safe.
///
///   registered     add_phone, install, register_app -> a device token; pushes to it arrive
///   registered again   register_app -> a new one; the old one draws status 8
///   uninstalled    uninstall -> the next push is accepted and finds the app gone: a feedback
///                  tuple; from then on status 8, and a tuple again once the last one has been read
///   ended          a Live Activity's device token has expired when it is over
///
/// A device token belongs to an app, an environment and a push family: it fits that family's topic
/// alone. What a push finds out of one of an app's holds for all of them; feedback tells of those
/// whose topic is the app's own, which are what the binary interface knows.
///
/// Order of locks: a phone's, then the list of phones or a shard of the table. Ledger and clock
/// outlive the world.
class World final : public FeedbackSource {
 public:
  World(const WorldOptions& options, const WorldClock& clock, Ledger* ledger);
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] bool is_open() const { return options_.open; }

  [[nodiscard]] const WorldOptions& options() const { return options_; }

  /// Forgets all phones, device tokens and feedback, as if they had never been. The numbers of apps
  /// stay, since others keep them. Only while no other thread brings it pushes.
  void clear();

  // ---- Apps ----

  /// The world's number of a bundle id, made up when it is new. 0: of the empty text, and of every
  /// new one beyond kMaxTopics.
  [[nodiscard]] std::uint32_t topic_id(std::string_view bundle_id);
  [[nodiscard]] std::string topic_name(std::uint32_t topic) const;
  /// Bundle ids that were ever heard of, in alphabetical order: of apps that are or were installed,
  /// of device tokens, and of the certificates of those who have connected.
  [[nodiscard]] std::vector<std::string> apps() const;

  // ---- Phones. `ring` is the caller's, of the ledger. ----

  /// Throws WorldError: the name is taken, or there have been kMaxPhones.
  void add_phone(Phone phone);
  /// The same while the service runs: the ledger tells of it.
  void add_phone(Phone phone, unsigned ring);

  /// The phone is wiped and gives its name back: what is stored for it is discarded, and the
  /// service finds out, push by push, that its apps are gone. Throws WorldError: there is none.
  void remove_phone(std::string_view phone, unsigned ring);

  [[nodiscard]] std::vector<std::string> phone_names() const;
  /// Throws WorldError: there is none.
  [[nodiscard]] PhoneInfo phone_info(std::string_view phone) const;
  /// In the order of adding.
  [[nodiscard]] std::vector<PhoneInfo> phones() const;

  /// Installs an app, or updates it. Throws WorldError: the profile is another app's, or the phone
  /// is full.
  void install(std::string_view phone, std::string_view bundle_id, ProvisioningProfile profile);

  /// The app asks for a device token: a new one each time, whose predecessor is worth nothing any
  /// more. Throws WorldError: the app is not there, the token is another app's, the registration is
  /// impossible, too many Live Activities run, another app has joined a channel, or, with what iOS
  /// says, its profile lacks the entitlement.
  DeviceToken register_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                           const Registration& registration = {});

  /// The app wants no more pushes of a family, leaves its channel, or ends a Live Activity; the
  /// service knows at once. Throws WorldError: it is not registered for it.
  void unregister_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                      const Registration& registration);

  void uninstall(std::string_view phone, std::string_view bundle_id, unsigned ring);

  // What its owner does. Each throws WorldError: there is no such phone, or no such app on it.
  void set_online(std::string_view phone, bool is_online, unsigned ring);
  void set_low_power(std::string_view phone, bool is_low_power, unsigned ring);
  /// Foreground is a launch.
  void set_state(std::string_view phone, std::string_view bundle_id, AppState state, unsigned ring);
  void set_settings(std::string_view phone, std::string_view bundle_id, const AppSettings& settings,
                    unsigned ring);
  [[nodiscard]] AppSettings settings(std::string_view phone, std::string_view bundle_id) const;

  /// What is to be seen on a phone.
  [[nodiscard]] Screen screen(std::string_view phone) const;

  /// The token that an app on a phone has now; nullopt: it is not registered for it.
  [[nodiscard]] std::optional<DeviceToken> device_token(
      std::string_view phone, std::string_view bundle_id,
      const Registration& registration = {}) const;

  /// Does what is due on all phones: stored notifications expire. When it returns it is done, also
  /// if another thread had begun.
  void on_time(unsigned ring);

  // ---- Device tokens ----

  /// Of 1 to 100 bytes; nullopt: nothing is known of it.
  [[nodiscard]] std::optional<TokenInfo> token_info(ByteView device_token) const;

  // Those without a phone to look at: for load, and for tests that need none.

  void register_token(ByteView device_token, std::string_view bundle_id, Environment environment,
                      PushFamily family = PushFamily::Alert);
  /// The app is gone; the next push finds out. False: the token is unknown.
  bool uninstall_token(ByteView device_token);

  [[nodiscard]] TokenTable& tokens() { return tokens_; }

  [[nodiscard]] const TokenTable& tokens() const { return tokens_; }

  // ---- What front ends ask and tell ----

  /// What is known of a device token of 1 to 100 bytes; nullopt: nothing.
  [[nodiscard]] std::optional<TokenRecord> find(ByteView device_token) const {
    return tokens_.find(device_token);
  }

  /// What a magic token draws now; nullopt: it is none, or has drawn as often as it says.
  [[nodiscard]] std::optional<MagicToken> magic(ByteView device_token,
                                                const std::optional<TokenRecord>& known) const;

  /// A magic token drew what it says.
  void drawn(ByteView device_token);

  /// Carries an accepted push to its phone. `known` and `magic` are those of its verdict, `topic`
  /// and `environment` those of the connection.
  void accepted(const AcceptedPush& push, const std::optional<TokenRecord>& known,
                const std::optional<MagicToken>& magic, std::uint32_t topic,
                Environment environment);

  /// A push to a token that is Inactive was rejected: feedback tells of it again.
  void rejected_as_inactive(ByteView device_token, std::uint64_t of, unsigned ring);

  // ---- Feedback ----

  [[nodiscard]] std::vector<FeedbackTuple> take_feedback(Environment environment,
                                                         std::string_view topic,
                                                         std::size_t max) override;
  void put_back_feedback(Environment environment, std::string_view topic,
                         std::span<const FeedbackTuple> tuples) override;

  // ---- What was counted; resets change nothing ----

  [[nodiscard]] std::uint64_t num_deliveries(DeliveryOutcome outcome) const {
    return num_deliveries_.at(static_cast<std::size_t>(outcome)).load();
  }

  /// By rule.
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> num_violations() const;

  static constexpr std::size_t kMaxTopics = 1'000'000;
  static constexpr std::size_t kMaxPhones = 1'000'000;

 private:
  struct Box;
  class Locked;
  class Recorder;

  /// Throws WorldError: there is none.
  [[nodiscard]] Locked lock_phone(std::string_view phone) const;
  static void require_app(const Box& box, std::string_view bundle_id);
  /// Null: there is none, or no longer. Whoever locks it looks at is_removed.
  [[nodiscard]] std::shared_ptr<Box> box_at(std::uint32_t phone) const;
  /// Those that there are, in the order of adding.
  [[nodiscard]] std::vector<std::shared_ptr<Box>> boxes() const;
  [[nodiscard]] PhoneInfo info_of(const Box& box) const;
  [[nodiscard]] DeviceToken make_token(Box& box, PushFamily family) const;
  /// Throws WorldError: the token is another app's, or another one of this app's.
  void require_free(const DeviceToken& wanted, const Box& box, const TokenName& name);
  /// For what comes with a device token: a channel that is joined, a Live Activity that runs.
  /// Throws WorldError.
  static void require_room(const Box& box, const TokenName& name, const Registration& registration);
  /// The newest of its name from now on. Under the phone's lock, as the next three.
  DeviceToken issue_token(Box& box, const TokenName& name, Environment environment,
                          const std::optional<DeviceToken>& wanted, unsigned ring);
  /// It is worth nothing any more, and the service knows.
  void end_token(Box& box, const TokenName& name, TokenState state, std::string_view detail,
                 unsigned ring);
  /// Takes an app's device tokens from it; the service does not know yet.
  void abandon_tokens(Box& box, std::string_view bundle_id);
  void record_token(const Box& box, const TokenName& name, EventOutcome outcome,
                    std::string_view detail, unsigned ring);
  [[nodiscard]] std::string bundle_id_of(const TokenRecord& token) const;
  void deliver(const AcceptedPush& push, const TokenRecord& known);
  void record_findings(const AcceptedPush& push, const TokenRecord& known);
  /// The phone was removed after the verdict.
  void discard_for_removed(const AcceptedPush& push, const TokenRecord& known,
                           const std::string& bundle_id);
  void app_is_gone(ByteView device_token, std::uint64_t of, unsigned ring);
  void all_are_gone(const DeviceToken& one, std::uint32_t since);
  /// Under the phone's lock, with its event in the ledger before what comes of it.
  void record_change(std::string_view phone, std::string_view bundle_id, EventOutcome outcome,
                     std::string_view detail, unsigned ring);
  void set_listed(const FeedbackTuple& tuple, bool listed);
  void count(const LedgerRecord& record);
  void record(unsigned ring, LedgerRecord record);
  [[nodiscard]] std::uint32_t now_seconds() const;
  /// Something is due on a phone then.
  void due_at(WorldTime when);

  const WorldOptions options_;
  const WorldClock& clock_;
  Ledger* ledger_;
  TokenTable tokens_;
  FeedbackLists feedback_;
  GoneApps gone_apps_;

  mutable std::shared_mutex topics_mutex_;  // over the next two
  std::unordered_map<std::string, std::uint32_t> topic_ids_;
  std::deque<std::string> topic_names_;  // topic n is at n - 1

  // Over the next two; not over what is in the boxes. Taken after a phone's.
  mutable std::shared_mutex phones_mutex_;
  std::unordered_map<std::string, std::shared_ptr<Box>> boxes_by_name_;
  // Phone n is at n - 1; null once it was removed: numbers are given once.
  std::deque<std::shared_ptr<Box>> boxes_;

  std::vector<PayloadReader> readers_;  // one per thread

  static constexpr std::size_t kNumDeliveryOutcomes = 5;
  static_assert(static_cast<std::size_t>(DeliveryOutcome::Discarded) + 1 == kNumDeliveryOutcomes);
  std::array<std::atomic<std::uint64_t>, kNumDeliveryOutcomes> num_deliveries_{};
  mutable std::mutex violations_mutex_;  // over the next
  std::map<std::string, std::uint64_t, std::less<>> num_violations_;

  static constexpr WorldTime::rep kNothingDue = WorldTime::max().time_since_epoch().count();
  std::mutex on_time_mutex_;         // held while on_time() runs; taken before a phone's
  std::atomic<WorldTime::rep> due_;  // not later than anything that is due on a phone
};

}  // namespace apns::mock
