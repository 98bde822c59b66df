#include "provider/outcome_batch.h"

#include <utility>

namespace apns::provider {

void OutcomeBatch::add(const Outcome& outcome) {
  Batch& batch = waiting_;
  batch.outcomes.push_back(outcome);
  HttpAnswer& answer = batch.answers.emplace_back();
  Place& place = batch.places.emplace_back();
  if (outcome.answer == nullptr) {
    return;
  }
  answer = *outcome.answer;
  place.apns_id_at = batch.texts.size();
  place.apns_id_len = answer.apns_id.size();
  batch.texts += answer.apns_id;
  if (answer.reason) {
    answer.reason_text = row_of(*answer.reason).name;
    return;
  }
  place.reason_at = batch.texts.size();
  place.reason_len = answer.reason_text.size();
  batch.texts += answer.reason_text;
}

void OutcomeBatch::hand_to(OutcomeSink& sink) {
  std::swap(waiting_, told_);
  const std::string_view texts = told_.texts;
  for (std::size_t i = 0; i < told_.outcomes.size(); ++i) {
    HttpAnswer& answer = told_.answers[i];
    const Place& place = told_.places[i];
    answer.apns_id = texts.substr(place.apns_id_at, place.apns_id_len);
    if (!answer.reason) {
      answer.reason_text = texts.substr(place.reason_at, place.reason_len);
    }
    told_.outcomes[i].answer = &answer;
  }
  sink.outcomes(told_.outcomes);
  told_.outcomes.clear();
  told_.answers.clear();
  told_.places.clear();
  told_.texts.clear();
}

}  // namespace apns::provider
