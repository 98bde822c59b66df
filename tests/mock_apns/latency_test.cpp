#include "mock_apns/latency.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 4711;

Latency latency(std::string_view text) {
  const auto made = Latency::parse(text);
  EXPECT_TRUE(made) << text;
  return made.value_or(*Latency::parse("1us"));
}

std::vector<Duration> sorted_samples(const Latency& latency, std::size_t number) {
  std::vector<Duration> samples;
  for (std::size_t i = 0; i < number; ++i) {
    samples.push_back(latency.draw(random_u64(kSeed, i)));
  }
  std::ranges::sort(samples);
  return samples;
}

/// Within a part of the other.
void expect_near(Duration actual, Duration expected, double part) {
  EXPECT_NEAR(static_cast<double>(actual.count()), static_cast<double>(expected.count()),
              part * static_cast<double>(expected.count()));
}

TEST(Latency, IsWrittenAsItIsRead) {
  for (const char* text : {"40ms", "20ms-80ms", "p50=40ms p99=200ms", "p10=1us p99.9=1s",
                           "p50=40ms p90=90ms p99=200ms p99.99=2s"}) {
    EXPECT_EQ(latency(text).text(), text);
    EXPECT_EQ(Latency::parse(latency(text).text()), latency(text));
  }
}

TEST(Latency, RefusesEverythingElse) {
  for (const char* text : {"",
                           "40",
                           "0ms",
                           "25h",
                           "80ms-20ms",
                           "20ms-20ms",
                           "20ms-",
                           "-20ms",
                           "20ms-80ms-90ms",
                           "p50",
                           "p50=40ms",
                           "p50=40ms ",
                           "p50=40 p99=80",
                           "p99=40ms p50=80ms",
                           "p50=40ms p99=20ms",
                           "p50=40ms p50=80ms",
                           "p0=1ms p50=2ms",
                           "p50=1ms p100=2ms",
                           "p=1ms p50=2ms",
                           "p50=1ms  p99=2ms",
                           "p50=1ms,p99=2ms",
                           "pnan=1ms p99=2ms",
                           "p5e1=1ms p99=2ms",
                           " 40ms"}) {
    EXPECT_EQ(Latency::parse(text), std::nullopt) << text;
  }
}

TEST(Latency, ConstantIsAlwaysTheSame) {
  const auto samples = sorted_samples(latency("40ms"), 100);
  EXPECT_EQ(samples.front(), 40ms);
  EXPECT_EQ(samples.back(), 40ms);
  EXPECT_EQ(latency("40ms").quantile(0.5), 40ms);
}

TEST(Latency, UniformIsSpreadFromTheOneToTheOther) {
  const auto samples = sorted_samples(latency("20ms-80ms"), 10'000);
  EXPECT_GE(samples.front(), 20ms);
  EXPECT_LE(samples.back(), 80ms);
  expect_near(samples[2500], 35ms, 0.03);
  expect_near(samples[7500], 65ms, 0.03);
  EXPECT_EQ(latency("20ms-80ms").quantile(0.5), 50ms);
}

TEST(Latency, LogNormalGoesThroughItsTwoPoints) {
  const Latency made = latency("p50=40ms p99=200ms");
  expect_near(made.quantile(0.5), 40ms, 1e-6);
  expect_near(made.quantile(0.99), 200ms, 1e-6);
  // As far below the middle as above it, by factor.
  expect_near(made.quantile(0.01), 8ms, 1e-6);
  const auto samples = sorted_samples(made, 100'000);
  expect_near(samples[50'000], 40ms, 0.02);
  expect_near(samples[99'000], 200ms, 0.03);
  expect_near(samples[1'000], 8ms, 0.03);
  expect_near(samples[99'900], made.quantile(0.999), 0.1);
}

TEST(Latency, TableGoesThroughAllItsPoints) {
  const Latency made = latency("p50=40ms p90=90ms p99=1s");
  EXPECT_EQ(made.quantile(0.5), 40ms);
  EXPECT_EQ(made.quantile(0.9), 90ms);
  EXPECT_EQ(made.quantile(0.99), 1s);
  expect_near(made.quantile(0.7), 65ms, 1e-6);
  EXPECT_EQ(made.quantile(0.01), 40ms);
  EXPECT_EQ(made.quantile(0.999), 1s);
  const auto samples = sorted_samples(made, 10'000);
  EXPECT_EQ(samples.front(), 40ms);
  EXPECT_EQ(samples.back(), 1s);
  expect_near(samples[7'000], 65ms, 0.03);
}

TEST(Latency, IsTheSameForTheSameNumber) {
  for (const char* text : {"20ms-80ms", "p50=40ms p99=200ms", "p50=40ms p90=90ms p99=1s"}) {
    const Latency made = latency(text);
    EXPECT_EQ(made.draw(7), made.draw(7)) << text;
    EXPECT_NE(sorted_samples(made, 10).front(), sorted_samples(made, 10).back()) << text;
  }
}

TEST(Latency, IsBoundedWhateverIsDrawn) {
  const Latency made = latency("p1=1us p2=24h");
  EXPECT_LE(sorted_samples(made, 1000).back(), Latency::kMax);
  EXPECT_GE(sorted_samples(made, 1000).front(), Duration::zero());
}

}  // namespace
}  // namespace apns::mock
