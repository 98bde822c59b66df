#include "mock_apns/testing/test_service.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "certs/state_folder.h"
#include "mock_apns/control/event_matcher.h"
#include "mock_apns/control/expectation.h"
#include "mock_apns/default_world.h"

namespace apns::mock {

namespace {

using Json = nlohmann::ordered_json;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "apnslab-test.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw std::runtime_error("cannot make the folder " + pattern +
                               ". Let TMPDIR name one that you may write to.");
    }
    path_ = pattern;
  }

  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Lets one who waits know that the ledger has grown.
class Growth {
 public:
  void tell() {
    {
      const std::lock_guard lock(mutex_);
      ++num_;
    }
    grown_.notify_all();
  }

  [[nodiscard]] std::uint64_t num() {
    const std::lock_guard lock(mutex_);
    return num_;
  }

  /// Until it is more than `seen`, or `deadline` is over.
  void wait(std::uint64_t seen, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    grown_.wait_until(lock, deadline, [this, seen] { return num_ > seen; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable grown_;
  std::uint64_t num_ = 0;
};

ServiceOptions options_on_free_ports() {
  ServiceOptions options;
  options.http2_port = 0;
  options.http2_port_development = 0;
  options.gateway_port = 0;
  options.gateway_port_development = 0;
  options.feedback_port = 0;
  options.feedback_port_development = 0;
  options.world = default_world();
  return options;
}

ServiceEvents events_to(Growth& growth) {
  ServiceEvents events;
  events.ledger = [&growth](const LedgerEvent&) { growth.tell(); };
  return events;
}

control::EventMatcher matcher_of(std::string_view match) {
  return control::EventMatcher(json::parse(match, "match"));
}

std::string difference_text(const Json& difference) {
  const std::string is =
      difference.contains("actual") ? " is " + difference["actual"].dump() : " is not there";
  return difference["pointer"].get<std::string>() + is + ", expected " +
         difference["expected"].dump();
}

/// Of the problem document of an expectation.
std::string failure_text(std::string_view match, const std::string& body) {
  const Json problem = Json::parse(body);
  std::string text = problem["title"].get<std::string>() + ": " + std::string(match);
  if (problem.contains("items")) {
    for (const Json& event : problem["items"]) {
      text += "\n  found: " + event.dump();
    }
    return text;
  }
  const Json& nearest = problem["nearest"];
  if (nearest.empty()) {
    text += "\n  The ledger has nothing of the kind.";
  }
  for (const Json& one : nearest) {
    text += "\n  near: " + one["event"].dump();
    for (const Json& difference : one["differs"]) {
      text += "\n    " + difference_text(difference);
    }
  }
  return text;
}

}  // namespace

struct TestService::Impl {
  TemporaryFolder folder;
  Growth growth;  // the service tells it, so it goes last
  Service service{options_on_free_ports(), certs::open_state_folder(folder.path()),
                  events_to(growth)};
  ServiceInfo info = info_of(service, folder.path());
};

TestService& TestService::shared() {
  static TestService service;
  return service;
}

TestService::TestService() : impl_(std::make_unique<Impl>()) {}

TestService::~TestService() = default;

Service& TestService::service() {
  return impl_->service;
}

const ServiceInfo& TestService::info() const {
  return impl_->info;
}

std::filesystem::path TestService::file(std::string_view name) const {
  return impl_->folder.path() / name;
}

bool TestService::reset() {
  return impl_->service.reset().has_value();
}

std::optional<std::string> TestService::missed(std::string_view match, const Expected& expected) {
  control::ExpectPlan plan;
  plan.match = matcher_of(match);
  plan.within = expected.within;
  if (expected.count) {
    plan.min = plan.max = *expected.count;
  }
  const auto start = std::chrono::steady_clock::now();
  control::Expectation expectation(std::move(plan), *impl_->service.ledger(), TimePoint());
  for (;;) {
    const std::uint64_t seen = impl_->growth.num();
    const auto response = expectation.poll(TimePoint(std::chrono::steady_clock::now() - start));
    if (response) {
      return response->status == 200 ? std::nullopt
                                     : std::optional(failure_text(match, response->body));
    }
    impl_->growth.wait(seen, start + expected.within);
  }
}

std::vector<LedgerEvent> TestService::events(std::string_view match) const {
  const control::EventMatcher matcher = matcher_of(match);
  std::vector<LedgerEvent> found = impl_->service.ledger()->snapshot();
  std::erase_if(found, [&matcher](const LedgerEvent& event) { return !matcher.matches(event); });
  return found;
}

}  // namespace apns::mock
