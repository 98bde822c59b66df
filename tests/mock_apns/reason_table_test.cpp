// Every reason: the request that draws it, and the exact bytes of its answer; the rule that says
// so. docs/wire/reasons.md is the same for people.
#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/world/team_keys.h"
#include "tests/apns/http2/hpack_reference.h"
#include "tests/mock_apns/reason_bytes.h"
#include "tests/support/answer_bytes.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::ProviderApiByHand;
using test::TokenSource;
using testing::MatchesRegex;
using testing::Pair;

using Fields = ProviderApiByHand::Fields;

// ---- The table ----

/// What a row needs besides its request. The connection is the row's to open.
struct Scene {
  Scene() : Scene("2025", nullptr) {}

  Scene(const char* name, void (*change)(Http2Profile& profile))
      : profile(changed(*find_profile(name), change)), api(setup(keys, profile)) {
    keys.add(source.team_key());
  }

  static Profile changed(Profile profile, void (*change)(Http2Profile& profile)) {
    if (change != nullptr) {
      change(profile.http2);
    }
    return profile;
  }

  static ProviderApiByHand::Setup setup(const TeamKeys& keys, const Profile& profile) {
    ProviderApiByHand::Setup setup;
    setup.options.profile = &profile;
    setup.options.team_keys = &keys;
    setup.world.open = false;
    return setup;
  }

  void add_key(const TokenSource& of, KeyScope scope, KeyEnvironment environment,
               std::vector<std::string> topics = {}) {
    TeamKey key = of.team_key();
    key.scope = scope;
    key.environment = environment;
    key.topics = std::move(topics);
    keys.add(std::move(key));
  }

  [[nodiscard]] std::string bearer(const TokenSource& of) {
    return "bearer " + of.at(api.clock().now());
  }

  Profile profile;
  TeamKeys keys;
  TokenSource source;                             // KEY0000001 of TEAM000001
  TokenSource other{"KEY0000002", "TEAM000001"};  // of the same team
  ProviderApiByHand api;
};

const std::string kToken(64, 'b');
const std::string kHello(ProviderApiByHand::kPayload);
const std::string kNone;

void register_token(Scene& scene, std::string_view topic = ProviderApiByHand::kApp,
                    Environment environment = Environment::Production) {
  scene.api.world().register_token(DeviceToken::parse(kToken)->bytes(), topic, environment);
}

/// By certificate, with a device token that is in order.
void usual(Scene& scene) {
  register_token(scene);
  scene.api.open();
}

/// By provider token, without one so far.
void without_certificate(Scene& scene) {
  register_token(scene);
  scene.api.open(nullptr);
}

void add_phone(World& world) {
  PhoneOptions phone;
  phone.name = "phone";
  const std::string app(ProviderApiByHand::kApp);
  world.add_phone(Phone(phone));
  world.install(
      "phone", app,
      ProvisioningProfile{
          .name = "Store", .bundle_id = app, .aps_environment = ApsEnvironment::Production});
}

/// The app has registered again.
void replaced(Scene& scene) {
  World& world = scene.api.world();
  add_phone(world);
  const auto app = ProviderApiByHand::kApp;
  (void)world.register_app("phone", app, 0, {.device_token = DeviceToken::parse(kToken)});
  (void)world.register_app("phone", app, 0);
  scene.api.open();
}

Fields with_token(Fields more, const std::string& authorization) {
  more.emplace_back("authorization", authorization);
  return more;
}

enum class Kind : std::uint8_t {
  Natural,     // documents or observations name the trigger
  OurChoice,   // the trigger is documented; that it draws this reason is not
  Configured,  // no trigger is known: a profile has one
};

struct Case {
  const char* name;
  Reason reason;
  Kind kind;
  const char* rule;
  void (*before)(Scene& scene);
  Fields (*fields)(Scene& scene);
  std::string payload = kHello;
  const char* profile = "2025";
  const char* timestamp = "";  // in the body
  void (*change)(Http2Profile& profile) = nullptr;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

std::vector<Case> requests() {
  using enum Kind;
  return {
      {"BadCollapseId", Reason::BadCollapseId, Natural, "http2/collapse-id-size", usual,
       [](Scene&) {
         return Fields{{"apns-collapse-id", std::string(65, 'x')}};
       }},
      {"BadDeviceTokenNotHex", Reason::BadDeviceToken, Natural, "http2/device-token-is-hex", usual,
       [](Scene&) {
         return Fields{{":path", "/3/device/xyz"}};
       }},
      {"BadDeviceTokenOtherEnvironment", Reason::BadDeviceToken, Natural,
       "http2/device-token-of-this-environment",
       [](Scene& scene) {
         register_token(scene, ProviderApiByHand::kApp, Environment::Development);
         scene.api.open();
       },
       [](Scene&) { return Fields{}; }},
      {"BadDeviceTokenMadeUp", Reason::BadDeviceToken, Natural, "http2/device-token-is-known",
       [](Scene& scene) { scene.api.open(); }, [](Scene&) { return Fields{}; }},
      {"BadExpirationDate", Reason::BadExpirationDate, Natural, "http2/expiration-is-in-seconds",
       usual,
       [](Scene&) {
         return Fields{{"apns-expiration", "1.5"}};
       }},
      {"BadPriority", Reason::BadPriority, Natural, "http2/priority-is-10-5-or-1", usual,
       [](Scene&) {
         return Fields{{"apns-priority", "7"}};
       }},
      {"BadPriorityBackground", Reason::BadPriority, OurChoice, "http2/background-has-priority-5",
       usual,
       [](Scene&) {
         return Fields{{"apns-push-type", "background"}, {"apns-priority", "10"}};
       },
       kHello, "pedantic"},
      {"BadTopic", Reason::BadTopic, Natural, "http2/topic-of-this-certificate", usual,
       [](Scene&) {
         return Fields{{"apns-topic", "com.example.other"}};
       }},
      {"DeviceTokenNotForTopic", Reason::DeviceTokenNotForTopic, Natural,
       "http2/device-token-of-this-topic",
       [](Scene& scene) {
         register_token(scene, "com.example.other");
         scene.api.open();
       },
       [](Scene&) { return Fields{}; }},
      {"DuplicateHeaders", Reason::DuplicateHeaders, Natural, "http2/headers-are-not-repeated",
       usual,
       [](Scene&) {
         return Fields{{"apns-topic", "com.example.app"}, {"apns-topic", "com.example.app"}};
       }},
      {"InvalidPushType", Reason::InvalidPushType, Natural, "http2/push-type-is-known", usual,
       [](Scene&) {
         return Fields{{"apns-push-type", "banner"}};
       }},
      {"MissingDeviceToken", Reason::MissingDeviceToken, Natural,
       "http2/device-token-is-in-the-path", usual,
       [](Scene&) {
         return Fields{{":path", "/3/device/"}};
       }},
      {"MissingTopicWithProviderToken", Reason::MissingTopic, Natural, "http2/topic-is-named",
       without_certificate,
       [](Scene& scene) {
         return with_token({{"apns-topic", ""}}, scene.bearer(scene.source));
       }},
      {"MissingTopicWithSeveral", Reason::MissingTopic, Natural, "http2/topic-is-named",
       [](Scene& scene) {
         register_token(scene);
         auth::CertificateIdentity identity = *ProviderApiByHand::certificate();
         identity.topics = {{"com.example.app", {"app"}}, {"com.example.app.voip", {"voip"}}};
         scene.api.open(std::make_shared<const auth::CertificateIdentity>(identity));
       },
       [](Scene&) {
         return Fields{{"apns-topic", ""}};
       }},
      {"PayloadEmpty", Reason::PayloadEmpty, Natural, "http2/payload-is-present", usual,
       [](Scene&) { return Fields{}; }, kNone},
      {"TopicDisallowedMalformed", Reason::TopicDisallowed, Natural, "http2/topic-is-a-name", usual,
       [](Scene&) {
         return Fields{{"apns-topic", "<com.example>"}};
       }},
      {"TopicDisallowedByPushType", Reason::TopicDisallowed, Natural,
       "http2/topic-fits-the-push-type", usual,
       [](Scene&) {
         return Fields{{"apns-push-type", "liveactivity"}};
       }},
      {"TopicDisallowedByTeam", Reason::TopicDisallowed, Natural, "http2/topic-of-this-team",
       [](Scene& scene) {
         scene.keys.set_team(Team{.team_id = test::ten("TEAM000002"), .apps = {"com.example.app"}});
         without_certificate(scene);
       },
       [](Scene& scene) { return with_token({}, scene.bearer(scene.source)); }},
      {"TopicDisallowedByKey", Reason::TopicDisallowed, Natural, "http2/topic-of-this-key",
       [](Scene& scene) {
         scene.add_key(scene.other, KeyScope::Topics, KeyEnvironment::Production,
                       {"com.example.other"});
         without_certificate(scene);
       },
       [](Scene& scene) { return with_token({}, scene.bearer(scene.other)); }},
      {"ExpiredProviderToken", Reason::ExpiredProviderToken, Natural,
       "http2/provider-token-is-not-older-than-an-hour", without_certificate,
       [](Scene& scene) {
         return with_token({}, "bearer " + scene.source.at(scene.api.clock().now() - 61min));
       }},
      {"Forbidden", Reason::Forbidden, OurChoice, "http2/push-type-needs-a-provider-token", usual,
       [](Scene&) {
         return Fields{{"apns-push-type", "location"}};
       }},
      {"InvalidProviderToken", Reason::InvalidProviderToken, Natural,
       "http2/provider-token-signature", without_certificate,
       [](Scene& scene) {
         return with_token({}, scene.bearer(TokenSource("KEY0000001", "TEAM000001")));
       }},
      {"MissingProviderToken", Reason::MissingProviderToken, Natural,
       "http2/provider-token-is-there", without_certificate, [](Scene&) { return Fields{}; }},
      {"UnrelatedKeyIdInToken", Reason::UnrelatedKeyIdInToken, Natural,
       "http2/related-keys-on-a-connection",
       [](Scene& scene) {
         scene.add_key(scene.other, KeyScope::Topics, KeyEnvironment::Production,
                       {"com.example.app"});
         without_certificate(scene);
         const Fields first = with_token({{":path", "/3/device/" + kToken}},
                                         "bearer " + scene.source.at(scene.api.clock().now()));
         EXPECT_EQ(scene.api.push(first).text(), "200");
         scene.api.advance(20min);
       },
       [](Scene& scene) { return with_token({}, scene.bearer(scene.other)); }},
      {"BadEnvironmentKeyIdInToken", Reason::BadEnvironmentKeyIdInToken, Natural,
       "http2/provider-token-key-of-this-environment",
       [](Scene& scene) {
         scene.add_key(scene.other, KeyScope::Team, KeyEnvironment::Development);
         without_certificate(scene);
       },
       [](Scene& scene) { return with_token({}, scene.bearer(scene.other)); }, kHello, "pedantic"},
      {"BadEnvironmentKeyInToken", Reason::BadEnvironmentKeyInToken, Natural,
       "http2/provider-token-key-of-this-environment",
       [](Scene& scene) {
         scene.add_key(scene.other, KeyScope::Team, KeyEnvironment::Development);
         without_certificate(scene);
       },
       [](Scene& scene) { return with_token({}, scene.bearer(scene.other)); }},
      {"BadPath", Reason::BadPath, Natural, "http2/path-is-a-device", usual,
       [](Scene&) {
         return Fields{{":path", "/3/devices/"}};
       }},
      {"MethodNotAllowed", Reason::MethodNotAllowed, Natural, "http2/method-is-post", usual,
       [](Scene&) {
         return Fields{{":method", "GET"}};
       },
       kNone},
      {"UnregisteredUninstalled", Reason::Unregistered, Natural, "http2/device-token-is-active",
       [](Scene& scene) {
         usual(scene);
         EXPECT_TRUE(scene.api.world().uninstall_token(DeviceToken::parse(kToken)->bytes()));
         EXPECT_EQ(scene.api.push({{":path", "/3/device/" + kToken}}).text(), "200");
       },
       [](Scene&) { return Fields{}; }, kHello, "2025", ",\"timestamp\":1735689600000"},
      {"UnregisteredReplaced", Reason::Unregistered, OurChoice, "http2/device-token-is-the-newest",
       replaced, [](Scene&) { return Fields{}; }, kHello, "2025", ",\"timestamp\":1735689600000"},
      {"ExpiredToken", Reason::ExpiredToken, Configured, "http2/device-token-is-the-newest",
       replaced, [](Scene&) { return Fields{}; }, kHello, "2025", ",\"timestamp\":1735689600000",
       [](Http2Profile& profile) { profile.replaced_device_token = Reason::ExpiredToken; }},
      {"ExpiredTokenOfALiveActivity", Reason::ExpiredToken, Natural,
       "http2/device-token-has-not-expired",
       [](Scene& scene) {
         World& world = scene.api.world();
         add_phone(world);
         const Registration order{.family = PushFamily::LiveActivity,
                                  .activity = "order-17",
                                  .device_token = DeviceToken::parse(kToken)};
         (void)world.register_app("phone", ProviderApiByHand::kApp, 0, order);
         world.unregister_app("phone", ProviderApiByHand::kApp, 0, order);
         scene.api.open(nullptr);
       },
       [](Scene& scene) {
         return with_token({{"apns-topic", "com.example.app.push-type.liveactivity"}},
                           scene.bearer(scene.source));
       },
       kHello, "2025", ",\"timestamp\":1735689600000"},
      {"PayloadTooLarge", Reason::PayloadTooLarge, Natural, "http2/payload-size", usual,
       [](Scene&) { return Fields{}; }, std::string(4097, ' ')},
      {"TooManyProviderTokenUpdates", Reason::TooManyProviderTokenUpdates, Natural,
       "http2/provider-token-is-kept-20-minutes",
       [](Scene& scene) {
         without_certificate(scene);
         const Fields first =
             with_token({{":path", "/3/device/" + kToken}}, scene.bearer(scene.source));
         EXPECT_EQ(scene.api.push(first).text(), "200");
       },
       [](Scene& scene) {
         return with_token({}, "bearer " + scene.source.at(scene.api.clock().now() - 1s));
       }},
  };
}

class ReasonTableRow : public testing::TestWithParam<Case> {};

TEST_P(ReasonTableRow, ARequestDrawsExactlyTheseBytes) {
  const Case& row = GetParam();
  Scene scene(row.profile, row.change);
  row.before(scene);
  (void)test::take_frames(scene.api);
  Fields fields = {{":path", "/3/device/" + kToken}, {"apns-id", std::string(test::kId)}};
  for (const auto& field : row.fields(scene)) {
    if (field.first == ":path") {
      fields.front() = field;
    } else {
      fields.push_back(field);
    }
  }

  const test::AnswerBytes answer = test::ask(scene.api, fields, row.payload);
  const ReasonRow& reason = row_of(row.reason);
  EXPECT_EQ(answer.headers, "0104");  // HEADERS, END_HEADERS
  EXPECT_EQ(answer.block_hex(), test::reason_block(reason.status));
  EXPECT_EQ(answer.data, "0001");  // DATA, END_STREAM
  EXPECT_EQ(answer.body, "{\"reason\":\"" + std::string(reason.name) + "\"" + row.timestamp + "}");

  const std::vector<LedgerEvent> events = scene.api.events();
  const auto found = std::ranges::find_if(
      events, [](const LedgerEvent& event) { return event.outcome == EventOutcome::Rejected; });
  ASSERT_NE(found, events.end());
  EXPECT_EQ(found->status, reason.status);
  EXPECT_EQ(found->reason, reason.name);
  EXPECT_EQ(found->apns_id, test::kId);
  EXPECT_EQ(found->cause, "rule");
  ASSERT_TRUE(found->why);
  EXPECT_EQ(found->why->rule, row.rule);
  EXPECT_NE(found->why->found, "");
  EXPECT_NE(found->why->fix, "");
}

INSTANTIATE_TEST_SUITE_P(, ReasonTableRow, testing::ValuesIn(requests()),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- Those that no row above can have ----

/// The answer that was captured: Redth/HttpTwo#4.
TEST(ReasonTable, TheHeaderBlockIsAsLongAsTheCapturedOne) {
  Scene scene;
  usual(scene);
  const test::AnswerBytes answer = test::ask(
      scene.api, {{":path", "/3/device/xyz"}, {"apns-id", std::string(test::kId)}}, kHello);
  EXPECT_EQ(answer.block.size(), 37U);
  EXPECT_EQ(answer.body.size(), 27U);
}

/// It cannot echo what it refuses: the id is one that is made.
TEST(ReasonTable, BadMessageIdHasAnIdOfItsOwn) {
  Scene scene;
  usual(scene);
  const test::AnswerBytes answer = test::ask(scene.api, {{"apns-id", "1"}}, kHello);
  EXPECT_EQ(answer.body, R"({"reason":"BadMessageId"})");
  EXPECT_THAT(answer.block_hex(), testing::StartsWith("8c" + std::string(test::kIdName)));
  const auto fields = http2::test::HpackReference().decode(answer.block);
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields,
              testing::ElementsAre(Pair(":status", "400"),
                                   Pair("apns-id", MatchesRegex("[0-9A-F]{8}(-[0-9A-F]{4}){3}-"
                                                                "[0-9A-F]{12}"))));
  const std::vector<LedgerEvent> events = scene.api.events();
  EXPECT_EQ(events.back().why->rule, "http2/apns-id-is-a-uuid");
}

/// The frame that was captured: sideshow/apns2#93, #117.
TEST(ReasonTable, BadCertificateEnvironmentIsSaidInAGoaway) {
  Scene scene;
  auth::CertificateIdentity identity = *ProviderApiByHand::certificate();
  identity.production = false;
  PeerInfo peer;
  peer.connection = 1;
  peer.certificate = std::make_shared<const auth::CertificateIdentity>(identity);

  struct : EngineHost {
    void wake(Engine& /*engine*/) override {}
  } host;

  const auto engine = scene.api.api().accepted(peer, host, scene.api.clock().io_now());
  const std::vector<test::WireFrame> said = test::parse_frames(engine->pending());
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].hex(),
            "00002e0700"  // 46 bytes, GOAWAY
            "00000000"    // stream 0
            "00000000"    // last stream 0
            "00000000"    // NO_ERROR
            "7b22726561736f6e223a2242616443657274696669636174"
            "65456e7669726f6e6d656e74227d");  // {"reason":"BadCertificateEnvironment"}
  EXPECT_EQ(engine->close(), Close::CloseNotify);
}

TEST(ReasonTable, ShutdownIsSaidInAGoaway) {
  Scene scene;
  usual(scene);
  EXPECT_EQ(scene.api.push({{":path", "/3/device/" + kToken}}).text(), "200");
  scene.api.api().shut_down(0, scene.api.clock().io_now());
  (void)test::take_frames(scene.api);  // for all streams, and a PING that is answered
  scene.api.run();
  scene.api.advance(1s);
  EXPECT_THAT(scene.api.said(), testing::Contains("goaway 1 NO_ERROR {\"reason\":\"Shutdown\"}"));
}

// ---- The table as a whole ----

/// Drawn by no request: what is known of them names no trigger that a request could be.
const std::set<Reason> kOnlyToldTo = {
    Reason::IdleTimeout,         Reason::BadCertificate,     Reason::TooManyRequests,
    Reason::InternalServerError, Reason::ServiceUnavailable,
};

TEST(ReasonTable, HasEveryReason) {
  std::set<Reason> drawn = {Reason::BadMessageId, Reason::BadCertificateEnvironment,
                            Reason::Shutdown};
  for (const Case& row : requests()) {
    drawn.insert(row.reason);
  }
  for (const ReasonRow& row : reasons()) {
    EXPECT_NE(drawn.contains(row.reason), kOnlyToldTo.contains(row.reason)) << row.name;
    EXPECT_EQ(row.trigger.empty(), kOnlyToldTo.contains(row.reason)) << row.name;
  }
}

TEST(ReasonTable, SaysWhatIsOurChoice) {
  for (const Case& row : requests()) {
    const bool is_known = std::ranges::any_of(requests(), [&row](const Case& other) {
      return other.reason == row.reason && other.kind == Kind::Natural;
    });
    const std::string_view trigger = row_of(row.reason).trigger;
    EXPECT_NE(trigger.ends_with("(our choice)"), is_known) << row.name;
  }
}

}  // namespace
}  // namespace apns::mock
