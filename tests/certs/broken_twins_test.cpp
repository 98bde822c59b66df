#include "certs/broken_twins.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::certs {
namespace {

struct TwinCase {
  const char* name;
  const char* topic;  // of the twin of com.example.app
  bool development = true;
  bool production = true;
};

class BrokenTwins : public testing::TestWithParam<TwinCase> {};

/// The twin's certificate, by our own authority or by another.
Credential make(const BrokenTwin& twin, CertificateFactory ours,
                std::string bundle_id = "com.example.app") {
  ProviderCertificate certificate =
      ProviderCertificate::universal(std::move(bundle_id), "TEAM000001");
  twin.spoil(certificate);
  return make_factory_of(twin, std::move(ours).take_authority()).make_provider(certificate);
}

TEST_P(BrokenTwins, AreSoundButForOneThing) {
  const BrokenTwin* twin = find_broken_twin(GetParam().name);
  ASSERT_NE(twin, nullptr);
  const CertificateFactory authority;
  const auth::KeyPtr public_key(X509_get_pubkey(authority.authority().certificate.get()));
  const Credential made =
      make(*twin, CertificateFactory(
                      Credential{auth::X509Ptr(X509_dup(authority.authority().certificate.get())),
                                 auth::KeyPtr(EVP_PKEY_dup(authority.authority().key.get()))}));
  const auto identity = auth::read_certificate_identity(made.certificate.get());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->default_topic(), GetParam().topic);
  EXPECT_EQ(identity->team_id, "TEAM000001");
  EXPECT_EQ(identity->development, GetParam().development);
  EXPECT_EQ(identity->production, GetParam().production);
  EXPECT_EQ(X509_verify(made.certificate.get(), public_key.get()) == 1,
            !twin->has_unknown_authority);
}

const std::string& long_topic() {
  static const std::string kTopic = "com.example.app." + std::string(240, 'x');
  return kTopic;
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenTwins,
    testing::Values(TwinCase{"expired", "com.example.app"},
                    TwinCase{"not-yet-valid", "com.example.app"},
                    TwinCase{"revoked", "com.example.app"},
                    TwinCase{"other-environment", "com.example.app", true, false},
                    TwinCase{"other-topic", "com.example.other"}, TwinCase{"no-topic", ""},
                    TwinCase{"long-topic", long_topic().c_str()},
                    TwinCase{"unknown-ca", "com.example.app"}),
    [](const auto& row) {
      std::string name = row.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(BrokenTwinTable, HasEightAndKnowsNoOther) {
  EXPECT_EQ(broken_twins().size(), 8U);
  EXPECT_EQ(find_broken_twin("universal"), nullptr);
  EXPECT_EQ(find_broken_twin(""), nullptr);
}

TEST(BrokenTwinTable, OtherTopicIsNeverTheOneThatWasGiven) {
  const BrokenTwin& twin = *find_broken_twin("other-topic");
  const std::map<std::string, std::string> cases = {{"com.acme.chat", "com.acme.other"},
                                                    {"com.acme.other", "com.acme.another"},
                                                    {"other", "another"}};
  for (const auto& [given, other] : cases) {
    const auto identity =
        auth::read_certificate_identity(make(twin, CertificateFactory(), given).certificate.get());
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->uid, other);
  }
}

}  // namespace
}  // namespace apns::certs
