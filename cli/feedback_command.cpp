#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "apns/base/rfc3339.h"
#include "cli/commands.h"
#include "cli/feedback_report.h"
#include "cli/feedback_session.h"
#include "cli/registrations.h"
#include "cli/signals.h"
#include "cli/target.h"
#include "provider/feedback_join.h"
#include "provider/poll_schedule.h"

namespace apns::cli {

namespace {

constexpr Duration kLongestEvery = std::chrono::hours(24 * 30);
/// For a poll that is under way when a signal comes.
constexpr std::chrono::seconds kFinishLimit{2};

struct FeedbackOptions {
  TargetOptions target;
  Duration every{};
  std::string registrations;
  bool json = false;
};

void complain(const std::string& text) {
  std::cerr << "apnslab feedback: " << text << "\n";
}

/// Polls, joins and prints.
class Feedback {
 public:
  Feedback(const FeedbackOptions& options, const Target& target)
      : json_(options.json),
        tells_time_(options.every > Duration::zero()),
        service_(target.at),
        session_(target, {}) {
    if (!options.registrations.empty()) {
      registrations_.emplace(options.registrations);
      if (tells_time_ && !registrations_->is_file()) {
        throw std::runtime_error("--registrations " + options.registrations +
                                 " can be read once only, and --every needs it each time. Give a "
                                 "file.");
      }
    }
  }

  FeedbackSession& session() { return session_; }

  /// What is wrong with the file is found out before anything is taken off the service's list.
  /// Throws what it is.
  void check_registrations() {
    if (registrations_ && registrations_->is_file()) {
      registrations_->read([](const DeviceToken& /*token*/, WorldTime /*at*/) {});
    }
  }

  /// One poll. False: something is missing, and has been said. Nullopt: it was stopped before it
  /// began.
  std::optional<bool> poll() {
    FeedbackSummary summary;
    bool is_whole = true;
    const auto result =
        session_.poll([&](const GoneSince& part) { is_whole = print(part, summary) && is_whole; });
    if (!result) {
      return std::nullopt;
    }
    if (const std::string remark = feedback_remark(*result, service_); !remark.empty()) {
      complain(remark);
    }
    std::cerr << (tells_time_ ? to_rfc3339(std::chrono::floor<std::chrono::seconds>(
                                    net::SystemClock().now())) +
                                    " "
                              : "")
              << summary.text(result->num_tuples, registrations_.has_value()) << "\n";
    return ended_well(*result) && is_whole;
  }

 private:
  /// False: it could not be joined, and was printed without, or it could not be printed.
  bool print(const GoneSince& part, FeedbackSummary& summary) {
    provider::FeedbackJoin join(part);
    bool is_joined = registrations_.has_value();
    if (registrations_) {
      try {
        registrations_->read(
            [&join](const DeviceToken& token, WorldTime at) { join.registered(token, at); });
      } catch (const std::exception& error) {
        is_joined = false;
        complain(std::string(error.what()) +
                 " What the service had to tell is printed without it, and is off its list.");
      }
    }
    const auto format = json_
                            ? (is_joined ? FeedbackFormat::JsonAdvice : FeedbackFormat::JsonTuples)
                            : (is_joined ? FeedbackFormat::Advice : FeedbackFormat::Tuples);
    const std::vector<provider::FeedbackAdvice> all = join.advice();
    summary.add(all);
    for (const provider::FeedbackAdvice& advice : all) {
      std::cout << feedback_line(advice, format) << '\n';
    }
    std::cout.flush();
    if (!std::cout) {
      complain("standard output cannot be written: what it did not take is lost.");
    }
    return std::cout && is_joined == registrations_.has_value();
  }

  bool json_;
  bool tells_time_;
  Endpoint service_;
  std::optional<Registrations> registrations_;
  FeedbackSession session_;
};

/// One turn of --every: a file that is no good now may be at the next.
std::optional<bool> turn(Feedback& feedback) {
  try {
    feedback.check_registrations();
  } catch (const std::exception& error) {
    complain(std::string(error.what()) + " This turn is left out.");
    return false;
  }
  return feedback.poll();
}

int feedback(const FeedbackOptions& options) {
  const bool is_once = options.every == Duration::zero();
  if (!is_once &&
      (options.every < provider::PollSchedule::kShortest || options.every > kLongestEvery)) {
    throw std::runtime_error("--every must be from 1s to 720h.");
  }
  const StopSignals signals;
  const Target target = find_target(options.target, TargetPort::Feedback);
  Feedback feedback(options, target);
  const StopWatcher watcher(signals, [&feedback] { feedback.session().stop(kFinishLimit); });
  feedback.check_registrations();
  if (is_once) {
    return feedback.poll().value_or(false) ? 0 : 1;
  }
  provider::PollSchedule schedule(options.every);
  bool well = true;
  do {
    schedule.started(net::io_now());
    well = turn(feedback).value_or(well);
    schedule.ended(well, net::io_now());
  } while (feedback.session().wait_until(schedule.due()));
  return well ? 0 : 1;
}

}  // namespace

Command feedback_command() {
  return Command{
      "feedback", "feedback", "which device tokens to drop", "See what happens",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<FeedbackOptions>();
        o.duration("--every", options->every,
                   "poll again and again, so far apart, until a signal; 0s: once");
        o.file("--registrations", options->registrations,
               "file with what your database knows, {\"device_token\":…,\"registered_at\":…} a "
               "line: a device that has registered since is kept; - is standard input");
        o.flag("--json", options->json, "one JSON object a device token; see docs/feedback.md");
        o.heading("The service, and the credentials for it");
        options->target.bind(o, TargetPort::Feedback);
        o.example("apnslab feedback --every 1h --registrations devices.jsonl --json");
        return [options] { return feedback(*options); };
      }};
}

}  // namespace apns::cli
