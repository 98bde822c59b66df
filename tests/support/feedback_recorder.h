#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "provider/feedback_reader.h"
#include "tests/support/feedback_world.h"

namespace apns::test {

/// Collects what a feedback reader tells, and holds it to its promises: finished last, once per
/// poll.
class FeedbackRecorder final : public provider::FeedbackSink {
 public:
  void tuple(const binary::FeedbackTuple& tuple) override {
    tuples.push_back(tuple);
    numbers.push_back(tuple.timestamp - kFeedbackEpoch);
    if (on_tuple) {
      on_tuple();
    }
  }

  void finished(const provider::FeedbackResult& result) override {
    EXPECT_EQ(num_tuples_told_ + result.num_tuples, tuples.size()) << "all tuples came before";
    num_tuples_told_ = tuples.size();
    results.push_back(result);
    if (on_finished) {
      on_finished();
    }
  }

  std::vector<binary::FeedbackTuple> tuples;
  std::vector<std::uint32_t> numbers;  // of tuples that FeedbackWorld filled
  std::vector<provider::FeedbackResult> results;
  std::function<void()> on_tuple;
  std::function<void()> on_finished;

 private:
  std::size_t num_tuples_told_ = 0;
};

/// "complete 3 at 114", with "not clean" and the bytes of the rest where there are such.
[[nodiscard]] inline std::string to_text(const provider::FeedbackResult& result) {
  std::string text = std::string(to_string(result.end)) + " " + std::to_string(result.num_tuples) +
                     " at " + std::to_string(result.offset);
  if (result.end == provider::FeedbackEnd::Complete && !result.is_clean) {
    text += ", not clean";
  }
  if (result.rest_bytes > 0) {
    text += ", rest " + std::to_string(result.rest_bytes);
  }
  return text;
}

}  // namespace apns::test
