// Every reason as people force it, by a magic device token and by a fault rule, those among them
// that no request draws by itself: the exact bytes. reason_table_test.cpp has what requests draw.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "tests/mock_apns/reason_bytes.h"
#include "tests/support/answer_bytes.h"
#include "tests/support/provider_api_by_hand.h"

namespace apns::mock {
namespace {

using test::ProviderApiByHand;

struct Case {
  Reason reason;
  const char* magic;  // the device token's first digits
};

/// Numbers are never given out anew: devices in the field carry them.
constexpr Case kCases[] = {
    {Reason::BadCollapseId, "fa11040001"},
    {Reason::BadDeviceToken, "fa11040002"},
    {Reason::BadExpirationDate, "fa11040003"},
    {Reason::BadMessageId, "fa11040004"},
    {Reason::BadPriority, "fa11040005"},
    {Reason::BadTopic, "fa11040006"},
    {Reason::DeviceTokenNotForTopic, "fa11040007"},
    {Reason::DuplicateHeaders, "fa11040008"},
    {Reason::IdleTimeout, "fa11040009"},
    {Reason::InvalidPushType, "fa11040010"},
    {Reason::MissingDeviceToken, "fa11040011"},
    {Reason::MissingTopic, "fa11040012"},
    {Reason::PayloadEmpty, "fa11040013"},
    {Reason::TopicDisallowed, "fa11040014"},
    {Reason::BadCertificate, "fa11040301"},
    {Reason::BadCertificateEnvironment, "fa11040302"},
    {Reason::ExpiredProviderToken, "fa11040303"},
    {Reason::Forbidden, "fa11040304"},
    {Reason::InvalidProviderToken, "fa11040305"},
    {Reason::MissingProviderToken, "fa11040306"},
    {Reason::UnrelatedKeyIdInToken, "fa11040307"},
    {Reason::BadEnvironmentKeyIdInToken, "fa11040308"},
    {Reason::BadEnvironmentKeyInToken, "fa11040309"},
    {Reason::BadPath, "fa11040401"},
    {Reason::MethodNotAllowed, "fa11040501"},
    {Reason::ExpiredToken, "fa11041001"},
    {Reason::Unregistered, "fa11041002"},
    {Reason::PayloadTooLarge, "fa11041301"},
    {Reason::TooManyProviderTokenUpdates, "fa11042901"},
    {Reason::TooManyRequests, "fa11042902"},
    {Reason::InternalServerError, "fa11050001"},
    {Reason::ServiceUnavailable, "fa11050301"},
    {Reason::Shutdown, "fa11050302"},
};

static_assert(std::size(kCases) == kNumReasons);

void PrintTo(const Case& row, std::ostream* out) {
  *out << row_of(row.reason).name;
}

class ForcedReasons : public testing::TestWithParam<Case> {
 protected:
  /// The answer that it draws, and the cause that the ledger gives.
  void expect_answer(ProviderApiByHand& api, std::string token, std::string_view cause) {
    token.resize(64, '0');
    const test::AnswerBytes answer =
        test::ask(api, {{":path", "/3/device/" + token}, {"apns-id", std::string(test::kId)}},
                  ProviderApiByHand::kPayload);
    const ReasonRow& row = row_of(GetParam().reason);
    const std::string time = row.status == 410 ? ",\"timestamp\":1735689600000" : "";
    EXPECT_EQ(answer.headers, "0104");
    EXPECT_EQ(answer.block_hex(), test::reason_block(row.status));
    EXPECT_EQ(answer.data, "0001");
    EXPECT_EQ(answer.body, "{\"reason\":\"" + std::string(row.name) + "\"" + time + "}");
    const std::vector<LedgerEvent> events = api.events();
    const auto rejected = std::ranges::find(events, EventOutcome::Rejected, &LedgerEvent::outcome);
    ASSERT_NE(rejected, events.end());
    EXPECT_EQ(rejected->status, row.status);
    EXPECT_EQ(rejected->reason, row.name);
    EXPECT_EQ(rejected->cause, cause);
  }
};

TEST_P(ForcedReasons, ByAMagicDeviceToken) {
  ProviderApiByHand api;
  api.open();
  (void)test::take_frames(api);
  expect_answer(api, GetParam().magic, "magic");
}

TEST_P(ForcedReasons, ByAFaultRule) {
  ProviderApiByHand::Setup setup;
  setup.rules.push_back(
      parse_fault("protocol=http2: reject=" + std::string(row_of(GetParam().reason).name)));
  setup.rules.back().name = "forced";
  ProviderApiByHand api(std::move(setup));
  api.open();
  (void)test::take_frames(api);
  expect_answer(api, "a1", "fault:forced");
}

INSTANTIATE_TEST_SUITE_P(, ForcedReasons, testing::ValuesIn(kCases), [](const auto& row) {
  return std::string(row_of(row.param.reason).name);
});

}  // namespace
}  // namespace apns::mock
