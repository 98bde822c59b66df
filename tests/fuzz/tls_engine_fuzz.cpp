#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include <openssl/rand.h>

#include "apns/base/random.h"
#include "apns/tls/tls_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

// Input: mode (1 byte), seed of the splits (1), then by mode, mod 4:
//   0  bytes for a server, in place of a client's
//   1  bytes for a client, in place of a server's
//   2  changes to a valid conversation of TLS 1.2, 4 bytes each: direction and xor (1, 1), offset
//   (2) 3  the same, TLS 1.3
// Checked: the contract of Engine above and below; output is bounded; one failure at most; nothing
// is received but the front of what was sent; everything ends when the peer does.

namespace {

using apns::ByteReader;
using apns::ByteView;
using apns::Close;
using apns::End;
using apns::TimePoint;
using apns::test::Credentials;
using apns::test::require;
using apns::test::TlsEnd;
using apns::test::TlsPair;
using apns::tls::Context;
using apns::tls::Version;

/// OpenSSL's random numbers, so that one input gives one run. Seeded anew for each.
class FixedRandom {
 public:
  static void seed(std::uint64_t seed) { stream() = apns::RandomStream(seed, 0); }

  static void install() {
    static const RAND_METHOD kMethod{nullptr, fill, nullptr, nullptr, fill, is_seeded};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // Deprecated for applications; the way without it needs a random provider of one's own.
    require(RAND_set_rand_method(&kMethod) == 1, "the random numbers are ours");
#pragma GCC diagnostic pop
  }

 private:
  static apns::RandomStream& stream() {
    static apns::RandomStream stream(0, 0);
    return stream;
  }

  static int fill(unsigned char* to, int len) {
    std::generate_n(to, len, [] { return static_cast<unsigned char>(stream().next()); });
    return 1;
  }

  static int is_seeded() {
    return 1;
  }
};

struct Contexts {
  Contexts()
      : server12(server_options(Version::Tls12)),
        server13(server_options(Version::Tls13)),
        client(client_options()) {}

  static apns::tls::ServerOptions server_options(Version version) {
    auto options = Credentials::shared().server_options();
    options.max_version = version;
    options.alpn = {"h2"};
    return options;
  }

  static apns::tls::ClientOptions client_options() {
    auto options = Credentials::shared().client_options();
    options.alpn = {"h2"};
    return options;
  }

  static const Contexts& shared() {
    FixedRandom::install();
    static const Contexts kContexts;
    return kContexts;
  }

  Context server12;
  Context server13;
  Context client;
};

constexpr std::size_t kMaxOutputLen = 8'192;  // of a handshake, alerts included

void check_end(const TlsEnd& end) {
  require(end.failures.size() <= 1, "one failure at most");
  require(end.wire.size() <= kMaxOutputLen, "output is bounded");
}

/// Bytes of a stranger, in pieces.
void feed_stranger(const Context& context, ByteView bytes, apns::RandomStream& random) {
  const apns::test::FixedClock clock;
  TlsEnd end(context, clock, {}, TimePoint{});
  const auto take_pending = [&end] {
    for (ByteView run = end.engine->pending(); !run.empty(); run = end.engine->pending()) {
      end.wire.insert(end.wire.end(), run.begin(), run.end());
      end.engine->sent(run.size(), TimePoint{});
    }
  };
  take_pending();
  while (!bytes.empty() && end.engine->close() == Close::None) {
    const std::size_t n = apns::random_between(random.next(), 1, bytes.size());
    const apns::Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    require(end.engine->feed(part, TimePoint{}) == n, "a handshake takes all");
    bytes = bytes.subspan(n);
    take_pending();
  }
  require(!end.probe.is_built, "no stranger gets in");
  if (end.engine->close() == Close::None) {
    end.engine->on_time(end.engine->deadline());
    require(end.engine->close() != Close::None, "the handshake limit ends it");
    take_pending();
  }
  require(end.failures.size() == 1, "one failure");
  require(!end.failures[0].text.empty(), "that says why");
  check_end(end);
}

struct Change {
  bool to_server = false;
  std::size_t offset = 0;
  std::byte flip{};
};

void check_received(const std::string& received, const std::string& sent) {
  require(sent.starts_with(received), "nothing is received but the front of what was sent");
}

void change_conversation(const Context& server, ByteReader in, apns::RandomStream& random) {
  const std::string to_server(300, 's');
  const std::string to_client(200, 'c');
  std::vector<Change> changes;
  while (in.has(4)) {
    const auto direction = in.read<std::uint8_t>();
    const auto flip = std::byte{in.read<std::uint8_t>()};
    changes.push_back(Change{direction % 2 == 0, in.read<std::uint16_t>() % 4'096U, flip});
  }
  const apns::test::FixedClock clock;
  TlsPair pair(server, Contexts::shared().client, clock);
  pair.cut = [&random](std::size_t waiting) {
    return apns::random_between(random.next(), 1, waiting);
  };
  pair.tamper = [&](const TlsEnd& from, std::size_t offset, std::span<std::byte> bytes) {
    for (const Change& change : changes) {
      if (change.to_server == (&from == &pair.client) && change.offset >= offset &&
          change.offset - offset < bytes.size()) {
        bytes[change.offset - offset] ^= change.flip;
      }
    }
  };
  pair.client.probe.out.append(apns::as_bytes(to_server));
  pair.server.probe.out.append(apns::as_bytes(to_client));
  pair.run();
  pair.client.probe.end_with(Close::CloseNotifyThenDrain);
  pair.run();
  // Who still waits for the other's handshake is ended by its limit.
  pair.now += apns::tls::TlsEngine::Options{}.handshake_limit;
  pair.run();
  for (TlsEnd* end : {&pair.server, &pair.client}) {
    check_end(*end);
    require(end->engine == nullptr, "everything ends when the peer does");
  }
  check_received(pair.server.probe.received, to_server);
  check_received(pair.client.probe.received, to_client);
  const bool is_unchanged =
      std::ranges::all_of(changes, [](const Change& c) { return c.flip == std::byte{0}; });
  if (is_unchanged) {
    require(pair.server.failures.empty() && pair.client.failures.empty(),
            "a valid conversation does not fail");
    require(pair.server.probe.received == to_server && pair.client.probe.received == to_client,
            "all of it");
    require(pair.server.probe.end == End::CloseNotify, "it ends with close_notify");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(std::as_bytes(std::span(data, size)));
  if (!in.has(2)) {
    return 0;
  }
  const Contexts& contexts = Contexts::shared();
  const auto mode = in.read<std::uint8_t>();
  const auto seed = in.read<std::uint8_t>();
  FixedRandom::seed(seed);
  apns::RandomStream random(seed, 1);
  switch (mode % 4) {
    case 0:
      feed_stranger((mode & 4U) == 0 ? contexts.server12 : contexts.server13, in.rest(), random);
      break;
    case 1:
      feed_stranger(contexts.client, in.rest(), random);
      break;
    case 2:
      change_conversation(contexts.server12, in, random);
      break;
    default:
      change_conversation(contexts.server13, in, random);
      break;
  }
  return 0;
}
