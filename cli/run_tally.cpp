#include "cli/run_tally.h"

#include "apns/model/binary_status.h"

namespace apns::cli {

namespace {

using mock::EventKind;
using mock::EventOutcome;

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

void add_part(std::string& text, const char* between, const std::string& part) {
  if (!part.empty()) {
    text.append(text.empty() ? "" : between).append(part);
  }
}

std::string counted_unless_none(std::uint64_t number, const char* outcome) {
  return number == 0 ? std::string() : std::to_string(number) + " " + outcome;
}

/// "8 invalid token", "BadDeviceToken"
std::string told(const mock::LedgerEvent& event) {
  if (!event.status) {
    return "without a word";
  }
  if (event.protocol == mock::Protocol::Http2) {
    return event.reason.empty() ? std::to_string(*event.status) : event.reason;
  }
  const BinaryStatusRow* row = find_binary_status(static_cast<std::uint8_t>(*event.status));
  return std::to_string(*event.status) + (row != nullptr ? " " + std::string(row->name) : "");
}

std::string list_of(const std::set<std::string>& rules, const char* level) {
  std::string text;
  for (const std::string& rule : rules) {
    add_part(text, ", ", rule + " (" + level + ")");
  }
  return text;
}

}  // namespace

void RunTally::count(const mock::LedgerEvent& event) {
  switch (event.outcome) {
    case EventOutcome::Opened:
      ++num_opened_;
      return;
    case EventOutcome::Refused:
      ++num_refused_;
      refusal_ = event.detail.empty() ? refusal_ : event.detail;
      return;
    case EventOutcome::Accepted:
      ++num_accepted_;
      return;
    case EventOutcome::Rejected:
      ++num_rejected_;
      ++rejections_[told(event)];
      return;
    case EventOutcome::Discarded:
      num_discarded_ += event.kind == EventKind::Notification ? 1 : 0;
      return;
    case EventOutcome::Read:
      num_tuples_ += event.tuples.value_or(0);
      return;
    case EventOutcome::Must:
      ++num_must_;
      must_rules_.insert(event.rule);
      return;
    case EventOutcome::Should:
      ++num_should_;
      should_rules_.insert(event.rule);
      return;
    default:
      return;
  }
}

std::string RunTally::summary(const std::string& ledger_file) const {
  std::string text = notifications_text();
  if (num_refused_ > 0) {
    add_part(text, "; ", counted(num_refused_, "connection") + " refused");
    add_part(text, " ", refusal_.empty() ? "" : "(" + refusal_ + ")");
  }
  add_part(text, "; ", num_tuples_ == 0 ? "" : counted(num_tuples_, "feedback tuple") + " read");
  add_part(text, "; ", violations_text(ledger_file));
  return text;
}

std::string RunTally::notifications_text() const {
  const std::uint64_t sum = num_accepted_ + num_rejected_ + num_discarded_;
  std::string text = counted(sum, "notification");
  if (sum == 0) {
    if (num_opened_ > 0) {
      return text + " over " + counted(num_opened_, "connection");
    }
    return num_refused_ == 0 ? text + ": no provider connected" : text;
  }
  std::string reasons;
  for (const auto& [reason, number] : rejections_) {
    add_part(reasons, ", ",
             rejections_.size() == 1 ? reason : std::to_string(number) + " x " + reason);
  }
  std::string parts;
  add_part(parts, ", ", counted_unless_none(num_accepted_, "accepted"));
  add_part(parts, ", ", counted_unless_none(num_rejected_, "rejected"));
  add_part(parts, " ", reasons.empty() ? "" : "(" + reasons + ")");
  add_part(parts, ", ", counted_unless_none(num_discarded_, "discarded"));
  return text + ": " + parts;
}

std::string RunTally::violations_text(const std::string& ledger_file) const {
  const std::uint64_t sum = num_must_ + num_should_;
  if (sum == 0) {
    return {};
  }
  std::string levels;
  if (num_must_ == 0 || num_should_ == 0) {
    levels = num_must_ == 0 ? "should" : "must";
  } else {
    levels = std::to_string(num_must_) + " must, " + std::to_string(num_should_) + " should";
  }
  return counted(sum, "violation") + " (" + levels + "), see " +
         (ledger_file.empty() ? "--ledger" : ledger_file);
}

std::optional<std::string> RunTally::failure(FailOn fail_on) const {
  std::string broken;
  if (fail_on != FailOn::Nothing) {
    add_part(broken, ", ", list_of(must_rules_, "must"));
  }
  if (fail_on == FailOn::Should) {
    add_part(broken, ", ", list_of(should_rules_, "should"));
  }
  if (broken.empty()) {
    return std::nullopt;
  }
  return "the provider broke " + broken;
}

}  // namespace apns::cli
