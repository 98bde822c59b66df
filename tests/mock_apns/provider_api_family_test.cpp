// Push families seen by a provider: what is answered, and what the phone is told, byte by byte from
// the request on.
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using test::ProviderApiByHand;
using Fields = ProviderApiByHand::Fields;

constexpr std::string_view kApp = ProviderApiByHand::kApp;

/// A phone with the app in a strict world, and a connection with a universal certificate.
class ProviderApiFamilies : public testing::Test {
 protected:
  ProviderApiFamilies() : api(strict()) {
    api.world().add_phone(Phone(PhoneOptions{.name = "phone"}));
    api.world().install("phone", kApp,
                        ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
    api.open(universal());
  }

  static std::shared_ptr<const auth::CertificateIdentity> universal() {
    auto identity = std::make_shared<auth::CertificateIdentity>();
    identity->uid = kApp;
    for (const PushFamilyRow& row : push_families()) {
      identity->topics.push_back({topic_of_family(kApp, row.family), {std::string(row.name)}});
    }
    return identity;
  }

  static ProviderApiByHand::Setup strict() {
    ProviderApiByHand::Setup setup;
    setup.world.open = false;
    return setup;
  }

  DeviceToken launch(const Registration& registration = {}) {
    return api.world().register_app("phone", kApp, 0, registration);
  }

  static Fields to(const DeviceToken& token, PushType type) {
    return {{":path", "/3/device/" + token.to_hex()},
            {"apns-push-type", std::string(row_of(type).name)},
            {"apns-topic", topic_of_family(kApp, family_of(type))}};
  }

  LedgerEvent last_delivery() {
    LedgerEvent last;
    for (const LedgerEvent& event : api.events()) {
      last = event.kind == EventKind::Delivery ? event : last;
    }
    return last;
  }

  ProviderApiByHand api;
};

TEST_F(ProviderApiFamilies, ACallRings) {
  EXPECT_EQ(api.push(to(launch({.family = PushFamily::Voip}), PushType::Voip), "{}").text(), "200");
  EXPECT_EQ(last_delivery().topic, "com.example.app.voip");
  EXPECT_EQ(last_delivery().shown.value().place, "call-screen");
}

TEST_F(ProviderApiFamilies, ATokenOfAnotherFamilyIsNotForTheTopic) {
  EXPECT_EQ(api.push(to(launch(), PushType::Voip), "{}").text(),
            "400 {\"reason\":\"DeviceTokenNotForTopic\"}");
}

TEST_F(ProviderApiFamilies, ThePushTypeReachesThePhone) {
  Fields fields = to(launch({.family = PushFamily::Voip}), PushType::Voip);
  fields[1].second = "alert";
  EXPECT_EQ(api.push(fields, "{}").text(), "200");
  EXPECT_EQ(last_delivery().outcome, EventOutcome::Discarded);
  EXPECT_EQ(last_delivery().reasons.at(0), "push type alert is not for a device token of voip");
}

TEST_F(ProviderApiFamilies, TheCollapseIdReachesThePhone) {
  Fields fields = to(launch(), PushType::Alert);
  fields.emplace_back("apns-collapse-id", "score");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(api.push(fields).text(), "200");
  }
  EXPECT_EQ(api.world().screen("phone").apps[0].notices.size(), 1U);
}

TEST_F(ProviderApiFamilies, ALiveActivityEndsWithItsToken) {
  const Fields fields = to(launch({.family = PushFamily::LiveActivity, .activity = "order-17"}),
                           PushType::LiveActivity);
  const char* kUpdate = R"({"aps":{"event":"update","timestamp":1,"content-state":{"eta":5}}})";
  EXPECT_EQ(api.push(fields, kUpdate).text(), "200");
  EXPECT_EQ(last_delivery().shown.value().activity, "order-17");
  EXPECT_EQ(last_delivery().shown.value().content_state, R"({"eta":5})");
  EXPECT_EQ(api.push(fields, R"({"aps":{"event":"end","timestamp":2}})").text(), "200");
  EXPECT_EQ(api.push(fields, kUpdate).text(),
            "410 {\"reason\":\"ExpiredToken\",\"timestamp\":1735689600000}");
}

}  // namespace
}  // namespace apns::mock
