#include "cli/push_completion.h"

#include <string>
#include <utility>

#include "provider/check_notification.h"
#include "provider/fit_payload.h"

namespace apns::cli {

namespace {

std::string sentence_of(const provider::NotificationFinding& finding) {
  std::string text = finding.found;
  text += finding.refusal ? ": " + reason_text(*finding.refusal)
                          : ": the service takes it, and it does not do what was meant";
  return text.append(". Right: ").append(finding.fix) + ".";
}

std::string shortened_text(const char* name, const provider::FittedPayload::Text& text) {
  return text.bytes == text.bytes_before
             ? std::string()
             : std::string(name) + " " + std::to_string(text.bytes_before) + " to " +
                   std::to_string(text.bytes) + " bytes";
}

std::string fitted_text(const provider::FittedPayload& fitted) {
  std::string text;
  for (const std::string& one :
       {shortened_text("body", fitted.body), shortened_text("subtitle", fitted.subtitle),
        shortened_text("title", fitted.title)}) {
    text += (text.empty() || one.empty() ? "" : ", ") + one;
  }
  return text;
}

}  // namespace

void PushCompletion::complete(Notification& notification) const {
  if (!choice_.as_is) {
    provider::complete_notification(notification, route_);
  }
}

void PushCompletion::finish(Notification& notification, std::uint64_t number) {
  complete(notification);
  if (choice_.fit) {
    fit(notification, number);
  }
  if (choice_.as_is) {
    return;
  }
  for (const provider::NotificationFinding& finding :
       provider::check_notification(notification, route_)) {
    say(std::string(finding.source), sentence_of(finding), number);
  }
}

void PushCompletion::fit(Notification& notification, std::uint64_t number) {
  provider::FittedPayload fitted =
      provider::fit_payload(notification.payload, provider::payload_limit(notification, route_));
  if (fitted.kind == provider::FittedPayload::Kind::Shortened) {
    say("--fit", "the alert was shortened: " + fitted_text(fitted) + ".", number);
    notification.payload = std::move(fitted.payload);
  }
}

void PushCompletion::say(const std::string& kind, const std::string& sentence,
                         std::uint64_t number) {
  if (++num_said_[kind] == 1) {
    out_ << "apnslab push: " << (number == 0 ? "" : "line " + std::to_string(number) + ": ") << kind
         << ": " << sentence << "\n";
  }
}

void PushCompletion::sum_up() const {
  for (const auto& [kind, num] : num_said_) {
    if (num > 1) {
      out_ << "apnslab push: " << kind << ": " << num - 1 << " more line" << (num == 2 ? "" : "s")
           << ".\n";
    }
  }
}

}  // namespace apns::cli
