#include "scenarios/runner/scenario_loader.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFile = "scenarios/binary/mine.json";

constexpr const char* kWhole = R"({
  "title": "t",
  "rules": ["binary/x"],
  "source": ["s"],
  "protocol": "binary",
  "workload": [
    {"options": {"settle_after": "300ms"}},
    {"send": 3},
    {"drain": "5s"}
  ],
  "expect": {
    "outcomes": {"sent": "1-3"},
    "ledger": [
      {"event": "notification", "n": "1-3", "each": 1}
    ]
  }
})";

/// kWhole with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kWhole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    (void)load_scenario(text, kFile);
  } catch (const json::Error& error) {
    return error.what();
  }
  return "it was accepted";
}

TEST(ScenarioLoader, ReadsAWholeFile) {
  const Scenario scenario = load_scenario(kWhole, kFile);
  EXPECT_EQ(scenario.id, "binary/mine");
  EXPECT_EQ(scenario.area, "binary");
  EXPECT_EQ(scenario.pattern, "binary/mine");
  EXPECT_EQ(scenario.title, "t");
  EXPECT_THAT(scenario.rules, ElementsAre("binary/x"));
  EXPECT_EQ(scenario.client.settle_after, std::chrono::milliseconds(300));
  ASSERT_EQ(scenario.workload.size(), 2U);
  EXPECT_EQ(scenario.workload[0].where, "workload[1]");
  EXPECT_EQ(scenario.workload[0].text, R"({"send":3})");
  EXPECT_EQ(scenario.workload[0].position, (json::Position{8, 5}));
  ASSERT_EQ(scenario.notifications.size(), 3U);
  EXPECT_EQ(scenario.notifications[2].device_token.to_hex(),
            "a100000000000000000000000000000000000000000000000000000000000003");
  EXPECT_EQ(scenario.notifications[0].payload, R"({"aps":{"alert":"Hello"}})");
  EXPECT_EQ(scenario.outcomes.size(), 1U);
  EXPECT_EQ(scenario.ledger.size(), 1U);
}

TEST(ScenarioLoader, NamesAScenarioAfterItsPath) {
  EXPECT_EQ(load_scenario(kWhole, "/tmp/a/binary/mine.json").id, "binary/mine");
  EXPECT_EQ(load_scenario(kWhole, "mine.json").id, "mine");
  EXPECT_EQ(load_scenario(kWhole, "binary/mine.json").id, "binary/mine");
}

TEST(ScenarioLoader, MakesPayloadsOfExactlySoManyBytes) {
  for (const std::size_t size : {1U, 2U, 20U, 21U, 22U, 256U, 2048U}) {
    const Scenario scenario = load_scenario(
        changed("{\"send\": 3}", "{\"send\": 3, \"payload_bytes\": " + std::to_string(size) + "}"),
        kFile);
    EXPECT_EQ(scenario.notifications[0].payload.size(), size);
    EXPECT_NO_THROW((void)json::parse(scenario.notifications[0].payload, "payload"));
  }
}

TEST(ScenarioLoader, GoesOnNumberingFromStepToStep) {
  const Scenario scenario = load_scenario(changed("{\"send\": 3}",
                                                  R"({"send": 1, "payload": {"aps": {}}},
                 {"send": "2-3", "priority": 5, "expiration": 7})"),
                                          kFile);
  EXPECT_EQ(scenario.notifications[0].payload, R"({"aps":{}})");
  EXPECT_EQ(std::get<SendStep>(scenario.workload[1].action).first, 2U);
  EXPECT_EQ(std::get<SendStep>(scenario.workload[1].action).last, 3U);
  EXPECT_EQ(scenario.notifications[1].priority, 5);
  EXPECT_EQ(scenario.notifications[2].expiration, 7U);
  EXPECT_EQ(scenario.notifications[0].expiration, std::nullopt);
}

TEST(ScenarioLoader, TellsNotificationsToOneDeviceApartByTheirPayload) {
  const Scenario scenario =
      load_scenario(changed("{\"send\": 3}", R"({"send": 2, "device_tokens": ["a1", "a2"]},
                 {"send": 1, "device_tokens": ["a1"], "payload_bytes": 40})"),
                    kFile);
  EXPECT_EQ(scenario.notifications[2].device_token, scenario.notifications[0].device_token);
  EXPECT_NE(scenario.notifications[2].payload, scenario.notifications[0].payload);
}

TEST(ScenarioLoader, LetsNotificationsEndInAnyWay) {
  const Scenario scenario =
      load_scenario(changed(R"("sent": "1-3")", R"("any": "1-2", "sent": "3")"), kFile);
  ASSERT_EQ(scenario.outcomes.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(scenario.outcomes[i].n, NumberSet(1, 2));
    EXPECT_EQ(scenario.outcomes[i].kind, static_cast<provider::OutcomeKind>(i));
    EXPECT_EQ(scenario.outcomes[i].reason, "");
  }
}

struct ErrorCase {
  const char* name;
  const char* from;
  const char* to;
  const char* error;  // behind the file name

  friend void PrintTo(const ErrorCase& row, std::ostream* out) { *out << row.name; }
};

class LoaderErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(LoaderErrors, SayWhereWhatAndWhatWouldBeRight) {
  EXPECT_EQ(error_of(changed(GetParam().from, GetParam().to)),
            std::string(kFile) + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LoaderErrors,
    testing::Values(
        ErrorCase{
            "UnknownKey", "\"source\"", "\"sorce\"",
            ":4:3: \"sorce\" is not a key of scenario; did you mean \"source\"? Keys: format, "
            "title, rules, "
            "source, protocol, auth, profile, seed, certificate, provider_token, world, service, "
            "network, "
            "not_in, needs, "
            "workload, expect."},
        ErrorCase{"MissingKey", "\"title\": \"t\",", "", ":1:1: scenario needs \"title\""},
        ErrorCase{"WrongType", "\"t\"", "7", ":2:12: title must be a text, not 7."},
        ErrorCase{
            "UnknownStep", "\"send\"", "\"sned\"",
            ":8:6: \"sned\" is not a key of step; did you mean \"send\"? Keys: options, send, "
            "device_tokens, "
            "payload, payload_bytes, expiration, priority, wait_for, within, advance, drain, "
            "feedback, to, app, activity, topic, push_type, collapse_id, apns_id."},
        ErrorCase{
            "UnknownOption", "settle_after", "settle_afte",
            ":7:18: \"settle_afte\" is not a key of options; did you mean \"settle_after\"? Keys: "
            "settle_after, resend_unknown, window_bytes, window_len, connect_limit, backoff_first, "
            "backoff_max, remember_for, connections, on_full, write_limit, idle_limit, "
            "give_up_after, max_attempts, payload_limit."},
        ErrorCase{"BareNumberAsDuration", "\"5s\"", "5", ":9:15: drain must be a text, not 5."},
        ErrorCase{"NoUnit", "\"5s\"", "\"5\"",
                  ":9:15: \"5\" is not a duration. Write drain as \"200ms\", \"5s\" or \"61m\"."},
        ErrorCase{"TwoThingsInAStep", "\"send\": 3", "\"send\": 3, \"drain\": \"5s\"",
                  ":8:5: A step does exactly one thing: options, send, wait_for, advance, device, "
                  "feedback or "
                  "drain."},
        ErrorCase{"NoDrain", ",\n    {\"drain\": \"5s\"}", "",
                  ":6:15: The workload does not end with a drain. Let its last step be {\"drain\": "
                  "\"5s\"}."},
        ErrorCase{"BehindTheDrain", "{\"drain\": \"5s\"}", "{\"drain\": \"5s\"}, {\"send\": 1}",
                  ":9:22: Nothing can follow a drain: the provider takes nothing more. Move this "
                  "step before it."},
        ErrorCase{"OptionsBehindSend", "{\"send\": 3}", "{\"send\": 3}, {\"options\": {}}",
                  ":8:30: The provider is made before the first send. Move options to the front."},
        ErrorCase{
            "PayloadWithoutSend", "{\"drain\": \"5s\"}", "{\"drain\": \"5s\", \"payload\": {}}",
            ":9:5: device_tokens, to, app, activity, payload, payload_bytes, expiration, priority, "
            "topic, push_type, collapse_id and apns_id go with \"send\" only."},
        ErrorCase{
            "ActivityWithoutTo", "{\"send\": 3}", "{\"send\": 3, \"activity\": \"x\"}",
            ":8:5: \"activity\" goes with \"to\" only: it is a Live Activity on that device."},
        ErrorCase{"WithinWithoutWait", "{\"send\": 3}", "{\"send\": 3, \"within\": \"1s\"}",
                  ":8:5: \"within\" goes with \"wait_for\" only."},
        ErrorCase{"RangeThatDoesNotGoOn", "\"send\": 3", "\"send\": \"2-4\"",
                  ":8:14: Notifications are numbered in the order of sending, so this step begins "
                  "with 1. Write send "
                  "as a count, or as \"1-10\"."},
        ErrorCase{"TooFewDeviceTokens", "\"send\": 3", "\"send\": 3, \"device_tokens\": [\"a1\"]",
                  ":8:34: device_tokens has 1 entries for 3 notifications. Give one for each."},
        ErrorCase{"DeviceTokenTwice", "\"send\": 3",
                  "\"send\": 3, \"device_tokens\": [\"a1\", \"a2\", \"A1\"]",
                  ":8:47: Notifications are known by their device token and payload, and this pair "
                  "was used before. Take another device token, or another payload in a send of "
                  "its own."},
        ErrorCase{"DeviceTokenThatIsNone", "\"send\": 3",
                  "\"send\": 1, \"device_tokens\": [\"a1b\"]",
                  ":8:35: A device token is 2 to 200 hex digits, an even number of them."},
        ErrorCase{
            "TwoPayloads", "\"send\": 3", "\"send\": 3, \"payload\": {}, \"payload_bytes\": 5",
            ":8:14: \"payload\" and \"payload_bytes\" exclude each other. Leave one of them out."},
        ErrorCase{"LongAdvance", "{\"send\": 3}", "{\"send\": 3}, {\"advance\": \"1h\"}",
                  ":8:30: Over sockets this would be waited for, and 2s is the limit there. Make "
                  "it shorter, or say "
                  "\"needs\": [\"clock\"]."},
        ErrorCase{"OutcomeMissing", "\"sent\": \"1-3\"", "\"sent\": \"1,3\"",
                  ":12:17: outcomes says nothing about 2. Name each notification under sent, "
                  "rejected or unknown."},
        ErrorCase{"OutcomeOfNothing", "\"sent\": \"1-3\"", "\"sent\": \"1-4\"",
                  ":12:17: The workload sends 3 notifications, so there is no number 4."},
        ErrorCase{"RejectedWithoutReason", "\"sent\": \"1-3\"",
                  "\"sent\": \"1-2\", \"rejected\": \"3\"",
                  ":12:45: rejected must be an object, not a text."},
        ErrorCase{"UnknownReason", "\"sent\": \"1-3\"",
                  "\"sent\": \"1-2\", \"rejected\": {\"3\": \"unsend\"}",
                  ":12:51: \"unsend\" is not a reason; did you mean \"unsent\"? There are: unsent, "
                  "payload-too-long, "
                  "payload-empty."},
        ErrorCase{"NotNumbers", "\"n\": \"1-3\"", "\"n\": \"3-1\"",
                  ":14:38: \"3-1\" is not a set of numbers from 1. Write n as 4, \"4\", "
                  "\"1-3,5-47\" or \"6-\"."},
        ErrorCase{"LedgerOfNothing", "\"n\": \"1-3\"", "\"n\": \"1-4\"",
                  ":14:7: The workload sends 3 notifications, so there is no number 4."},
        ErrorCase{"EachAndCount", "\"each\": 1", "\"each\": 1, \"count\": 3",
                  ":14:7: An entry of expect.ledger has either \"count\" or \"each\"."},
        ErrorCase{"NeitherEachNorCount", ", \"each\": 1", "",
                  ":14:7: An entry of expect.ledger has either \"count\" or \"each\"."},
        ErrorCase{"UnknownEvent", "\"notification\"", "\"notificaton\"",
                  ":14:17: \"notificaton\" is not a ledger event; did you mean \"notification\"? "
                  "There are: connection, notification, "
                  "delivery, feedback, device, violation, fault."},
        ErrorCase{
            "OutcomeOfAnotherEvent", "\"each\": 1", "\"each\": 1, \"outcome\": \"opened\"",
            ":14:7: A notification is never opened. Its outcomes: accepted, rejected, discarded."},
        ErrorCase{"KeyOfConnections", "\"each\": 1", "\"each\": 1, \"close\": \"rst\"",
                  ":14:56: \"close\" is a key of connection events, and this matches notification "
                  "events. Leave it "
                  "out, or change \"event\"."},
        ErrorCase{"KeyOfNotifications", "\"event\": \"notification\", \"n\": \"1-3\", \"each\": 1",
                  "\"event\": \"connection\", \"nth\": 1, \"count\": 1",
                  ":14:31: \"nth\" is a key of notification events, and this matches connection "
                  "events. Leave it out, "
                  "or change \"event\"."},
        ErrorCase{"MinAboveMax", "\"each\": 1", "\"count\": {\"min\": 3, \"max\": 2}",
                  ":14:7: count has a min above its max. Swap them."},
        ErrorCase{"UnknownProtocol", "\"binary\"", "\"binry\"",
                  ":5:15: \"binry\" is not a protocol; did you mean \"binary\"? There are: binary, "
                  "feedback, http2."},
        ErrorCase{"UnknownHost", "\"protocol\"", "\"not_in\": {\"socket\": \"why\"}, \"protocol\"",
                  ":5:14: \"socket\" is not a key of not_in; did you mean \"sockets\"? Keys: "
                  "in-memory, tls, "
                  "sockets."},
        ErrorCase{"NoReasonForAHost", "\"protocol\"",
                  "\"not_in\": {\"sockets\": \"\"}, \"protocol\"",
                  ":5:25: Say why the scenario cannot run there."},
        ErrorCase{
            "InNoHost", "\"protocol\"",
            "\"not_in\": {\"sockets\": \"a\", \"tls\": \"b\", \"in-memory\": \"c\"}, \"protocol\"",
            ":5:13: not_in names every host, so the scenario would never run. Take one out."},
        ErrorCase{"NoRules", "[\"binary/x\"]", "[]", ":3:12: rules is empty. Give at least one."}),
    [](const testing::TestParamInfo<ErrorCase>& row) { return std::string(row.param.name); });

TEST(ScenarioLoader, RefusesADuplicateKey) {
  EXPECT_THAT(error_of(changed("\"source\"", "\"title\": \"u\", \"source\"")),
              StartsWith(std::string(kFile) + ":4:3: "));
}

TEST(ScenarioLoader, PointsAtMistakesInFaultRules) {
  EXPECT_THAT(error_of(changed(
                  "\"protocol\"",
                  R"("service": {"faults": [{"when": {}, "then": {"rejct": 8}}]}, "protocol")")),
              StartsWith(std::string(kFile) + ":5:48: \"rejct\" is not a key of then"));
}

TEST(ScenarioLoader, TakesALongAdvanceWhereTheClockCanJump) {
  const std::string advance = changed("{\"send\": 3}", "{\"send\": 3}, {\"advance\": \"1h\"}");
  for (const char* const excuse :
       {R"("needs": ["clock"],)", R"("not_in": {"sockets": "too slow"},)"}) {
    std::string text = advance;
    text.insert(text.find("\"protocol\""), excuse);
    EXPECT_NO_THROW((void)load_scenario(text, kFile)) << excuse;
  }
}

TEST(ScenarioLoader, GivesFaultRulesWithoutANameTheirNumber) {
  const Scenario scenario = load_scenario(changed("\"protocol\"", R"("service": {"faults": [
          {"when": {"nth": 1}, "then": {"reject": 8}},
          {"name": "mine", "when": {"nth": 2}, "then": {"reject": 8}},
          {"when": {"nth": 3}, "then": {"reject": 8}}]}, "protocol")"),
                                          kFile);
  ASSERT_EQ(scenario.faults.size(), 3U);
  EXPECT_EQ(scenario.faults[0].name, "fault-1");
  EXPECT_EQ(scenario.faults[1].name, "mine");
  EXPECT_EQ(scenario.faults[2].name, "fault-3");
}

TEST(ScenarioSet, FindsByPatternOnceAndInOrder) {
  const std::vector<std::string> patterns = {"binary/idle_*", "**"};
  const std::vector<Scenario> found = find_scenarios(patterns);
  EXPECT_EQ(found.size(), find_scenarios({}).size());
  EXPECT_EQ(found.front().id, "binary/idle_close");
}

TEST(ScenarioSet, NamesTheNearestIdWhenNothingMatches) {
  const std::vector<std::string> patterns = {"binary/idle_clos"};
  try {
    (void)find_scenarios(patterns);
    FAIL() << "it was found";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(),
                 "No scenario matches \"binary/idle_clos\"; did you mean \"binary/idle_close\"?");
  }
}

TEST(ScenarioSet, SaysWhichFileCannotBeRead) {
  const std::vector<std::string> patterns = {"/nowhere/mine.json"};
  try {
    (void)find_scenarios(patterns);
    FAIL() << "it was read";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/mine.json cannot be read"));
  }
}

}  // namespace
}  // namespace apns::scenarios
