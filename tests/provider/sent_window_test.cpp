// Proves the rule binary/outcome-names-its-notification.
#include "provider/sent_window.h"

#include <deque>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "apns/binary/notification_codec.h"

namespace apns::provider {
namespace {

using testing::ElementsAre;

constexpr TimePoint kNow{std::chrono::seconds(5)};

Notification notification(const std::string& payload = "{}") {
  return Notification{.device_token = *DeviceToken::parse("a1b2"), .payload = payload};
}

Bytes frame_of(const Notification& wanted, std::uint32_t identifier) {
  Bytes frame;
  binary::encode_notification(wanted, identifier, binary::Command::Framed, frame);
  return frame;
}

std::vector<std::uint32_t> identifiers(const SentWindow& window) {
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < window.size(); ++i) {
    all.push_back(window.at(static_cast<std::ptrdiff_t>(i)).identifier);
  }
  return all;
}

/// All of it, whatever the ring hands out at a time; the window is a copy.
Bytes all_unwritten(SentWindow window) {
  Bytes all;
  while (!window.unwritten().empty()) {
    const ByteView run = window.unwritten();
    all.insert(all.end(), run.begin(), run.end());
    window.mark_written(run.size(), kNow);
  }
  return all;
}

std::string unwritten_hex(const SentWindow& window) {
  return to_hex(all_unwritten(window));
}

class SentWindowTest : public testing::Test {
 public:
  void push(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      window.push(notification(), ++last_ticket);
    }
  }

  SentWindow window{1000, 1'000'000};
  std::uint64_t last_ticket = 0;
  const std::size_t frame_len = frame_of(notification(), 1).size();
};

TEST_F(SentWindowTest, NumbersFromOneAndEncodesAtOnce) {
  EXPECT_TRUE(window.empty());
  push(2);
  EXPECT_EQ(window.size(), 2U);
  EXPECT_EQ(window.front().ticket, 1U);
  EXPECT_EQ(window.front().len, frame_len);
  EXPECT_EQ(window.front().written_at, kNever);
  EXPECT_THAT(identifiers(window), ElementsAre(1U, 2U));
  EXPECT_EQ(unwritten_hex(window),
            to_hex(frame_of(notification(), 1)) + to_hex(frame_of(notification(), 2)));
}

TEST_F(SentWindowTest, CountsAsWrittenWhatIsWhollySo) {
  push(3);
  window.mark_written(frame_len - 1, kNow);
  EXPECT_EQ(window.num_written(), 0U);
  EXPECT_EQ(window.num_begun(), 1U);
  EXPECT_EQ(window.at(0).written_at, kNever);
  EXPECT_FALSE(window.at(0).was_written);
  window.mark_written(1, kNow);
  EXPECT_EQ(window.num_written(), 1U);
  EXPECT_EQ(window.num_begun(), 1U);
  EXPECT_EQ(window.at(0).written_at, kNow);
  EXPECT_TRUE(window.at(0).was_written);
  window.mark_written(2 * frame_len, kNow + std::chrono::seconds(1));
  EXPECT_EQ(window.num_written(), 3U);
  EXPECT_EQ(window.num_begun(), 3U);
  EXPECT_EQ(window.at(1).written_at, kNow + std::chrono::seconds(1));
  EXPECT_EQ(window.at(2).written_at, kNow + std::chrono::seconds(1));
  EXPECT_EQ(unwritten_hex(window), "");
}

TEST_F(SentWindowTest, NothingWrittenChangesNothing) {
  push(1);
  window.mark_written(0, kNow);
  EXPECT_EQ(window.num_written(), 0U);
  EXPECT_EQ(window.num_begun(), 0U);
}

TEST_F(SentWindowTest, IdentifiersSkipZeroWhereTheyWrap) {
  window.set_next_identifier(0xFFFFFFFE);
  push(4);
  EXPECT_THAT(identifiers(window), ElementsAre(0xFFFFFFFEU, 0xFFFFFFFFU, 1U, 2U));
  EXPECT_EQ(window.next_identifier(), 3U);
}

TEST_F(SentWindowTest, FindsEachIdentifierAcrossTheWrapAndNoOther) {
  window.set_next_identifier(0xFFFFFFFD);
  push(6);  // fffffffd fffffffe ffffffff 1 2 3
  EXPECT_EQ(window.find(0xFFFFFFFD), 0U);
  EXPECT_EQ(window.find(0xFFFFFFFE), 1U);
  EXPECT_EQ(window.find(0xFFFFFFFF), 2U);
  EXPECT_EQ(window.find(1), 3U);
  EXPECT_EQ(window.find(3), 5U);
  EXPECT_EQ(window.find(0), std::nullopt);
  EXPECT_EQ(window.find(4), std::nullopt);
  EXPECT_EQ(window.find(0xFFFFFFFC), std::nullopt);
  EXPECT_EQ(window.find(0x80000000), std::nullopt);
  window.pop_front();
  EXPECT_EQ(window.find(0xFFFFFFFD), std::nullopt);
  EXPECT_EQ(window.find(0xFFFFFFFE), 0U);
  EXPECT_EQ(window.find(1), 2U);
  window.pop_front();
  window.pop_front();
  EXPECT_EQ(window.find(0xFFFFFFFF), std::nullopt);
  EXPECT_EQ(window.find(1), 0U);
  EXPECT_EQ(window.find(3), 2U);
}

// field reports A17, node-apn/node-apn#171, notnoop/java-apns#26: whatever identifier it had on the
// wire, the caller is told of its own notification.
TEST_F(SentWindowTest, AnyIdentifierLeadsBackToItsTicket) {
  for (const std::uint32_t identifier : {1U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    SentWindow one(10, 1'000'000);
    one.set_next_identifier(identifier);
    one.push(notification(), 4711);
    one.push(notification(), 4712);
    ASSERT_EQ(one.find(identifier), 0U) << identifier;
    EXPECT_EQ(one.at(0).ticket, 4711U);
    const std::uint32_t next = identifier == 0xFFFFFFFFU ? 1 : identifier + 1;
    ASSERT_EQ(one.find(next), 1U) << next;
    EXPECT_EQ(one.at(1).ticket, 4712U);
    EXPECT_EQ(unwritten_hex(one), to_hex(frame_of(notification(), identifier)) +
                                      to_hex(frame_of(notification(), next)));
  }
}

// field reports A10, djacobs/PyAPNs#168: random identifiers meet each other at some ten thousand.
TEST_F(SentWindowTest, TwoHundredThousandHaveNoLiveDoubleAndNoZero) {
  window.set_next_identifier(0xFFFFFFFF - 100'000);
  std::uint32_t before = 0xFFFFFFFF - 100'001;
  for (int i = 0; i < 200'000; ++i) {
    push(1);
    const std::uint32_t identifier =
        window.at(static_cast<std::ptrdiff_t>(window.size()) - 1).identifier;
    ASSERT_EQ(identifier, before == 0xFFFFFFFF ? 1 : before + 1) << "a running number without 0";
    before = identifier;
    if (window.size() == 900) {
      window.pop_front();
    }
  }
}

TEST_F(SentWindowTest, FindsWithoutAWrap) {
  push(3);
  EXPECT_EQ(window.find(1), 0U);
  EXPECT_EQ(window.find(3), 2U);
  EXPECT_EQ(window.find(4), std::nullopt);
  EXPECT_EQ(window.find(0), std::nullopt);
  EXPECT_EQ(window.find(0xFFFFFFFF), std::nullopt);
}

TEST_F(SentWindowTest, FindsNothingWhenEmpty) {
  EXPECT_EQ(window.find(0), std::nullopt);
  EXPECT_EQ(window.find(1), std::nullopt);
}

TEST_F(SentWindowTest, ANewConnectionStartsOverWithAllThatIsLeft) {
  push(3);
  window.mark_written(2 * frame_len + 5, kNow);
  window.pop_front();
  EXPECT_EQ(window.num_written(), 1U);
  EXPECT_EQ(window.rewind(), 1U);
  EXPECT_EQ(window.num_written(), 0U);
  EXPECT_EQ(window.num_begun(), 0U);
  EXPECT_EQ(window.front().written_at, kNever);
  EXPECT_TRUE(window.front().was_written);
  EXPECT_EQ(unwritten_hex(window),
            to_hex(frame_of(notification(), 2)) + to_hex(frame_of(notification(), 3)));
  window.mark_written(frame_len, kNow);
  EXPECT_EQ(window.num_written(), 1U);
  EXPECT_EQ(window.rewind(), 1U);
}

TEST_F(SentWindowTest, OnlyWhatWasWhollyWrittenIsInDoubt) {
  push(3);
  window.mark_written(frame_len + 1, kNow);
  window.doubt_written();
  EXPECT_TRUE(window.at(0).in_doubt);
  EXPECT_FALSE(window.at(1).in_doubt);
  EXPECT_FALSE(window.at(2).in_doubt);
  EXPECT_EQ(window.rewind(), 1U);
  EXPECT_TRUE(window.at(0).in_doubt) << "a new connection proves nothing about the old one";
}

TEST_F(SentWindowTest, APartlyWrittenFrontLeavesWhole) {
  push(2);
  window.mark_written(frame_len / 2, kNow);
  window.pop_front();
  EXPECT_EQ(unwritten_hex(window), to_hex(frame_of(notification(), 2)));
  EXPECT_EQ(window.num_written(), 0U);
  EXPECT_EQ(window.num_begun(), 0U);
}

TEST_F(SentWindowTest, HasRoomUpToItsLength) {
  SentWindow small(3, 1'000'000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(small.has_room());
    small.push(notification(), 1);
  }
  EXPECT_FALSE(small.has_room());
  small.pop_front();
  EXPECT_TRUE(small.has_room());
}

TEST_F(SentWindowTest, HasRoomUpToItsBytes) {
  SentWindow small(1000, 2 * frame_len);
  small.push(notification(), 1);
  EXPECT_TRUE(small.has_room());
  small.push(notification(), 2);
  EXPECT_FALSE(small.has_room());
  small.pop_front();
  EXPECT_TRUE(small.has_room());
}

TEST_F(SentWindowTest, RemembersWhatIsSettledAndOpensItAgain) {
  push(5);
  window.mark_written(4 * frame_len, kNow);
  window.settle_front();
  window.settle_front();
  window.settle_front();
  EXPECT_EQ(window.size(), 2U);
  EXPECT_EQ(window.num_bytes(), 2 * frame_len);
  EXPECT_EQ(window.num_remembered(), 3U);
  EXPECT_EQ(window.first_identifier(), 1U);
  EXPECT_EQ(window.find(1), -3);
  EXPECT_EQ(window.find(3), -1);
  EXPECT_EQ(window.find(4), 0);
  EXPECT_TRUE(window.at(-1).is_reported);
  EXPECT_FALSE(window.front().is_reported);

  window.reopen_from(-2);  // 1 was named: all behind it was discarded
  EXPECT_EQ(window.rewind(), 3U);
  EXPECT_EQ(window.size(), 4U);
  EXPECT_EQ(window.num_bytes(), 4 * frame_len);
  EXPECT_EQ(window.num_remembered(), 0U);
  EXPECT_EQ(window.find(1), std::nullopt);
  EXPECT_THAT(identifiers(window), ElementsAre(2U, 3U, 4U, 5U));
  EXPECT_TRUE(window.at(1).is_reported);
  EXPECT_FALSE(window.at(2).is_reported);
  EXPECT_EQ(all_unwritten(window).size(), 4 * frame_len);
}

TEST_F(SentWindowTest, ANewConnectionRemembersNothing) {
  push(2);
  window.mark_written(2 * frame_len, kNow);
  window.settle_front();
  EXPECT_EQ(window.rewind(), 1U);
  EXPECT_EQ(window.num_remembered(), 0U);
  EXPECT_EQ(window.find(1), std::nullopt);
  EXPECT_EQ(window.find(2), 0);
}

TEST_F(SentWindowTest, ForgetsByTimeAndForRoom) {
  push(2);
  window.mark_written(frame_len, kNow);
  window.mark_written(frame_len, kNow + std::chrono::seconds(1));
  window.settle_front();
  window.settle_front();
  window.forget_written_before(kNow + std::chrono::seconds(1));
  EXPECT_EQ(window.num_remembered(), 1U);
  EXPECT_EQ(window.first_identifier(), 2U);

  SentWindow small(64, 1'000'000);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(small.has_room());
    small.push(notification(), 1);
    small.mark_written(frame_len, kNow);
    small.settle_front();
  }
  EXPECT_EQ(small.num_remembered(), 64U);
  EXPECT_EQ(small.first_identifier(), 137U);
}

/// The window in the simplest form that could be right.
struct Model {
  struct Entry {
    Bytes frame;
    std::uint32_t identifier;
  };

  std::deque<Entry> entries;  // that are open
  std::deque<Entry> settled;  // since the last rewind; the window may have forgotten the oldest
  std::size_t written = 0;    // bytes, from the front entry's first

  [[nodiscard]] std::size_t num_written() const {
    std::size_t n = 0;
    std::size_t end = 0;
    while (n < entries.size() && end + entries[n].frame.size() <= written) {
      end += entries[n++].frame.size();
    }
    return n;
  }

  [[nodiscard]] Bytes unwritten() const {
    Bytes all;
    for (const Entry& entry : entries) {
      all.insert(all.end(), entry.frame.begin(), entry.frame.end());
    }
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(written));
    return all;
  }

  void leave_front(bool remember) {
    const std::size_t len = entries.front().frame.size();
    if (remember) {
      settled.push_back(std::move(entries.front()));
    } else {
      settled.clear();
    }
    entries.pop_front();
    written -= std::min(written, len);
  }

  void reopen(std::size_t n) {
    for (; n > 0; --n) {
      entries.push_front(std::move(settled.back()));
      settled.pop_back();
    }
    rewind();
  }

  void rewind() {
    settled.clear();
    written = 0;
  }
};

/// A window and its model, driven by one random stream.
class Both {
 public:
  Both(std::uint64_t seed, std::size_t max_len, std::size_t max_bytes)
      : random_(seed, 1), subject_(max_len, max_bytes) {
    next_ = static_cast<std::uint32_t>(0xFFFFFFF0 + seed % 32);
    next_ = next_ == 0 ? 1 : next_;
    subject_.set_next_identifier(next_);
  }

  void step() {
    const std::uint64_t draw = random_.next() % 100;
    if (draw < 45) {
      push();
    } else if (draw < 70) {
      // What the ring hands out at a time may be less than all.
      const std::size_t left = subject_.unwritten().size();
      const std::size_t n = left == 0 ? 0 : random_.next() % (left + 1);
      subject_.mark_written(n, kNow);
      model_.written += n;
    } else if (draw < 88 && subject_.num_written() > 0) {
      subject_.settle_front();
      model_.leave_front(true);
    } else if (draw < 92 && !model_.entries.empty()) {
      subject_.pop_front();
      model_.leave_front(false);
    } else if (draw < 96 && subject_.num_remembered() > 0) {
      const std::size_t n = random_.next() % (subject_.num_remembered() + 1);
      subject_.reopen_from(-static_cast<std::ptrdiff_t>(n));
      (void)subject_.rewind();
      model_.reopen(n);
    } else if (draw >= 98) {
      (void)subject_.rewind();
      model_.rewind();
    }
  }

  void compare() {
    ASSERT_EQ(to_hex(all_unwritten(subject_)), to_hex(model_.unwritten()));
    ASSERT_EQ(subject_.num_written(), model_.num_written());
    ASSERT_EQ(subject_.size(), model_.entries.size());
    std::size_t bytes = 0;
    for (const Model::Entry& entry : model_.entries) {
      bytes += entry.frame.size();
    }
    ASSERT_EQ(subject_.num_bytes(), bytes);
    ASSERT_LE(subject_.num_remembered(), model_.settled.size());
    for (std::size_t i = 1; i <= subject_.num_remembered(); ++i) {
      ASSERT_EQ(subject_.find(model_.settled[model_.settled.size() - i].identifier),
                -static_cast<std::ptrdiff_t>(i));
    }
    if (!model_.entries.empty()) {
      const std::size_t index = random_.next() % model_.entries.size();
      ASSERT_EQ(subject_.find(model_.entries[index].identifier),
                static_cast<std::ptrdiff_t>(index));
    }
  }

 private:
  void push() {
    const Notification made = notification(std::string(1 + random_.next() % 400, 'x'));
    if (!subject_.has_room()) {
      return;
    }
    subject_.push(made, 1);
    model_.entries.push_back(Model::Entry{frame_of(made, next_), next_});
    next_ = next_ == 0xFFFFFFFF ? 1 : next_ + 1;
  }

  RandomStream random_;
  SentWindow subject_;
  Model model_;
  std::uint32_t next_ = 0;
};

TEST(SentWindowModel, AgreesThroughAnySequenceOfCalls) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Both both(seed, seed % 2 == 0 ? 1000 : 40, seed % 3 == 0 ? 1'000'000 : 5000);
    for (int step = 0; step < 600; ++step) {
      both.step();
      both.compare();
      ASSERT_FALSE(testing::Test::HasFatalFailure());
    }
  }
}

}  // namespace
}  // namespace apns::provider
