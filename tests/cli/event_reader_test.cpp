#include "cli/event_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using testing::ElementsAre;

std::string text_of(const ServerEvent& event) {
  return event.id + "|" + event.name + "|" + event.data;
}

/// In two parts, the first `len` bytes long.
std::vector<std::string> read_in_two(std::string_view text, std::size_t len) {
  std::vector<std::string> events;
  ServerEventReader reader;
  const auto take = [&events](const ServerEvent& event) {
    events.push_back(text_of(event));
    return true;
  };
  EXPECT_TRUE(reader.feed(text.substr(0, len), take));
  EXPECT_TRUE(reader.feed(text.substr(len), take));
  return events;
}

TEST(ServerEventReader, ReadsEventsAtEverySplit) {
  const std::string text =
      ": keep\n\nid: 41\nevent: delivery\ndata: {\"seq\":41}\n\n"
      "data:a\r\ndata: b\r\nretry: 7\r\ndata\r\n\r\n"
      "event: without data\n\nid: 42\n\ndata:  two blanks\n\ndata: no end";
  for (std::size_t len = 0; len <= text.size(); ++len) {
    EXPECT_THAT(read_in_two(text, len),
                ElementsAre("41|delivery|{\"seq\":41}", "41||a\nb\n", "42|| two blanks"))
        << len;
  }
}

TEST(ServerEventReader, StopsWhenTheListenerHasEnough) {
  ServerEventReader reader;
  int num_events = 0;
  EXPECT_FALSE(reader.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n",
                           [&num_events](const ServerEvent&) { return ++num_events < 2; }));
  EXPECT_EQ(num_events, 2);
}

TEST(ServerEventReader, RefusesAnEventWithoutAnEnd) {
  ServerEventReader reader;
  const std::string part(ServerEventReader::kMaxEventBytes, 'x');
  const auto ignore = [](const ServerEvent&) { return true; };
  EXPECT_TRUE(reader.feed(part, ignore));
  EXPECT_THROW((void)reader.feed("x", ignore), std::runtime_error);
}

}  // namespace
}  // namespace apns::cli
