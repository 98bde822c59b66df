// docs/delivery.md says what the code does.
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mock_apns/world/payload.h"
#include "mock_apns/world/payload_lint.h"
#include "mock_apns/world/phone.h"
#include "mock_apns/world/presentation.h"

namespace apns::mock {
namespace {

using Row = std::vector<std::string>;

std::string read_source(std::string_view path) {
  std::ifstream in(fmt::format("{}/{}", APNSLAB_SOURCE_DIR, path));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" `");
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(" `") - begin + 1);
}

Row cells_of(const std::string& line) {
  std::istringstream in(line.substr(1));
  Row cells;
  for (std::string cell; std::getline(in, cell, '|');) {
    cells.push_back(trimmed(cell));
  }
  return cells;
}

// The rows below the table's head, which is found by its text.
std::vector<Row> table(const std::string& head) {
  std::istringstream in(read_source("docs/delivery.md"));
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line) && line != head) {
  }
  std::getline(in, line);  // |---|
  while (std::getline(in, line) && line.starts_with('|')) {
    rows.push_back(cells_of(line));
  }
  return rows;
}

Payload read(std::string_view json) {
  PayloadReader reader;
  return reader.read(json);
}

AppView background_app() {
  return AppView{"com.example.app", AppState::Background, AppSettings{}, false};
}

std::string becomes(const Presentation& result) {
  switch (result.fate) {
    case Presentation::Fate::Delivered:
      return result.shown.place;
    case Presentation::Fate::Deferred:
      return "waits";
    case Presentation::Fate::Discarded:
      return "discarded";
  }
  return {};
}

TEST(DeliveryDocument, OutcomesAreThose) {
  const auto rows = table("| outcome | means |");
  ASSERT_EQ(rows.size(), 5U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i][0], to_string(static_cast<DeliveryOutcome>(i)));
  }
}

TEST(DeliveryDocument, StatesAreAsPresented) {
  constexpr std::array kStates{AppState::Foreground, AppState::Background, AppState::NotRunning,
                               AppState::ForceQuit};
  std::string head = "| payload |";
  for (const AppState state : kStates) {
    head += fmt::format(" {} |", to_string(state));
  }
  const auto rows = table(head);
  ASSERT_EQ(rows.size(), 5U);
  for (const Row& row : rows) {
    Row expected{row[0]};
    for (const AppState state : kStates) {
      AppView app = background_app();
      app.state = state;
      expected.push_back(becomes(present(read(row[0]), app)));
    }
    EXPECT_EQ(row, expected);
  }
}

TEST(DeliveryDocument, SettingsAreAsPresented) {
  const auto rows = table("| alerts | badges | sounds | shown | why |");
  ASSERT_EQ(rows.size(), 8U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    AppView app = background_app();
    app.settings = AppSettings{(i & 4U) == 0, (i & 2U) == 0, (i & 1U) == 0, true};
    const Presentation result =
        present(read(R"({"aps":{"alert":"Hello","badge":2,"sound":"bell"}})"), app);
    Row shown;
    if (!result.shown.body.empty()) {
      shown.push_back(result.shown.body);
    }
    if (result.shown.badge) {
      shown.push_back(fmt::format("badge {}", *result.shown.badge));
    }
    if (!result.shown.sound.empty()) {
      shown.push_back(result.shown.sound);
    }
    const auto word = [](bool is_on) { return std::string(is_on ? "on" : "off"); };
    EXPECT_EQ(rows[i],
              (Row{word(app.settings.alerts), word(app.settings.badges), word(app.settings.sounds),
                   shown.empty() ? becomes(result) : fmt::format("{}", fmt::join(shown, ", ")),
                   fmt::format("{}", fmt::join(result.why, "; "))}));
  }
}

TEST(DeliveryDocument, BackgroundPushesAreAsPresented) {
  const auto rows = table("| app refresh | low power | becomes |");
  ASSERT_EQ(rows.size(), 4U);
  for (const Row& row : rows) {
    AppView app = background_app();
    app.settings.background_refresh = row[0] == "on";
    app.low_power = row[1] == "on";
    EXPECT_EQ(row[2], becomes(present(read(R"({"aps":{"content-available":1}})"), app)));
  }
}

// The one delivery of a push to a phone as that section has it.
std::string place_of(PushFamily family, std::string_view json, AppState state) {
  class LastPlace final : public DeliverySink {
   public:
    void delivered(const Delivery& delivery) override { place = delivery.shown->place; }

    void app_is_gone(std::string_view /*bundle_id*/, const DeviceToken& /*device_token*/,
                     std::uint64_t /*of*/) override {}

    void activity_started(std::string_view /*bundle_id*/, std::string_view /*activity*/) override {}

    void activity_ended(std::string_view /*bundle_id*/, std::string_view /*activity*/) override {}

    std::string place;
  };

  constexpr std::string_view kApp = "com.example.app";
  const WorldTime now = kManualStart;
  LastPlace sink;
  Phone phone{PhoneOptions{}};
  phone.install(kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
  EXPECT_TRUE(phone.register_for(kApp, family, now, sink).has_value());
  phone.join_channel(kApp, "the channel");
  phone.start_activity(kApp, "x", now, sink);
  phone.set_state(kApp, state, now, sink);
  Push push{.device_token = *DeviceToken::parse("a1"), .family = family, .payload = read(json)};
  if (family == PushFamily::LiveActivity) {
    push.activity = "x";
  }
  phone.push(kApp, push, now, sink);
  return sink.place;
}

TEST(DeliveryDocument, FamiliesAreAsPresented) {
  const auto rows =
      table("| family | payload | foreground | background | not-running | force-quit |");
  ASSERT_EQ(rows.size(), 11U);
  PushFamilySet seen;
  for (const Row& row : rows) {
    const PushFamilyRow* family = find_push_family(row[0]);
    ASSERT_NE(family, nullptr) << row[0];
    seen.insert(family->family);
    EXPECT_EQ(row[2], place_of(family->family, row[1], AppState::Foreground)) << row[1];
    EXPECT_EQ(row[3], place_of(family->family, row[1], AppState::Background)) << row[1];
    EXPECT_EQ(row[4], place_of(family->family, row[1], AppState::NotRunning)) << row[1];
    EXPECT_EQ(row[5], place_of(family->family, row[1], AppState::ForceQuit)) << row[1];
  }
  for (const PushFamilyRow& family : push_families()) {
    EXPECT_EQ(seen.has(family.family), family.family != PushFamily::Alert) << family.name;
  }
}

TEST(DeliveryDocument, PayloadsThatShowNothingShowNothing) {
  const auto rows = table("| payload | why |");
  ASSERT_EQ(rows.size(), 12U);
  for (const Row& row : rows) {
    const Presentation result = present(read(row[0]), background_app());
    EXPECT_EQ(becomes(result), "nothing") << row[0];
    EXPECT_EQ(result.why, Row{row[1]}) << row[0];
  }
}

TEST(DeliveryDocument, HasEveryPayloadRuleInOrder) {
  std::vector<Row> expected;
  for (const PayloadRule& rule : payload_rules()) {
    expected.push_back(Row{std::string(rule.rule), std::string(rule.fix)});
  }
  EXPECT_EQ(table("| rule | right |"), expected);
}

TEST(DeliveryDocument, EveryPayloadRuleIsInTheCatalogue) {
  const std::string catalogue = read_source("scenarios/rules.json");
  for (const PayloadRule& rule : payload_rules()) {
    EXPECT_NE(catalogue.find(fmt::format("\"id\": \"{}\"", rule.rule)), std::string::npos)
        << rule.rule;
  }
}

TEST(DeliveryDocument, BoundsAreThose) {
  const std::string text = read_source("docs/delivery.md");
  EXPECT_NE(text.find(fmt::format("Bounds: {} apps on a phone, {} notices",
                                  Phone::kMaxInstallations, Phone::kMaxNotices)),
            std::string::npos);
  EXPECT_NE(text.find(fmt::format("{} stored\nnotifications for a phone", Phone::kMaxStored)),
            std::string::npos);
  EXPECT_NE(text.find(fmt::format("{} Live Activities of an app that run and {} that have ended",
                                  LiveActivities::kMaxPerApp, LiveActivities::kMaxPerApp)),
            std::string::npos);
}

TEST(DeliveryDocument, BudgetsAreThose) {
  const std::string text = read_source("docs/delivery.md");
  const PhoneOptions options;
  EXPECT_NE(text.find(fmt::format("{} a day for each app", options.complications_per_day)),
            std::string::npos);
  EXPECT_NE(text.find(fmt::format("{} reloads a day", options.reloads_per_day)), std::string::npos);
  EXPECT_EQ(options.activity_pushes_per_hour, 0U);
}

}  // namespace
}  // namespace apns::mock
