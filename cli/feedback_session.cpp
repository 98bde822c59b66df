#include "cli/feedback_session.h"

#include <utility>

#include "cli/target_tls.h"

namespace apns::cli {

namespace {

std::chrono::steady_clock::time_point steady(TimePoint when) {
  return std::chrono::steady_clock::time_point(when.time_since_epoch());
}

provider::FeedbackReaderOptions at_target(provider::FeedbackReaderOptions options,
                                          const Target& target) {
  options.service = target.at;
  return options;
}

}  // namespace

FeedbackSession::FeedbackSession(const Target& target, provider::FeedbackReaderOptions options,
                                 std::size_t max_tokens)
    : context_(tls_options(target)),
      scratch_(tls::make_scratch(1)),
      collector_(max_tokens),
      reader_(at_target(std::move(options), target),
              tls::make_transport(context_, clock_, scratch_, &reader_, {}), *this) {
  reader_.use_dialer(host_.make_dialer(reader_));
  host_.start();
}

FeedbackSession::~FeedbackSession() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    changed_.notify_all();
  }
  host_.run_on(0, [this] { reader_.release_dialer(); });
  host_.stop();
}

std::optional<provider::FeedbackResult> FeedbackSession::poll(
    const std::function<void(GoneSince)>& on_tuples) {
  std::unique_lock lock(mutex_);
  if (give_up_at_) {
    return std::nullopt;
  }
  result_.reset();
  host_.post(0, [this] { (void)reader_.poll(clock_.now()); });
  bool was_given_up = false;
  const auto has_news = [this] { return part_ || result_; };
  for (;;) {
    if (!give_up_at_ || was_given_up) {
      changed_.wait(lock, [&] { return has_news() || (give_up_at_ && !was_given_up); });
    } else {
      changed_.wait_until(lock, steady(*give_up_at_), has_news);
    }
    if (part_) {
      GoneSince part = std::move(*part_);
      part_.reset();
      changed_.notify_all();
      lock.unlock();
      on_tuples(std::move(part));
      lock.lock();
    } else if (result_) {
      return result_;
    } else if (give_up_at_ && !was_given_up && net::io_now() >= *give_up_at_) {
      was_given_up = true;
      host_.post(0, [this] { reader_.give_up(); });
    }
  }
}

bool FeedbackSession::wait_until(TimePoint when) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, steady(when), [this] { return give_up_at_.has_value(); });
}

void FeedbackSession::stop(std::chrono::milliseconds limit) {
  const std::lock_guard lock(mutex_);
  give_up_at_ = net::io_now() + limit;
  changed_.notify_all();
}

void FeedbackSession::tuple(const binary::FeedbackTuple& tuple) {
  if (collector_.is_full()) {
    hand_over();
  }
  collector_.tuple(tuple);
}

void FeedbackSession::finished(const provider::FeedbackResult& result) {
  hand_over();
  const std::lock_guard lock(mutex_);
  result_ = result;
  changed_.notify_all();
}

// Waits until the part before is taken, so that no more than two are kept; the connection waits
// too.
void FeedbackSession::hand_over() {
  GoneSince part = collector_.take();
  if (part.empty()) {
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !part_ || is_closing_; });
  part_ = std::move(part);
  changed_.notify_all();
}

}  // namespace apns::cli
