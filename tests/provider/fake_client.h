#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "provider/client.h"

namespace apns::provider::test {

/// An outcome as the fake client gives it.
struct Said {
  OutcomeKind kind = OutcomeKind::Sent;
  OutcomeReason reason = OutcomeReason::None;
  std::uint16_t status = 0;
  std::optional<Reason> known = std::nullopt;
  std::uint32_t reset_code = 0;
  Duration after = std::chrono::milliseconds(1);
};

[[nodiscard]] inline Said sent() {
  return {OutcomeKind::Sent, OutcomeReason::None, 200};
}

[[nodiscard]] inline Said rejected(Reason reason) {
  return {OutcomeKind::Rejected, OutcomeReason::Status, row_of(reason).status, reason};
}

[[nodiscard]] inline Said not_processed() {
  return {OutcomeKind::Rejected, OutcomeReason::NotProcessed};
}

[[nodiscard]] inline Said unsent() {
  return {OutcomeKind::Rejected, OutcomeReason::Unsent};
}

[[nodiscard]] inline Said unknown(OutcomeReason reason, std::uint32_t reset_code = 0) {
  return {OutcomeKind::Unknown, reason, 0, std::nullopt, reset_code};
}

/// Does what a client promises, without a connection: what becomes of each notification `answer`
/// says.
class FakeClient final : public Client {
 public:
  struct Attempt {
    std::string payload;
    DeviceToken device_token;
    TimePoint at{};
  };

  explicit FakeClient(OutcomeSink& sink) : sink_(sink) {}

  void use_dialer(std::unique_ptr<Dialer> dialer) override { dialer_ = std::move(dialer); }

  void release_dialer() override { dialer_.reset(); }

  SendResult try_send(const Notification& notification, std::uint64_t ticket) override {
    if (is_stopped) {
      return SendResult::Stopped;
    }
    if (is_draining_) {
      return SendResult::Draining;
    }
    if (open_.size() >= max_open) {
      wants_room_ = true;
      return SendResult::Full;
    }
    if (notification.payload.empty()) {
      return SendResult::PayloadEmpty;
    }
    for (const Open& one : open_) {
      EXPECT_NE(one.ticket, ticket) << "a ticket that is in use";
    }
    attempts.push_back(Attempt{notification.payload, notification.device_token, dialer_->now()});
    const Said said = answer(attempts.back());
    open_.push_back(Open{ticket, attempts.back().payload, said, dialer_->now() + said.after});
    set_alarm();
    return SendResult::Queued;
  }

  void drain(Duration limit) override {
    is_draining_ = true;
    drain_deadline_ = std::min(drain_deadline_, dialer_->now() + limit);
    is_event_due_ = true;
    set_alarm();
  }

  void stop(const std::string& why) override {
    error = why;
    is_stopped = true;
    end_all(unknown(OutcomeReason::ConnectionLost));
  }

  void tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) override {
    error = failure.text;
  }

  const std::string& last_error() const override { return error; }

  const ClientStats& stats() const override { return stats_; }

  std::size_t num_open() const override { return open_.size(); }

  std::unique_ptr<Engine> connected(const PeerInfo& /*peer*/, EngineHost& /*host*/,
                                    TimePoint /*now*/) override {
    return nullptr;
  }

  void gone(std::uint64_t connection, Gone /*why*/, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    goners.push_back(connection);
  }

  void on_alarm(TimePoint now) override {
    is_event_due_ = false;
    if (now >= drain_deadline_) {
      end_all(unknown(OutcomeReason::DrainLimit));
    }
    tell(now);
    if (std::exchange(wants_room_, false)) {
      if (open_.size() < max_open || is_stopped) {
        sink_.writable();
      } else {
        wants_room_ = true;
      }
    }
    if (is_draining_ && open_.empty() && !std::exchange(drained_said_, true)) {
      sink_.drained();
    }
    set_alarm();
  }

  /// What is open ends so.
  void end_all(const Said& said) {
    for (Open& one : open_) {
      one.said = said;
      one.due = dialer_->now();
    }
    set_alarm();
  }

  std::function<Said(const Attempt&)> answer = [](const Attempt&) { return sent(); };
  std::function<void(const std::string& payload, const Said& said)> on_told;  // just before it is
  std::size_t max_open = 1000;
  std::vector<Attempt> attempts;
  std::vector<std::uint64_t> goners;
  std::string error;
  bool is_stopped = false;

 private:
  struct Open {
    std::uint64_t ticket = 0;
    std::string payload;
    Said said;
    TimePoint due{};
  };

  void tell(TimePoint now) {
    std::vector<Open> due;
    for (const Open& one : open_) {
      if (one.due <= now) {
        due.push_back(one);
      }
    }
    std::erase_if(open_, [now](const Open& one) { return one.due <= now; });
    if (due.empty()) {
      return;
    }
    std::vector<HttpAnswer> answers;
    std::vector<std::string> ids;  // die with the event, as answers do
    for (const Open& one : due) {
      if (on_told) {
        on_told(one.payload, one.said);
      }
      ids.push_back(one.said.status == 0 ? "" : "ID-" + std::to_string(one.ticket));
      HttpAnswer& made = answers.emplace_back();
      made.reason = one.said.known;
      made.reason_text = one.said.known ? row_of(*one.said.known).name : std::string_view();
      made.reset_code = one.said.reset_code;
    }
    std::vector<Outcome> batch;
    for (std::size_t i = 0; i < due.size(); ++i) {
      answers[i].apns_id = ids[i];
      batch.push_back(Outcome{due[i].ticket, due[i].said.kind, due[i].said.reason,
                              due[i].said.status, &answers[i]});
    }
    sink_.outcomes(batch);
  }

  void set_alarm() {
    TimePoint when = is_event_due_ ? dialer_->now() : drain_deadline_;
    for (const Open& one : open_) {
      when = std::min(when, one.due);
    }
    if (drained_said_) {
      when = kNever;
    }
    dialer_->set_alarm(when);
  }

  OutcomeSink& sink_;
  std::unique_ptr<Dialer> dialer_;
  std::vector<Open> open_;
  ClientStats stats_;
  bool wants_room_ = false;
  bool is_draining_ = false;
  bool is_event_due_ = false;
  bool drained_said_ = false;
  TimePoint drain_deadline_ = kNever;
};

}  // namespace apns::provider::test
