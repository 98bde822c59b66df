// The product's binary provider as a load: provider::BinaryClient over TLS and a socket host, given
// the frames of floor_sender as notifications, without a command line or JSON lines in between.
// Prints what floor_sender prints; measure.py has both send to one sink.
//
// CPU is that of the whole process (its main thread only waits) from the first notification to the
// last outcome, so that encoding, encryption, writing, settling and the handshake are all in it.

#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/floor/frames.h"
#include "bench/floor/options.h"
#include "bench/sender.h"
#include "provider/binary_client.h"

namespace apns::bench {
namespace {

/// The frames of floor::make_corpus, taken apart again: what is sent is equal byte for byte, but
/// for the identifiers.
std::vector<Notification> corpus_notifications() {
  const floor::Corpus corpus = floor::make_corpus();
  constexpr std::size_t kTokenAt = 8;     // behind command, length, and the item's own header
  constexpr std::size_t kPayloadAt = 43;  // the same, and the token
  const std::size_t payload_len = corpus.frame_len - kPayloadAt - 7 - 7 - 4;
  std::vector<Notification> made;
  for (std::size_t i = 0; i < floor::Corpus::kNumFrames; ++i) {
    const ByteView frame = std::span(corpus.bytes).subspan(i * corpus.frame_len, corpus.frame_len);
    made.push_back(Notification{
        .device_token = *DeviceToken::from_bytes(frame.subspan(kTokenAt, 32)),
        .payload = std::string(as_text(frame.subspan(kPayloadAt, payload_len))),
        .expiration = 0x7FFFFFFF,
        .priority = 10,
    });
  }
  return made;
}

int run(std::span<char* const> args) {
  const floor::Options options(args, {{"host", "127.0.0.1"},
                                      {"port"},
                                      {"cert"},
                                      {"key"},
                                      {"count", "1000000"},
                                      {"batch", "512"},
                                      {"settle-ms", "50"},
                                      {"window-len", "262144"},
                                      {"window-mb", "64"}});
  provider::BinaryClientOptions client;
  client.gateway =
      Endpoint{options.text("host"), static_cast<std::uint16_t>(options.number("port", 1, 65535))};
  client.settle_after = std::chrono::milliseconds(options.number("settle-ms", 1, 60'000));
  client.window_len = options.number("window-len", 1, 16'777'216);
  client.window_bytes = options.number("window-mb", 1, 4096) << 20U;
  const std::uint64_t count = options.number("count", 1, 1'000'000'000'000);
  Sender sender({.notifications = corpus_notifications(),
                 .count = count,
                 .batch = options.number("batch", 1, 1'000'000)},
                sender_context(options.text("cert"), options.text("key"), {}),
                [&client](Transport transport, const WorldClock&, provider::OutcomeSink& sink) {
                  return std::make_unique<provider::BinaryClient>(client, std::move(transport),
                                                                  sink);
                });
  run_and_print(sender, count);
  return 0;
}

}  // namespace
}  // namespace apns::bench

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return apns::floor::run_program("binary_sender", apns::bench::run, args.subspan(1));
}
