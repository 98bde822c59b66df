#include "apns/base/out_buffer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace apns {

namespace {

/// The runs that come out when each is taken whole.
std::vector<std::string> runs(OutBuffer& buffer) {
  std::vector<std::string> out;
  while (!buffer.empty()) {
    out.emplace_back(as_text(buffer.pending()));
    buffer.consume(buffer.pending().size());
  }
  return out;
}

TEST(OutBuffer, MergesWhatIsAppended) {
  OutBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_TRUE(buffer.pending().empty());
  buffer.append(as_bytes("ab"));
  buffer.append(as_bytes("c"));
  EXPECT_EQ(buffer.size(), 3U);
  EXPECT_EQ(runs(buffer), std::vector<std::string>{"abc"});
}

TEST(OutBuffer, BreaksKeepRunsApart) {
  OutBuffer buffer;
  buffer.append(as_bytes("ab"));
  buffer.add_break();
  buffer.append(as_bytes("cd"));
  buffer.add_break();
  buffer.append(as_bytes("e"));
  EXPECT_EQ(buffer.size(), 5U);
  EXPECT_EQ(runs(buffer), (std::vector<std::string>{"ab", "cd", "e"}));
}

TEST(OutBuffer, BreaksWithNothingBetweenAreOne) {
  OutBuffer buffer;
  buffer.add_break();
  buffer.append(as_bytes("ab"));
  buffer.add_break();
  buffer.add_break();
  buffer.append(as_bytes("c"));
  buffer.add_break();
  EXPECT_EQ(runs(buffer), (std::vector<std::string>{"ab", "c"}));
}

TEST(OutBuffer, BreakAtTheEndHoldsForWhatComesLater) {
  OutBuffer buffer;
  buffer.append(as_bytes("ab"));
  buffer.add_break();
  buffer.consume(1);
  buffer.append(as_bytes("c"));
  EXPECT_EQ(runs(buffer), (std::vector<std::string>{"b", "c"}));
}

TEST(OutBuffer, ConsumesAcrossAppendsInAnyPieces) {
  OutBuffer buffer;
  buffer.append(as_bytes("abcd"));
  buffer.consume(3);
  EXPECT_EQ(as_text(buffer.pending()), "d");
  buffer.consume(0);
  buffer.append(as_bytes("ef"));
  EXPECT_EQ(as_text(buffer.pending()), "def");
  EXPECT_EQ(buffer.size(), 3U);
}

TEST(OutBuffer, ClearForgetsBytesAndBreaks) {
  OutBuffer buffer;
  buffer.append(as_bytes("ab"));
  buffer.add_break();
  buffer.append(as_bytes("cd"));
  buffer.consume(1);
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  buffer.append(as_bytes("efgh"));
  EXPECT_EQ(runs(buffer), std::vector<std::string>{"efgh"});
}

TEST(OutBuffer, GivesLargeMemoryBackWhenItRunsEmpty) {
  OutBuffer buffer;
  buffer.append(Bytes(100'000));
  buffer.consume(99'999);
  EXPECT_GE(buffer.bytes().capacity(), 100'000U);
  buffer.consume(1);
  EXPECT_EQ(buffer.bytes().capacity(), 0U);
}

TEST(OutBuffer, StaysBoundedWhenItNeverRunsEmpty) {
  OutBuffer buffer;
  std::string taken;
  std::string appended;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = std::to_string(i) + ";";
    buffer.append(as_bytes(text));
    buffer.add_break();
    appended += text;
    if (buffer.size() > 100) {
      const ByteView run = buffer.pending();
      taken.append(as_text(run));
      buffer.consume(run.size());
    }
  }
  EXPECT_LT(buffer.bytes().capacity(), 1'000U);
  for (const std::string& run : runs(buffer)) {
    EXPECT_EQ(run.find(';'), run.size() - 1) << "breaks moved along";
    taken += run;
  }
  EXPECT_EQ(taken, appended);
}

TEST(OutBuffer, KeepsSmallMemoryWhenItRunsEmpty) {
  OutBuffer buffer;
  buffer.append(Bytes(100));
  const std::size_t capacity = buffer.bytes().capacity();
  buffer.consume(100);
  EXPECT_EQ(buffer.bytes().capacity(), capacity);
}

TEST(OutBuffer, EncodersAppendInPlace) {
  OutBuffer buffer;
  ByteWriter(buffer.bytes()).write(std::uint16_t{0x6869});
  EXPECT_EQ(as_text(buffer.pending()), "hi");
}

TEST(OutBufferDeathTest, ConsumesNoMoreThanThePendingRun) {
  OutBuffer buffer;
  buffer.append(as_bytes("ab"));
  buffer.add_break();
  buffer.append(as_bytes("cd"));
  EXPECT_DEATH(buffer.consume(3), "pending");
}

}  // namespace

}  // namespace apns
