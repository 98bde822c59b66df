#include "scenarios/search/search.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <mutex>
#include <thread>

namespace apns::scenarios::search {
namespace {

/// Seeds that a thread takes at once.
constexpr std::uint64_t kChunk = 32;

/// What all threads of a search share.
class Shared {
 public:
  Shared(const SearchOptions& options, const std::function<void(std::uint64_t)>& progress)
      : options_(options), progress_(progress), next_(options.first_seed) {
    report_.first_seed = options.first_seed;
    report_.last_seed = options.last_seed;
  }

  /// Tries seeds until there are none left.
  void work() {
    Runner runner(RuleCatalogue::embedded());
    while (true) {
      const std::uint64_t first = next_.fetch_add(kChunk);
      if (first > options_.last_seed || first > stop_behind_) {
        return;
      }
      try_chunk(first, std::min(first + kChunk - 1, options_.last_seed), runner);
    }
  }

  [[nodiscard]] SearchReport report() && {
    std::ranges::sort(report_.failures, {}, &Failure::seed);
    if (options_.stop_at_first && !report_.failures.empty()) {
      report_.failures.resize(1);
    }
    return std::move(report_);
  }

 private:
  void try_chunk(std::uint64_t first, std::uint64_t last, Runner& runner) {
    Tally tally;
    std::vector<Failure> failures;
    for (std::uint64_t seed = first; seed <= last && seed <= stop_behind_; ++seed) {
      const Case one = options_.make ? options_.make(seed) : make_case(seed, options_.protocol);
      CaseReport report = run_case(one, runner);
      tally.add(one.scenario, report);
      if (!kind_of(report).empty()) {
        failures.push_back(Failure{seed, std::move(report)});
        if (options_.stop_at_first) {
          lower_stop(seed);
        }
      }
    }
    const std::lock_guard lock(mutex_);
    report_.tally.add(tally);
    std::ranges::move(failures, std::back_inserter(report_.failures));
    if (progress_) {
      progress_(report_.tally.conversations);
    }
  }

  void lower_stop(std::uint64_t seed) {
    std::uint64_t seen = stop_behind_;
    while (seed < seen && !stop_behind_.compare_exchange_weak(seen, seed)) {
    }
  }

  const SearchOptions& options_;
  const std::function<void(std::uint64_t)>& progress_;
  std::atomic<std::uint64_t> next_;
  std::atomic<std::uint64_t> stop_behind_{UINT64_MAX};
  std::mutex mutex_;  // over the report
  SearchReport report_;
};

}  // namespace

std::string kind_of(const CaseReport& report) {
  if (report.verdict == CaseVerdict::Error) {
    return "error: " + report.why;
  }
  if (report.findings.empty()) {
    return "";
  }
  const Finding& finding = report.findings.front();
  std::string text;
  for (const char c : finding.is_invariant ? finding.actual : finding.expected) {
    const bool is_number = std::isdigit(static_cast<unsigned char>(c)) != 0 || c == ',' || c == '-';
    if (!is_number && (c != ' ' || (!text.empty() && text.back() != ' '))) {
      text += c;
    }
  }
  return text.ends_with(' ') ? text.substr(0, text.size() - 1) : text;
}

std::string Failure::kind() const {
  return kind_of(report);
}

CaseReport run_case(const Case& one, Runner& runner) {
  return runner.run(one.scenario, one.host, CheckOptions());
}

SearchReport search(const SearchOptions& options,
                    const std::function<void(std::uint64_t)>& progress) {
  const auto start = std::chrono::steady_clock::now();
  Shared shared(options, progress);
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i) {
    threads.emplace_back([&shared] { shared.work(); });
  }
  shared.work();
  for (std::thread& thread : threads) {
    thread.join();
  }
  SearchReport report = std::move(shared).report();
  report.took = std::chrono::steady_clock::now() - start;
  return report;
}

}  // namespace apns::scenarios::search
