#include "cli/feedback_report.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using provider::FeedbackAdvice;
using provider::FeedbackEnd;
using provider::FeedbackResult;

const FeedbackAdvice kGone{*DeviceToken::parse("A1B2"),
                           std::chrono::sys_seconds(std::chrono::seconds(1'764'065'645)),
                           std::nullopt, true};
const FeedbackAdvice kOlder{kGone.device_token, kGone.gone_since,
                            WorldTime(std::chrono::seconds(1'764'065'644)), true};
const FeedbackAdvice kAgain{kGone.device_token, kGone.gone_since,
                            WorldTime(std::chrono::microseconds(1'764'065'646'500'000)), false};

struct LineCase {
  const char* name;
  FeedbackAdvice advice;
  FeedbackFormat format;
  const char* line;
};

void PrintTo(const LineCase& row, std::ostream* out) {
  *out << row.name;
}

class FeedbackLine : public testing::TestWithParam<LineCase> {};

TEST_P(FeedbackLine, IsWorded) {
  EXPECT_EQ(feedback_line(GetParam().advice, GetParam().format), GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, FeedbackLine,
    testing::Values(
        LineCase{"Tuple", kGone, FeedbackFormat::Tuples, "a1b2  gone since 2025-11-25T10:14:05Z"},
        LineCase{"Drop", kGone, FeedbackFormat::Advice,
                 "drop  a1b2  gone since 2025-11-25T10:14:05Z"},
        LineCase{"DropOlder", kOlder, FeedbackFormat::Advice,
                 "drop  a1b2  gone since 2025-11-25T10:14:05Z"},
        LineCase{"Keep", kAgain, FeedbackFormat::Advice,
                 "keep  a1b2  gone since 2025-11-25T10:14:05Z  (registered again at "
                 "2025-11-25T10:14:06.500000Z)"},
        LineCase{"JsonTuple", kGone, FeedbackFormat::JsonTuples,
                 R"({"device_token":"a1b2","timestamp":"2025-11-25T10:14:05Z"})"},
        LineCase{"JsonDrop", kGone, FeedbackFormat::JsonAdvice,
                 R"({"device_token":"a1b2","timestamp":"2025-11-25T10:14:05Z","drop":true})"},
        LineCase{"JsonDropOlder", kOlder, FeedbackFormat::JsonAdvice,
                 R"({"device_token":"a1b2","timestamp":"2025-11-25T10:14:05Z","drop":true,)"
                 R"("registered_at":"2025-11-25T10:14:04Z"})"},
        LineCase{"JsonKeep", kAgain, FeedbackFormat::JsonAdvice,
                 R"({"device_token":"a1b2","timestamp":"2025-11-25T10:14:05Z","drop":false,)"
                 R"("registered_at":"2025-11-25T10:14:06.500000Z"})"}),
    [](const auto& row) { return std::string(row.param.name); });

struct EndCase {
  const char* name;
  FeedbackResult result;
  bool well;
  const char* remark;
};

void PrintTo(const EndCase& row, std::ostream* out) {
  *out << row.name;
}

FeedbackResult ended(FeedbackEnd end, std::uint64_t num_tuples = 3, std::size_t rest_bytes = 0,
                     std::string detail = {}) {
  FeedbackResult result;
  result.end = end;
  result.num_tuples = num_tuples;
  result.rest_bytes = rest_bytes;
  result.detail = std::move(detail);
  return result;
}

FeedbackResult clean() {
  FeedbackResult result = ended(FeedbackEnd::Complete);
  result.is_clean = true;
  return result;
}

FeedbackResult silent() {
  FeedbackResult result = ended(FeedbackEnd::TimedOut);
  result.is_silent = true;
  return result;
}

class FeedbackRemark : public testing::TestWithParam<EndCase> {};

TEST_P(FeedbackRemark, SaysWhatIsMissing) {
  EXPECT_EQ(feedback_remark(GetParam().result, Endpoint{"localhost", 2196}), GetParam().remark);
  EXPECT_EQ(ended_well(GetParam().result), GetParam().well);
}

INSTANTIATE_TEST_SUITE_P(
    Ends, FeedbackRemark,
    testing::Values(
        EndCase{"Clean", clean(), true, ""},
        EndCase{"NoCloseNotify", ended(FeedbackEnd::Complete), true,
                "localhost:2196 ended without close_notify: if the end is not its own, more was on "
                "the way."},
        EndCase{"Silent", silent(), true,
                "localhost:2196 fell silent and kept the connection open: that is taken for its "
                "end."},
        EndCase{"Truncated", ended(FeedbackEnd::Truncated, 3, 20), false,
                "localhost:2196 ended inside a tuple, of which 20 bytes came: that one is missing. "
                "Those before it count."},
        EndCase{"Implausible",
                ended(FeedbackEnd::Implausible, 0, 6,
                      "a device token of 8387 bytes in the tuple at byte 0: what the service sends "
                      "is no feedback"),
                false,
                "localhost:2196: a device token of 8387 bytes in the tuple at byte 0: what the "
                "service sends is no feedback. Nothing behind it was read; what came before "
                "counts."},
        EndCase{"TimedOut", ended(FeedbackEnd::TimedOut), false,
                "localhost:2196 did not come to an end in time: more may be missing. What came "
                "counts."},
        EndCase{"TimedOutInside", ended(FeedbackEnd::TimedOut, 3, 1), false,
                "localhost:2196 did not come to an end in time, inside a tuple of which 1 byte "
                "came: more may be missing. What came counts."},
        EndCase{"Refused", ended(FeedbackEnd::Lost, 0, 0, "refused: Connection refused"), false,
                "localhost:2196: refused: Connection refused."},
        EndCase{"Reset", ended(FeedbackEnd::Lost, 2, 0, "the connection was reset"), false,
                "localhost:2196: the connection was reset. More may be missing; what came "
                "counts."}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FeedbackSummary, CountsOverTheParts) {
  FeedbackSummary summary;
  EXPECT_EQ(summary.text(0, false), "0 tuples");
  EXPECT_EQ(summary.text(0, true), "0 tuples");
  summary.add(std::vector{kGone});
  EXPECT_EQ(summary.text(1, false), "1 tuple");
  EXPECT_EQ(summary.text(1, true), "1 tuple: 1 to drop, 0 registered again");
  summary.add(std::vector{kAgain, kOlder});
  EXPECT_EQ(summary.text(3, true), "3 tuples: 2 to drop, 1 registered again");
  EXPECT_EQ(summary.text(5, true), "5 tuples for 3 device tokens: 2 to drop, 1 registered again");
}

}  // namespace
}  // namespace apns::cli
