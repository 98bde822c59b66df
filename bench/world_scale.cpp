// How the world scales: memory per device token, the cost of a look-up among 10^4 to 10^7 tokens,
// and verdicts at a fixed rate while another thread changes a million tokens.
//
//   world_scale [--tokens 10000000] [--changes 1000000] [--rate 1000000]
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include "apns/base/random.h"
#include "apns/base/time.h"
#include "apns/binary/notification_codec.h"
#include "mock_apns/verdict.h"
#include "mock_apns/world/world.h"

namespace apns::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Token = std::array<std::byte, 32>;

constexpr std::string_view kTopic = "com.example.app";
constexpr std::size_t kPayloadLen = 100;

Token token_of(std::uint64_t n) {
  std::array<std::uint64_t, 4> words{};
  for (std::uint64_t i = 0; i < words.size(); ++i) {
    words.at(i) = random_u64(4711, n, i);
  }
  Token token;
  std::memcpy(token.data(), words.data(), token.size());
  return token;
}

double ns_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

std::size_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long size = 0;
  unsigned long resident = 0;
  const bool is_read = file != nullptr && std::fscanf(file, "%lu %lu", &size, &resident) == 2;
  if (file != nullptr) {
    (void)std::fclose(file);
  }
  return is_read ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

/// Latencies in nanoseconds; each bucket is 1/8 of a power of two wide.
class Histogram {
 public:
  void add(double ns) {
    const auto value = static_cast<std::uint64_t>(ns);
    const std::size_t power =
        value < 8 ? 3U : 63U - static_cast<std::size_t>(__builtin_clzll(value));
    const std::size_t step = (value >> (power - 3U)) & 7U;
    ++counts_.at((power - 3) * 8 + step);
    ++total_;
    max_ = std::max(max_, ns);
  }

  [[nodiscard]] double quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_.at(i);
      if (seen > wanted) {
        return static_cast<double>((8 + i % 8 + 1) << (i / 8));
      }
    }
    return max_;
  }

  [[nodiscard]] double max() const { return max_; }

 private:
  static constexpr std::size_t kNumBuckets = std::size_t{61} * 8;

  std::array<std::uint64_t, kNumBuckets> counts_{};
  std::uint64_t total_ = 0;
  double max_ = 0;
};

struct Options {
  std::uint64_t tokens = 10'000'000;
  std::uint64_t changes = 1'000'000;
  std::uint64_t rate = 1'000'000;
};

/// A verdict on a notification to token `n`, as the gateway asks for it.
bool is_accepted(const mock::VerdictContext& context, std::uint64_t n) {
  static const std::array<std::byte, kPayloadLen> kPayload{};
  const Token token = token_of(n);
  binary::NotificationView view;
  view.command = binary::Command::Framed;
  view.has_device_token = true;
  view.device_token_len = token.size();
  view.device_token = token;
  view.has_payload = true;
  view.payload_len = kPayload.size();
  view.payload = kPayload;
  return mock::judge(view, context).accepted();
}

void fill_and_look_up(mock::World& world, std::uint64_t from, std::uint64_t to,
                      std::size_t resident_before) {
  double worst_put = 0;
  const Clock::time_point start = Clock::now();
  for (std::uint64_t n = from; n < to; ++n) {
    const Token token = token_of(n);
    const Clock::time_point before = Clock::now();
    world.register_token(token, kTopic, Environment::Production);
    worst_put = std::max(worst_put, ns_between(before, Clock::now()));
  }
  const double put = ns_between(start, Clock::now()) / static_cast<double>(to - from);

  constexpr std::uint64_t kLookUps = 2'000'000;
  std::uint64_t known = 0;
  std::uint64_t sum = 0;
  const Clock::time_point empty = Clock::now();
  for (std::uint64_t i = 0; i < kLookUps; ++i) {
    sum += static_cast<std::uint64_t>(token_of(random_u64(1, i) % to)[0]);
  }
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < kLookUps; ++i) {
    known += world.find(token_of(random_u64(1, i) % to)) ? 1U : 0U;
  }
  const Clock::time_point end = Clock::now();
  if (known != kLookUps || sum == 0) {
    (void)std::fprintf(stderr, "world_scale: %lu of %lu look-ups found nothing\n",
                       static_cast<unsigned long>(kLookUps - known),
                       static_cast<unsigned long>(kLookUps));
    std::exit(1);
  }
  const double look_up = (ns_between(begin, end) - ns_between(empty, begin)) / kLookUps;
  std::printf(
      "%10lu tokens   look-up %5.0f ns   register %5.0f ns, worst %7.3f ms   "
      "table %5.1f B/token, resident %5.1f B/token\n",
      static_cast<unsigned long>(to), look_up, put, worst_put / 1e6,
      static_cast<double>(world.tokens().memory_bytes()) / static_cast<double>(to),
      static_cast<double>(resident_bytes() - resident_before) / static_cast<double>(to));
}

/// Uninstalls, registers again, registers new ones: `changes` in all, as fast as it goes.
void change_tokens(mock::World& world, const Options& options, Histogram& latencies) {
  for (std::uint64_t i = 0; i < options.changes; ++i) {
    const std::uint64_t known = random_u64(2, i) % options.tokens;
    const Token token = token_of(i % 3 == 2 ? options.tokens + i : known);
    const Clock::time_point before = Clock::now();
    if (i % 3 == 0) {
      (void)world.uninstall_token(token);
    } else {
      world.register_token(token, kTopic, Environment::Production);
    }
    latencies.add(ns_between(before, Clock::now()));
  }
}

void ask_while_changing(mock::World& world, const Options& options) {
  std::atomic<bool> is_over = false;
  Histogram changes;
  const Clock::time_point start = Clock::now();
  std::thread changer([&world, &options, &changes, &is_over] {
    change_tokens(world, options, changes);
    is_over.store(true);
  });
  const mock::VerdictContext context{.profile = default_profile(),
                                     .topic = kTopic,
                                     .world = &world,
                                     .topic_id = world.topic_id(kTopic)};
  Histogram verdicts;
  std::uint64_t asked = 0;
  std::uint64_t accepted = 0;
  double change_seconds = 0;
  const auto gap = std::chrono::duration<double>(1.0 / static_cast<double>(options.rate));
  // At least a second of verdicts, whatever the changes take.
  while (!is_over.load() || asked < options.rate) {
    const auto due =
        start + std::chrono::duration_cast<Clock::duration>(gap * static_cast<double>(asked));
    while (Clock::now() < due) {
    }
    accepted += is_accepted(context, random_u64(3, asked) % options.tokens) ? 1U : 0U;
    verdicts.add(ns_between(due, Clock::now()));  // from when it was due, not from when it began
    ++asked;
    if (change_seconds == 0 && is_over.load()) {
      change_seconds = ns_between(start, Clock::now()) / 1e9;
    }
  }
  const double seconds = ns_between(start, Clock::now()) / 1e9;
  changer.join();
  std::printf(
      "%lu changes in %.2f s (p50 %.0f, p99 %.0f ns, worst %.3f ms) while %.2f million "
      "verdicts a second were asked:\n"
      "verdicts p50 %.0f, p99 %.0f, p99.9 %.0f ns, worst %.3f ms; %lu of %lu accepted\n",
      static_cast<unsigned long>(options.changes), change_seconds, changes.quantile(0.5),
      changes.quantile(0.99), changes.max() / 1e6, static_cast<double>(asked) / seconds / 1e6,
      verdicts.quantile(0.5), verdicts.quantile(0.99), verdicts.quantile(0.999),
      verdicts.max() / 1e6, static_cast<unsigned long>(accepted),
      static_cast<unsigned long>(asked));
}

bool parse(int argc, char** argv, Options& options) {
  struct Known {
    std::string_view name;
    std::uint64_t* target;
  };

  const std::array<Known, 3> known{Known{"--tokens", &options.tokens},
                                   Known{"--changes", &options.changes},
                                   Known{"--rate", &options.rate}};
  for (int i = 1; i < argc; i += 2) {
    const auto* const option = std::ranges::find(known, std::string_view(argv[i]), &Known::name);
    const unsigned long long value = i + 1 < argc ? std::strtoull(argv[i + 1], nullptr, 10) : 0;
    if (option == known.end() || value == 0) {
      return false;
    }
    *option->target = value;
  }
  return true;
}

int run(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    (void)std::fprintf(
        stderr,
        "world_scale: usage: world_scale [--tokens N] [--changes N] [--rate N], each "
        "above 0\n");
    return 2;
  }
  const ManualClock clock;
  const std::size_t resident_before = resident_bytes();
  mock::World world({.open = false}, clock, nullptr);
  std::uint64_t have = 0;
  for (std::uint64_t want = 10'000; have < options.tokens; want *= 10) {
    const std::uint64_t to = std::min(want, options.tokens);
    fill_and_look_up(world, have, to, resident_before);
    have = to;
  }
  ask_while_changing(world, options);
  return 0;
}

}  // namespace
}  // namespace apns::bench

int main(int argc, char** argv) {
  return apns::bench::run(argc, argv);
}
