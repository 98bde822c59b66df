#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include "cli/push_session.h"
#include "provider/complete_notification.h"

namespace apns::cli {

/// What push does to each notification before it goes out: fills in what is absent, shortens the
/// alert if that is asked for, and says on `out` what the service will refuse or nobody will get.
/// Of a stream of them it says each kind once, with the first line's number, and then how many.
class PushCompletion {
 public:
  struct Choice {
    bool as_is = false;  // fill in nothing, and find nothing
    bool fit = false;
  };

  /// `route`, what it points to and `out` outlive it.
  PushCompletion(Choice choice, const provider::NotificationRoute& route, std::ostream& out)
      : choice_(choice), route_(route), out_(out) {}

  void complete(Notification& notification) const;

  /// `number`: of the line; 0: there is this one only.
  void finish(Notification& notification, std::uint64_t number);

  /// "payload/fits-the-limit: 3 more lines", a line for each kind that came again.
  void sum_up() const;

 private:
  void fit(Notification& notification, std::uint64_t number);
  void say(const std::string& kind, const std::string& sentence, std::uint64_t number);

  Choice choice_;
  const provider::NotificationRoute& route_;
  std::ostream& out_;
  std::map<std::string, std::uint64_t> num_said_;  // by kind
};

}  // namespace apns::cli
