// Mistakes of providers that speak HTTP/2, out of field reports.
#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "scenarios/deviations/http2_deviator.h"

namespace apns::scenarios {
namespace {

using http2::FrameType;
using http2::SettingId;
using provider::Outcome;
using provider::OutcomeKind;
using provider::OutcomeReason;

constexpr std::uint16_t kOk = 200;

bool is_settings(const http2::FrameHeader& header) {
  return header.is(FrameType::Settings) && !header.has(http2::flag::kAck);
}

/// A SETTINGS frame with another value where it has that setting.
Bytes with_setting(ByteView payload, SettingId wanted, std::uint32_t value) {
  std::vector<http2::Setting> entries;
  for (std::size_t i = 0; (i + 1) * http2::kSettingLen <= payload.size(); ++i) {
    const http2::Setting entry = http2::decode_setting(payload, i);
    entries.emplace_back(entry.id, entry.is(wanted) ? value : entry.value);
  }
  Bytes out;
  http2::append_settings(out, entries);
  return out;
}

// ---- Outcomes ----------------------------------------------------------------------------------

class RejectionIsSent final : public Http2Deviator {
  std::optional<Outcome> told(const Outcome& outcome) override {
    Outcome changed = outcome;
    if (outcome.reason == OutcomeReason::Status) {
      changed.kind = OutcomeKind::Sent;
      changed.reason = OutcomeReason::None;
    }
    return changed;
  }
};

class WithoutAReasonIsSent final : public Http2Deviator {
  std::optional<Outcome> told(const Outcome& outcome) override {
    Outcome changed = outcome;
    if (outcome.reason == OutcomeReason::Status && outcome.answer->reason_text.empty()) {
      changed.kind = OutcomeKind::Sent;
      changed.reason = OutcomeReason::None;
      changed.status = kOk;
    }
    return changed;
  }
};

class LostIsRejected final : public Http2Deviator {
  std::optional<Outcome> told(const Outcome& outcome) override {
    Outcome changed = outcome;
    if (outcome.reason == OutcomeReason::ConnectionLost) {
      changed.kind = OutcomeKind::Rejected;
      changed.reason = OutcomeReason::Unsent;
    }
    return changed;
  }
};

class UnknownIsForgotten final : public Http2Deviator {
  std::optional<Outcome> told(const Outcome& outcome) override {
    return outcome.kind == OutcomeKind::Unknown ? std::nullopt : std::optional(outcome);
  }
};

class RefusedIsUnknown final : public Http2Deviator {
  std::optional<Outcome> told(const Outcome& outcome) override {
    Outcome changed = outcome;
    if (outcome.reason == OutcomeReason::NotProcessed) {
      changed.kind = OutcomeKind::Unknown;
      changed.reason = OutcomeReason::Reset;
    }
    return changed;
  }
};

/// Changes answers; they live until the sink has looked at them.
class AnswerDeviator : public Http2Deviator {
 protected:
  virtual void change(const Outcome& outcome, provider::HttpAnswer& answer) = 0;

  /// Its place, for as long as answers may view it.
  std::string& keep(std::string_view text) { return texts_.emplace_back(text); }

 private:
  std::optional<Outcome> told(const Outcome& outcome) override {
    if (outcome.answer == nullptr) {
      return outcome;
    }
    provider::HttpAnswer& answer = answers_.emplace_back(*outcome.answer);
    change(outcome, answer);
    Outcome changed = outcome;
    changed.answer = &answer;
    return changed;
  }

  std::deque<provider::HttpAnswer> answers_;
  std::deque<std::string> texts_;
};

class TimestampInSeconds final : public AnswerDeviator {
  void change(const Outcome& /*outcome*/, provider::HttpAnswer& answer) override {
    if (answer.timestamp_ms) {
      *answer.timestamp_ms /= 1000;
    }
  }
};

class NewReasonsAreLost final : public AnswerDeviator {
  void change(const Outcome& /*outcome*/, provider::HttpAnswer& answer) override {
    if (!answer.reason) {
      answer.reason_text = {};
    }
  }
};

class ApnsIdInLowerCase final : public AnswerDeviator {
  void change(const Outcome& /*outcome*/, provider::HttpAnswer& answer) override {
    std::string& id = keep(answer.apns_id);
    std::ranges::transform(id, id.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.apns_id = id;
  }
};

/// Answers are given to requests in the order of asking, as if HTTP/2 were HTTP/1.1.
class AnswersAreShifted final : public AnswerDeviator {
  void change(const Outcome& outcome, provider::HttpAnswer& answer) override {
    if (outcome.status != 0) {
      const std::string_view before = last_.empty() ? answer.apns_id : last_;
      last_ = keep(answer.apns_id);
      answer.apns_id = before;
    }
  }

  std::string_view last_;  // apns-id
};

// ---- What the service says ---------------------------------------------------------------------

template <FrameType type>
class IsIgnored final : public Http2Deviator {
  std::optional<Bytes> to_provider(const Frame& frame) override {
    return frame.header.is(type) ? std::optional(Bytes()) : std::nullopt;
  }
};

class LimitIsIgnored final : public Http2Deviator {
  std::optional<Bytes> to_provider(const Frame& frame) override {
    if (!is_settings(frame.header)) {
      return std::nullopt;
    }
    return with_setting(frame.payload(), SettingId::MaxConcurrentStreams, 100'000);
  }
};

class FirstLimitStays final : public Http2Deviator {
  std::optional<Bytes> to_provider(const Frame& frame) override {
    if (!is_settings(frame.header) || seen_.insert(frame.connection).second) {
      return std::nullopt;
    }
    Bytes none;
    http2::append_settings(none, {});
    return none;
  }

  std::set<std::uint64_t> seen_;
};

class WindowIsIgnored final : public Http2Deviator {
  std::optional<Bytes> to_provider(const Frame& frame) override {
    if (!is_settings(frame.header)) {
      return std::nullopt;
    }
    return with_setting(frame.payload(), SettingId::InitialWindowSize, http2::kMaxWindow);
  }
};

class EndGoesUnnoticed final : public Http2Deviator {
  std::optional<End> ended(std::uint64_t /*connection*/, End /*end*/) override {
    return std::nullopt;
  }
};

// ---- What the provider says --------------------------------------------------------------------

template <FrameType type>
class IsNotSaid final : public Http2Deviator {
  std::optional<Bytes> to_service(const Frame& frame) override {
    return frame.header.is(type) ? std::optional(Bytes()) : std::nullopt;
  }
};

class SettingsAreNotAcknowledged final : public Http2Deviator {
  std::optional<Bytes> to_service(const Frame& frame) override {
    const bool is_ack = frame.header.is(FrameType::Settings) && frame.header.has(http2::flag::kAck);
    return is_ack ? std::optional(Bytes()) : std::nullopt;
  }
};

class NothingIsPinged final : public Http2Deviator {
  void change_http2_client(provider::Http2ClientOptions& options) override {
    options.ping_after = Duration::max();
    options.ping_limit = Duration::max();
  }
};

class NoRequestLimit final : public Http2Deviator {
  void change_http2_client(provider::Http2ClientOptions& options) override {
    options.request_limit = Duration::max();
  }
};

class RefusedConnectDrops final : public Http2Deviator {
  void change_http2_client(provider::Http2ClientOptions& options) override {
    options.dial.max_attempts = 1;
  }
};

class TokenPerRequest final : public Http2Deviator {
  [[nodiscard]] std::string_view provider_token() const override { return "one-per-request"; }
};

class TokenIsNeverRenewed final : public Http2Deviator {
  [[nodiscard]] std::string_view provider_token() const override { return "kept-for-ever"; }
};

class SignatureInDer final : public Http2Deviator {
  [[nodiscard]] std::string_view provider_token() const override { return "der-signature"; }
};

template <class Kind>
constexpr Deviation row(std::string_view name, std::string_view reports, std::string_view what) {
  return Deviation{name, reports, what,
                   []() -> std::unique_ptr<Deviator> { return std::make_unique<Kind>(); },
                   Deviant::Http2Client};
}

constexpr auto kDeviations = std::to_array<Deviation>({
    row<IsIgnored<FrameType::RstStream>>("resets-are-ignored", "D55",
                                         "a stream that the service resets is waited for"),
    row<RefusedIsUnknown>("refused-is-unknown", "D55",
                          "what was not processed is told as any other reset"),
    row<LimitIsIgnored>("limit-is-ignored", "D58, D61",
                        "as many streams are open as there is to send"),
    row<FirstLimitStays>("first-limit-stays", "D58, D74", "a limit that changes is not seen"),
    row<SettingsAreNotAcknowledged>("settings-are-not-acknowledged", "D58",
                                    "SETTINGS of the service are not acknowledged"),
    row<IsIgnored<FrameType::Goaway>>("goaway-is-ignored", "E75, E78",
                                      "a connection that said GOAWAY is used as before"),
    row<EndGoesUnnoticed>("end-of-http2-goes-unnoticed", "E82", "an end of stream is not noticed"),
    row<UnknownIsForgotten>("unknown-is-forgotten", "E83, E91",
                            "what a lost connection leaves open is told to nobody"),
    row<RefusedConnectDrops>("failed-connect-ends-all", "E87",
                             "the first failed connect is the last"),
    row<LostIsRejected>("lost-is-rejected", "E90", "a lost connection is taken for a rejection"),
    row<NoRequestLimit>("no-request-limit", "F93, F94", "an answer is waited for for ever"),
    row<IsNotSaid<FrameType::RstStream>>("cancelled-in-silence", "F93",
                                         "a request that is given up is not reset"),
    row<NothingIsPinged>("nothing-is-pinged", "F97, F98",
                         "a connection that says nothing is never asked"),
    row<IsNotSaid<FrameType::WindowUpdate>>("windows-are-kept", "F101",
                                            "windows are not given back"),
    row<WindowIsIgnored>("window-is-ignored", "F102", "the window of a stream is not looked at"),
    row<ApnsIdInLowerCase>("apns-id-in-lower-case", "H125", "the apns-id is not told as it came"),
    row<TimestampInSeconds>("timestamp-in-seconds", "I127",
                            "the time of a 410 is taken for seconds"),
    row<NewReasonsAreLost>("new-reasons-are-lost", "I129",
                           "a reason that is not in the list is lost"),
    row<WithoutAReasonIsSent>("without-a-reason-is-sent", "I130",
                              "success is where no reason is found"),
    row<RejectionIsSent>("rejection-is-sent", "I131",
                         "an answer is an answer: all of them count as sent"),
    row<AnswersAreShifted>("answers-are-shifted", "I137", "an answer is told of the next request"),
    row<TokenPerRequest>("token-per-request", "J139", "a provider token for each request"),
    row<TokenIsNeverRenewed>("token-is-never-renewed", "J145",
                             "the first provider token is kept for ever"),
    row<SignatureInDer>("signature-in-der", "J151", "provider tokens are signed in DER"),
});

}  // namespace

std::span<const Deviation> http2_deviations() {
  return kDeviations;
}

}  // namespace apns::scenarios
