#pragma once

#include <optional>
#include <string>

#include "provider/outcome.h"

namespace apns::provider {

/// An outcome with its answer, for as long as one likes. Keeps the memory of its texts for the next
/// one.
class KeptOutcome {
 public:
  void keep(const Outcome& outcome) {
    outcome_ = outcome;
    outcome_.answer = nullptr;
    has_answer_ = outcome.answer != nullptr;
    answer_ = has_answer_ ? *outcome.answer : HttpAnswer{};
    reason_text_ = answer_.reason_text;
    apns_id_ = answer_.apns_id;
  }

  /// Lives until this one is changed or moved.
  [[nodiscard]] Outcome outcome() {
    Outcome outcome = outcome_;
    if (has_answer_) {
      answer_.reason_text = reason_text_;
      answer_.apns_id = apns_id_;
      outcome.answer = &answer_;
    }
    return outcome;
  }

  [[nodiscard]] OutcomeKind kind() const { return outcome_.kind; }

 private:
  Outcome outcome_;
  HttpAnswer answer_;  // its texts are those below
  bool has_answer_ = false;
  std::string reason_text_;
  std::string apns_id_;
};

}  // namespace apns::provider
