#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/outcome.h"

namespace apns::provider {

/// Outcomes of HTTP/2 with their answers, until the sink is told. Takes nothing from the heap once
/// it has grown to what one event brings.
class OutcomeBatch {
 public:
  /// The outcome's answer is copied; null stands for an empty one, so that all have one.
  void add(const Outcome& outcome);

  [[nodiscard]] bool empty() const { return waiting_.outcomes.empty(); }

  /// Tells `sink` all there is, which may add more meanwhile: that waits.
  void hand_to(OutcomeSink& sink);

 private:
  /// Where a text of an answer stands in `texts`.
  struct Place {
    std::size_t apns_id_at = 0;
    std::size_t apns_id_len = 0;
    std::size_t reason_at = 0;
    std::size_t reason_len = 0;  // 0: none, or a known one, which is not copied
  };

  struct Batch {
    std::vector<Outcome> outcomes;
    std::vector<HttpAnswer> answers;  // of each
    std::vector<Place> places;        // of each
    std::string texts;
  };

  Batch waiting_;
  Batch told_;  // empty but while a sink looks at it
};

}  // namespace apns::provider
