#include "apns/http2/dynamic_table.h"

#include <deque>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

DynamicTable::Entry entry(std::string_view name, std::string_view value) {
  return {.name = name, .value = value};
}

TEST(DynamicTable, HoldsNothingBeforeItsFirstEntry) {
  const DynamicTable table;
  EXPECT_EQ(table.held_bytes(), 0U);
  EXPECT_EQ(table.num_entries(), 0U);
  EXPECT_EQ(table.max_size(), 4096U);
}

TEST(DynamicTable, NewestComesFirst) {
  DynamicTable table;
  table.insert({.name = "a", .value = "1", .tag = 7});
  table.insert(entry("b", "22"));
  EXPECT_EQ(lines(table), (Lines{"b: 22", "a: 1"}));
  EXPECT_EQ(table[1].tag, 7U);
  EXPECT_EQ(table.size(), 34U + 35U);
}

TEST(DynamicTable, OldestAreEvictedToMakeRoom) {
  DynamicTable table(100);  // three of 33
  for (const std::string_view name : {"a", "b", "c", "d"}) {
    table.insert(entry(name, ""));
  }
  EXPECT_EQ(lines(table), (Lines{"d: ", "c: ", "b: "}));
  table.insert(entry("e", std::string(100 - 33 - 33, 'x')));  // with one other it is full
  EXPECT_EQ(table.num_entries(), 2U);
  EXPECT_EQ(table.size(), 100U);
}

TEST(DynamicTable, AnEntryOfJustTheMaximumFitsALargerOneEmptiesIt) {
  DynamicTable table(100);
  table.insert(entry("a", ""));
  table.insert(entry("b", std::string(67, 'x')));
  EXPECT_EQ(table.num_entries(), 1U);
  EXPECT_EQ(table.size(), 100U);
  table.insert(entry("b", std::string(68, 'x')));
  EXPECT_EQ(table.num_entries(), 0U);
  EXPECT_EQ(table.size(), 0U);
  table.insert(entry("a", "again"));
  EXPECT_EQ(lines(table), (Lines{"a: again"}));
}

TEST(DynamicTable, AStaticNameIsCountedButNotHeld) {
  DynamicTable table;
  const std::size_t count = 50;
  for (std::size_t i = 0; i < count; ++i) {
    table.insert({.name = "strict-transport-security", .value = "", .static_index = 56});
  }
  EXPECT_EQ(table.size(), count * (25 + 32));
  EXPECT_EQ(table[count - 1].name, "strict-transport-security");
  EXPECT_EQ(table[count - 1].static_index, 56U);
  EXPECT_LE(table.held_bytes(), 64 * 16U);
}

TEST(DynamicTable, AReductionEvictsAndZeroGivesStorageBack) {
  DynamicTable table;
  for (const std::string_view name : {"a", "b", "c"}) {
    table.insert(entry(name, "1"));
  }
  table.set_max_size(68);
  EXPECT_EQ(lines(table), (Lines{"c: 1", "b: 1"}));
  table.set_max_size(67);
  EXPECT_EQ(lines(table), (Lines{"c: 1"}));
  table.set_max_size(0);
  EXPECT_EQ(table.held_bytes(), 0U);
  table.insert(entry("d", ""));
  EXPECT_EQ(table.num_entries(), 0U);
  table.set_max_size(4096);
  table.insert(entry("d", "2"));
  EXPECT_EQ(lines(table), (Lines{"d: 2"}));
}

TEST(DynamicTable, HoldsAboutWhatItsEntriesNeed) {
  TextPool pool;
  for (TextPool* of : {static_cast<TextPool*>(nullptr), &pool}) {
    DynamicTable table;
    std::size_t text = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      text += 30;
      table.insert(entry("name-of-ten", std::string(19, 'v')), of);
      // Text and 16 bytes an entry, each at most three times over, but for the first few.
      EXPECT_LE(table.held_bytes(), 128 + 128 + 3 * (text + 16 * (i + 1)));
    }
  }
}

/// Random entries against the obvious model, with and without a pool, the ring and the text going
/// round many times.
TEST(DynamicTable, AgreesWithADequeOverManyInsertions) {
  TextPool pool;
  for (TextPool* of : {static_cast<TextPool*>(nullptr), &pool}) {
    DynamicTable table(1000);
    std::deque<std::string> model;
    std::size_t model_size = 0;
    RandomStream random(3, of == nullptr ? 1 : 2);
    for (std::size_t i = 0; i < 20'000; ++i) {
      const std::string name(random.next() % 20, static_cast<char>('a' + i % 26));
      const std::string value(random.next() % (random.next() % 50 == 0 ? 1000 : 90), 'v');
      table.insert({.name = name, .value = value}, of);
      const auto drop_to = [&](std::size_t size) {
        while (model_size > size) {
          model_size -= model.back().size() + 30;  // ": " counts two
          model.pop_back();
        }
      };
      const std::size_t size = name.size() + value.size() + 32;
      drop_to(size > 1000 ? 0 : 1000 - size);
      if (size <= 1000) {
        model.push_front(line(name, value));
        model_size += size;
      }
      ASSERT_EQ(table.size(), model_size);
      ASSERT_EQ(lines(table), Lines(model.begin(), model.end()));
      if (of != nullptr) {
        pool.release_retired();
      }
    }
    EXPECT_LE(table.held_bytes(), 4096 + 32 * 16U);
  }
}

TEST(DynamicTable, WithAPoolWhatWasThereStaysReadable) {
  TextPool pool;
  DynamicTable table(200);
  table.insert(entry("first", "value of the first"), &pool);
  const DynamicTable::Entry first = table[0];
  pool.note_views();
  for (std::size_t i = 0; i < 100; ++i) {
    table.insert(entry("another", std::string(100, 'x')), &pool);
  }
  EXPECT_EQ(first.name, "first");
  EXPECT_EQ(first.value, "value of the first");
}

/// RFC 7541 section 4.4: the name of the new entry is that of one which has to go for it.
TEST(DynamicTable, AnEntryMayTakeItsNameFromTheOneItEvicts) {
  TextPool pool;
  DynamicTable table(128);
  table.insert(entry("a-name-of-some-length", std::string(70, '1')), &pool);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::string value(70, static_cast<char>('a' + i));
    table.insert(entry(table[0].name, value), &pool);
    ASSERT_EQ(lines(table), (Lines{line("a-name-of-some-length", value)}));
  }
}

TEST(TextPool, RetiredOnesAreTakenAgainOnlyOnceReleased) {
  TextPool pool;
  TextBuffer buffer = pool.take(256);
  const char* data = buffer.data.get();
  pool.note_views();
  pool.give_back(std::move(buffer));
  EXPECT_NE(pool.take(256).data.get(), data);
  pool.release_retired();
  EXPECT_NE(pool.take(128).capacity, 256U);
  EXPECT_EQ(pool.take(256).data.get(), data);
}

TEST(TextPool, KeepsSoMuchAndNoMore) {
  TextPool pool;
  for (std::size_t i = 0; i < 100; ++i) {
    pool.give_back(make_text_buffer(4096));
  }
  pool.release_retired();
  EXPECT_EQ(pool.held_bytes(), TextPool::kMaxSpareBytes);
}

}  // namespace

}  // namespace apns::http2::test
