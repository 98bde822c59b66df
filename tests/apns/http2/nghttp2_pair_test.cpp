#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "tests/apns/http2/oracle/pair_app.h"

// Our session at one end, libnghttp2 at the other: both must have received what the other has sent.

namespace apns::http2::test {
namespace {

/// One connection; everything is drawn from the seed.
struct Wire {
  PairApp& client;
  PairApp& server;
  RandomStream random;
  bool is_byte_by_byte = false;

  std::uint64_t below(std::uint64_t n) { return random.next() % n; }

  /// A part of what waits, from one to the other. False: nothing waited.
  bool move(PairApp& from, PairApp& to) {
    const ByteView waiting = from.pending();
    if (waiting.empty()) {
      return false;
    }
    const std::size_t most = std::min<std::size_t>(waiting.size(), 3000);
    const std::size_t n = is_byte_by_byte ? 1 : 1 + below(most);
    const Bytes part(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(n));
    from.take(n);
    to.feed(part);
    return true;
  }

  void disturb(PairApp& app, bool may_limit_streams) {
    const auto number = [this](std::uint64_t low, std::uint64_t high) {
      return static_cast<std::uint32_t>(low + below(high - low + 1));
    };
    std::vector<Setting> entries;
    switch (below(5)) {
      case 0:
        entries.emplace_back(SettingId::InitialWindowSize, number(1, below(2) == 0 ? 50 : 70'000));
        break;
      case 1:
        entries.emplace_back(SettingId::HeaderTableSize, number(0, below(2) == 0 ? 100 : 9000));
        break;
      case 2:
        entries.emplace_back(SettingId::MaxFrameSize, number(16'384, 70'000));
        break;
      case 3:
        app.send_ping();
        return;
      default:
        if (may_limit_streams) {
          entries.emplace_back(SettingId::MaxConcurrentStreams, number(app.min_streams, 12));
        }
        break;
    }
    app.change_settings(entries);
  }
};

/// Returns how many bytes went either way.
std::size_t converse(std::uint64_t seed, PairApp& client, PairApp& server, std::size_t num_requests,
                     bool is_byte_by_byte) {
  Wire wire{client, server, RandomStream(seed, 1), is_byte_by_byte};
  std::size_t num_sent = 0;
  std::size_t num_idle = 0;
  std::size_t num_moves = 0;
  while (client.book.num_whole < num_requests && num_idle < 3) {
    while (num_sent < num_requests && num_sent < client.book.num_whole + 8 &&
           client.send_request(Draft::request(seed * 1000 + num_sent, client.max_len))) {
      ++num_sent;
    }
    if (wire.below(is_byte_by_byte ? 3000 : 40) == 0) {
      wire.disturb(client, false);
    }
    if (wire.below(is_byte_by_byte ? 3000 : 40) == 0) {
      wire.disturb(server, true);
    }
    const bool forth = wire.move(client, server);
    const bool back = wire.move(server, client);
    num_idle = forth || back ? 0 : num_idle + 1;
    num_moves += forth || back ? 1 : 0;
  }
  while (wire.move(client, server) || wire.move(server, client)) {
  }
  return num_moves;
}

/// A client's streams hold one letter each way.
void expect_agreement(const PairApp& client, const PairApp& server, std::size_t num_requests) {
  EXPECT_EQ(client.book.complaints, "");
  EXPECT_EQ(server.book.complaints, "");
  EXPECT_EQ(client.book.num_whole, num_requests);
  EXPECT_EQ(server.book.num_whole, num_requests);
  EXPECT_EQ(client.book.sent, server.book.received);
  EXPECT_EQ(server.book.sent, client.book.received);
}

std::vector<Setting> draw_settings(std::uint64_t seed) {
  static constexpr std::array<std::uint32_t, 4> kWindows = {1, 30, 1000, 65'535};
  return {Setting(SettingId::InitialWindowSize, kWindows[seed % kWindows.size()])};
}

using MakeApp = std::unique_ptr<PairApp> (*)(Role, std::span<const Setting>);

void converse_all(MakeApp make_client, MakeApp make_server) {
  constexpr std::uint64_t kNumConnections = 60;
  std::size_t num_requests = 0;
  std::size_t num_moves = 0;
  for (std::uint64_t seed = 0; seed < kNumConnections && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    std::vector<Setting> settings = draw_settings(seed / 4);
    const auto server = make_server(Role::Server, settings);
    settings = draw_settings(seed);
    settings.emplace_back(SettingId::EnablePush, 0U);
    const auto client = make_client(Role::Client, settings);
    const bool is_byte_by_byte = seed % 5 == 4;
    const std::size_t wanted = is_byte_by_byte ? 15 : 70;
    client->max_len = server->max_len = is_byte_by_byte ? 300 : 5000;
    num_moves += converse(seed, *client, *server, wanted, is_byte_by_byte);
    num_requests += wanted;
    expect_agreement(*client, *server, wanted);
  }
  std::cout << num_requests << " requests and responses on " << kNumConnections
            << " connections, in " << num_moves << " moves\n";
}

TEST(Http2Nghttp2Pair, OurClientAndTheirServerAgree) {
  converse_all(make_our_app, make_nghttp2_app);
}

TEST(Http2Nghttp2Pair, TheirClientAndOurServerAgree) {
  converse_all(make_nghttp2_app, make_our_app);
}

TEST(Http2Nghttp2Pair, OurClientAndOurServerAgree) {
  converse_all(make_our_app, make_our_app);
}

}  // namespace
}  // namespace apns::http2::test
