#include "scenarios/search/shrinker.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "scenarios/runner/scenario_loader.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/search/simplifications.h"

namespace apns::scenarios::search {
namespace {

/// The scenario with those notifications only that are marked; steps without any are gone. Numbers
/// close up, and so do the device tokens that are made from them.
Scenario with_notifications(const Scenario& scenario, const std::vector<bool>& keep) {
  Scenario less = scenario;
  less.notifications.clear();
  less.workload.clear();
  for (const Step& step : scenario.workload) {
    const auto* send = std::get_if<SendStep>(&step.action);
    if (send == nullptr) {
      less.workload.push_back(step);
      continue;
    }
    const std::uint64_t first = less.notifications.size() + 1;
    for (std::uint64_t n = send->first; n <= send->last; ++n) {
      if (!keep[n - 1]) {
        continue;
      }
      Notification notification = scenario.notifications[n - 1];
      if (notification.device_token == device_token_of(static_cast<std::uint32_t>(n))) {
        notification.device_token =
            device_token_of(static_cast<std::uint32_t>(less.notifications.size() + 1));
      }
      less.notifications.push_back(std::move(notification));
    }
    if (less.notifications.size() >= first) {
      less.workload.push_back(step);
      less.workload.back().action = SendStep{first, less.notifications.size()};
    }
  }
  return less;
}

template <class T>
std::vector<T> kept(const std::vector<T>& all, const std::vector<bool>& keep) {
  std::vector<T> some;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (keep[i]) {
      some.push_back(all[i]);
    }
  }
  return some;
}

class Shrinker {
 public:
  Shrinker(const Case& original, const Judge& judge)
      : judge_(judge), kind_(judge(original)), smallest_(original) {}

  Shrunk run() && {
    (void)attempt(smallest_);  // as its file has it
    if (smallest_.host == HostKind::MemoryTls) {
      Case plain = smallest_;
      plain.host = HostKind::Memory;
      (void)attempt(std::move(plain));
    }
    bool is_smaller = true;
    while (is_smaller && num_tries_ < kMostTries) {
      is_smaller = false;
      is_smaller = leave_out_notifications() || is_smaller;
      is_smaller = leave_out_faults() || is_smaller;
      is_smaller = leave_out_service_steps() || is_smaller;
      is_smaller = leave_out_links() || is_smaller;
      is_smaller = leave_out_steps() || is_smaller;
      is_smaller = simplify() || is_smaller;
    }
    return Shrunk{std::move(smallest_), num_tries_};
  }

 private:
  /// Takes the case if it goes wrong in the same way. False: it does not, or no file can have it.
  bool attempt(Case candidate) {
    if (num_tries_ >= kMostTries || candidate.scenario.notifications.empty()) {
      return false;
    }
    name_faults(candidate.scenario);
    finish_scenario(candidate.scenario);
    std::ostringstream text;
    try {
      write_scenario(candidate.scenario, text);
      candidate.scenario = load_scenario(text.str(), candidate.scenario.file);
      candidate.scenario.pattern = candidate.scenario.file;
    } catch (const std::exception&) {
      return false;  // what is left of it makes no sense
    }
    ++num_tries_;
    if (judge_(candidate) != kind_) {
      return false;
    }
    smallest_ = std::move(candidate);
    return true;
  }

  /// Delta debugging: tries to do without each half of `size` things, each quarter, ..., each one.
  /// `without` makes the case that has only the marked ones of smallest_.
  template <class Count, class Make>
  bool leave_out(const Count& count, const Make& make) {
    bool is_smaller = false;
    std::size_t piece = std::max<std::size_t>(count() / 2, 1);
    while (true) {
      for (std::size_t at = 0; at < count();) {
        std::vector<bool> keep(count(), true);
        const std::size_t end = std::min(at + piece, count());
        std::fill(keep.begin() + static_cast<std::ptrdiff_t>(at),
                  keep.begin() + static_cast<std::ptrdiff_t>(end), false);
        if (attempt(make(keep))) {
          is_smaller = true;
        } else {
          at = end;
        }
      }
      if (piece == 1) {
        return is_smaller;
      }
      piece = std::max<std::size_t>(piece / 2, 1);
    }
  }

  bool leave_out_notifications() {
    return leave_out([this] { return smallest_.scenario.notifications.size(); },
                     [this](const std::vector<bool>& keep) {
                       Case less = smallest_;
                       less.scenario = with_notifications(smallest_.scenario, keep);
                       return less;
                     });
  }

  bool leave_out_faults() {
    return leave_out([this] { return smallest_.scenario.faults.size(); },
                     [this](const std::vector<bool>& keep) {
                       Case less = smallest_;
                       less.scenario.faults = kept(smallest_.scenario.faults, keep);
                       return less;
                     });
  }

  bool leave_out_links() {
    return leave_out([this] { return smallest_.scenario.network->size(); },
                     [this](const std::vector<bool>& keep) {
                       Case less = smallest_;
                       less.scenario.network = kept(*smallest_.scenario.network, keep);
                       return less;
                     });
  }

  /// Of each connection's script; one that has none left is served as usual.
  bool leave_out_service_steps() {
    bool is_smaller = false;
    for (std::size_t i = 0; i < smallest_.scenario.connections.size(); ++i) {
      // Connections behind the last script may be gone meanwhile.
      const auto count = [this, i] {
        const auto& scripts = smallest_.scenario.connections;
        return i < scripts.size() ? scripts[i].steps.size() : 0;
      };
      const bool is_shorter = leave_out(count, [this, i](const std::vector<bool>& keep) {
        Case less = smallest_;
        ConnectionScript& script = less.scenario.connections[i];
        script.steps = kept(script.steps, keep);
        if (script.steps.empty()) {
          script.settings.reset();
        }
        drop_served_at_the_end(less.scenario);
        return less;
      });
      is_smaller = is_shorter || is_smaller;
    }
    return is_smaller;
  }

  /// Behind the last script connections are served as usual anyhow.
  static void drop_served_at_the_end(Scenario& scenario) {
    while (!scenario.connections.empty() && scenario.connections.back().steps.empty()) {
      scenario.connections.pop_back();
    }
  }

  /// Pauses alone: sends go with their notifications, and the drain stays.
  bool leave_out_steps() {
    bool is_smaller = false;
    for (std::size_t i = smallest_.scenario.workload.size(); i-- > 0;) {
      if (std::holds_alternative<AdvanceStep>(smallest_.scenario.workload[i].action)) {
        Case less = smallest_;
        less.scenario.workload.erase(less.scenario.workload.begin() +
                                     static_cast<std::ptrdiff_t>(i));
        is_smaller = attempt(std::move(less)) || is_smaller;
      }
    }
    return is_smaller;
  }

  bool simplify() {
    bool is_smaller = false;
    for (std::size_t i = 0;; ++i) {
      std::optional<Scenario> simpler = simplified(smallest_.scenario, i);
      if (!simpler) {
        return is_smaller;
      }
      if (!same_text(*simpler, smallest_.scenario)) {
        Case candidate = smallest_;
        candidate.scenario = std::move(*simpler);
        is_smaller = attempt(std::move(candidate)) || is_smaller;
      }
    }
  }

  /// Would both be the same file?
  static bool same_text(Scenario simpler, const Scenario& scenario) {
    std::ostringstream one;
    std::ostringstream other;
    try {
      name_faults(simpler);
      finish_scenario(simpler);
      write_scenario(simpler, one);
      write_scenario(scenario, other);
    } catch (const std::invalid_argument&) {
      return true;  // not a file: not worth a try
    }
    return one.str() == other.str();
  }

  const Judge& judge_;
  std::string kind_;
  Case smallest_;
  std::uint64_t num_tries_ = 0;
};

}  // namespace

Shrunk shrink(const Case& original, const Judge& judge) {
  return Shrinker(original, judge).run();
}

}  // namespace apns::scenarios::search
