#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "apns/base/network.h"
#include "provider/feedback_join.h"
#include "provider/feedback_reader.h"

namespace apns::cli {

/// How `apnslab feedback` words what a poll brought; docs/feedback.md.
enum class FeedbackFormat : std::uint8_t {
  Tuples,  // text, without registrations: "a1a1…  gone since 2025-11-25T10:14:05Z"
  Advice,  // text: "drop  a1a1…  gone since …", "keep  a1a1…  gone since …  (registered again at
           // …)"
  JsonTuples,  // {"device_token":"…","timestamp":"…"}
  JsonAdvice,  // the same with "drop", and "registered_at" where one is known
};

/// One line without its end. Device tokens are whole: they are the answer.
[[nodiscard]] std::string feedback_line(const provider::FeedbackAdvice& advice,
                                        FeedbackFormat format);

/// What is to be said about the end of a poll of `service`, in a sentence or two; empty: nothing.
[[nodiscard]] std::string feedback_remark(const provider::FeedbackResult& result,
                                          const Endpoint& service);

/// The poll brought all that the service had to say, as far as can be told: it ended between two
/// tuples, or was silent behind one.
[[nodiscard]] bool ended_well(const provider::FeedbackResult& result);

/// Counts advice over a poll.
class FeedbackSummary {
 public:
  void add(std::span<const provider::FeedbackAdvice> part);

  /// "3 tuples: 2 to drop, 1 registered again"; without registrations "3 tuples for 2 device
  /// tokens", or "3 tuples" if each has its own.
  [[nodiscard]] std::string text(std::uint64_t num_tuples, bool is_joined) const;

 private:
  std::uint64_t num_drop_ = 0;
  std::uint64_t num_keep_ = 0;
};

}  // namespace apns::cli
