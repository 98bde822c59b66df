#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/outcome.h"

namespace apns::provider::test {

/// Collects outcomes and holds the client to its promises: one outcome for each ticket, never from
/// inside a call, drained once and last.
class RecordingSink final : public OutcomeSink {
 public:
  void outcomes(std::span<const Outcome> batch) override {
    EXPECT_FALSE(is_in_call) << "outcomes from inside a call to the client";
    EXPECT_FALSE(batch.empty());
    EXPECT_EQ(num_drained, 0) << "an outcome after drained()";
    for (const Outcome& outcome : batch) {
      EXPECT_EQ(by_ticket.count(outcome.ticket), 0U) << "a second outcome for " << outcome.ticket;
      keep(outcome);
      lines.push_back(std::to_string(outcome.ticket) + " " + to_string(outcome.kind) +
                      (outcome.kind == OutcomeKind::Sent ? "" : ": " + reason_text(outcome)));
    }
    if (on_outcomes) {
      on_outcomes();
    }
  }

  void writable() override {
    EXPECT_FALSE(is_in_call) << "writable from inside a call to the client";
    ++num_writable;
    if (on_writable) {
      on_writable();
    }
  }

  void drained() override {
    EXPECT_FALSE(is_in_call) << "drained from inside a call to the client";
    ++num_drained;
  }

  /// What HTTP/2 tells besides, kept for longer than outcomes() takes.
  struct Answer {
    std::optional<Reason> reason;
    std::string reason_text;
    std::string apns_id;
    std::optional<std::uint64_t> timestamp_ms;
  };

  std::vector<std::string> lines;  // "3 rejected: 8 (invalid token)", in the order of reporting
  std::map<std::uint64_t, Outcome> by_ticket;  // without their answers
  std::map<std::uint64_t, Answer> answers;
  int num_writable = 0;
  int num_drained = 0;
  bool is_in_call = false;
  std::function<void()> on_outcomes;
  std::function<void()> on_writable;

 private:
  void keep(Outcome outcome) {
    if (const HttpAnswer* answer = std::exchange(outcome.answer, nullptr)) {
      answers[outcome.ticket] = {answer->reason, std::string(answer->reason_text),
                                 std::string(answer->apns_id), answer->timestamp_ms};
    }
    by_ticket.emplace(outcome.ticket, outcome);
  }
};

inline LinkOptions refused() {
  LinkOptions link;
  link.refuse = true;
  return link;
}

inline LinkOptions hanging() {
  LinkOptions link;
  link.hang = true;
  return link;
}

}  // namespace apns::provider::test
