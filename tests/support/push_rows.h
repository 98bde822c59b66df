#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/model/profile.h"
#include "apns/model/reason.h"
#include "mock_apns/world/team_keys.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"

/// One request to the provider API and what becomes of it, as a row of a table.
namespace apns::test {

inline const std::string kAccepted = "200";
inline const std::string kPushPayload(ProviderApiByHand::kPayload);

/// "400 {\"reason\":\"BadPriority\"}".
[[nodiscard]] inline std::string rejected(Reason reason) {
  const ReasonRow& row = row_of(reason);
  return std::to_string(row.status) + " {\"reason\":\"" + std::string(row.name) + "\"}";
}

/// Of KEY0000001 and TEAM000001, from the moment at which manual clocks begin.
[[nodiscard]] inline const std::string& usual_provider_token() {
  static const std::string kToken = TokenSource().at(kManualStart);
  return kToken;
}

/// The keys that verify it.
[[nodiscard]] inline const mock::TeamKeys& usual_team_keys() {
  static const std::unique_ptr<const mock::TeamKeys> kKeys = [] {
    auto keys = std::make_unique<mock::TeamKeys>();
    keys->add(TokenSource().team_key());
    return keys;
  }();
  return *kKeys;
}

enum class PushAuth : std::uint8_t { Certificate, ProviderToken };

/// The usual request, to a device token that nobody knows, in an open world: a POST for
/// com.example.app with the usual payload.
struct PushRow {
  std::string name;
  PushAuth auth = PushAuth::Certificate;
  /// The first of a name takes the place of the usual one; values may be empty.
  ProviderApiByHand::Fields fields = {};
  std::vector<std::string> without = {};  // of the usual fields
  std::string payload = kPushPayload;
  std::vector<auth::CertificateIdentity::Topic> topics = {};  // of the certificate
  const Profile* profile = &default_profile();
  std::string expected;  // PushAnswer::text()
  std::string_view rule = {};
};

inline void PrintTo(const PushRow& row, std::ostream* out) {
  *out << row.name;
}

[[nodiscard]] inline ProviderApiByHand::Fields fields_of(const PushRow& row) {
  ProviderApiByHand::Fields all = {{":method", "POST"},
                                   {":scheme", "https"},
                                   {":path", "/3/device/" + std::string(64, 'a')},
                                   {":authority", "localhost"},
                                   {"apns-topic", std::string(ProviderApiByHand::kApp)}};
  if (row.auth == PushAuth::ProviderToken) {
    all.emplace_back("authorization", "bearer " + usual_provider_token());
  }
  std::erase_if(all, [&row](const auto& field) {
    return std::ranges::find(row.without, field.first) != row.without.end();
  });
  const std::size_t num_usual = all.size();
  std::vector<bool> is_replaced(num_usual, false);
  auto behind_pseudo =
      std::ranges::find_if(all, [](const auto& field) { return !field.first.starts_with(':'); });
  auto num_pseudo = behind_pseudo - all.begin();
  ProviderApiByHand::Fields more;
  for (const auto& field : row.fields) {
    const auto usual =
        std::ranges::find(all, field.first, &std::pair<std::string, std::string>::first);
    const auto at = static_cast<std::size_t>(usual - all.begin());
    if (at < num_usual && !is_replaced[at]) {
      usual->second = field.second;
      is_replaced[at] = true;
    } else {
      more.push_back(field);
    }
  }
  for (auto& field : more) {
    if (field.first.starts_with(':')) {  // pseudo-header fields stand in front
      all.insert(all.begin() + num_pseudo, std::move(field));
      ++num_pseudo;
    } else {
      all.push_back(std::move(field));
    }
  }
  return all;
}

/// The rule that the ledger gives for what was not accepted; empty: none.
[[nodiscard]] inline std::string rule_in(const std::vector<mock::LedgerEvent>& events) {
  for (const mock::LedgerEvent& event : events) {
    if (event.kind == mock::EventKind::Violation) {
      return event.rule;
    }
    if (event.outcome == mock::EventOutcome::Rejected && event.why) {
      EXPECT_NE(event.why->found, "");
      EXPECT_NE(event.why->fix, "");
      return event.why->rule;
    }
  }
  return {};
}

/// Sends a row's request on a connection of its own, and expects what it says.
inline void expect_row(const PushRow& row) {
  ProviderApiByHand::Setup setup;
  setup.options.profile = row.profile;
  setup.options.team_keys = &usual_team_keys();
  ProviderApiByHand api(std::move(setup));
  if (row.auth == PushAuth::ProviderToken) {
    api.open(nullptr);
  } else {
    auth::CertificateIdentity identity = *ProviderApiByHand::certificate();
    identity.topics = row.topics;
    api.open(std::make_shared<const auth::CertificateIdentity>(std::move(identity)));
  }
  const ProviderApiByHand::Fields fields = fields_of(row);
  std::vector<http2::Field> sent;
  for (const auto& [name, value] : fields) {
    sent.push_back(
        {name, value, http2::field_name::kOther, http2::Representation::WithoutIndexing});
  }
  const http2::StreamId stream = api.client().open_stream(sent, row.payload.empty());
  if (!row.payload.empty()) {
    EXPECT_TRUE(api.client().send_data(stream, as_bytes(row.payload), true));
  }
  api.run();
  EXPECT_EQ(api.answer(stream).text(), row.expected) << row.name;
  EXPECT_EQ(rule_in(api.events()), row.rule) << row.name;
}

}  // namespace apns::test
