// The least that a binary provider can do: frames encoded beforehand, encrypted and written as fast
// as the connection takes them; then close_notify, and a wait for the gateway's own end, which
// shows that all was read. One thread. A load source that costs less than the gateways it drives.
//
//   --records packed   records of 16 KB, filled to the last byte (frames cross their borders)
//   --records single   a record for each frame, as libraries do that write each notification by
//   itself
// In both, records are gathered to 64 KB a write.

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/floor/frames.h"
#include "bench/floor/options.h"
#include "bench/floor/report.h"
#include "bench/floor/sockets.h"
#include "bench/floor/tls.h"

namespace {

using namespace apns::floor;

constexpr std::size_t kMaxRecordLen = 16384;
constexpr std::size_t kWriteLen = 65536;

/// The corpus over and over, as one stream: any run of `max_run_len` bytes can be had in one piece.
class Stream {
 public:
  Stream(const Corpus& corpus, std::size_t max_run_len)
      : bytes_(corpus.bytes), period_(corpus.bytes.size()) {
    while (bytes_.size() < period_ + max_run_len) {
      const std::size_t missing = period_ + max_run_len - bytes_.size();
      const auto more = std::span(corpus.bytes).first(std::min(missing, period_));
      bytes_.insert(bytes_.end(), more.begin(), more.end());
    }
  }

  [[nodiscard]] std::span<const std::byte> next(std::size_t len) {
    const auto run = std::span(bytes_).subspan(position_, len);
    position_ = (position_ + len) % period_;
    return run;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t period_;
  std::size_t position_ = 0;
};

void send_stream(SSL& ssl, Wire& wire, Stream& stream, std::uint64_t num_bytes,
                 std::size_t record_len) {
  const auto flush = [&wire] {
    if (!wire.flush()) {
      throw_errno("The server took no more bytes");
    }
  };
  while (num_bytes > 0) {
    const auto record =
        stream.next(static_cast<std::size_t>(std::min<std::uint64_t>(record_len, num_bytes)));
    std::size_t written = 0;
    if (SSL_write_ex(&ssl, record.data(), record.size(), &written) != 1 ||
        written != record.size()) {
      throw_openssl("A record cannot be encrypted");
    }
    num_bytes -= record.size();
    if (wire.out->size() + record_len > kWriteLen) {
      flush();
    }
  }
  flush();
}

/// Says goodbye and reads to the server's end. A gateway that took everything says nothing.
void close_and_wait(SSL& ssl, Wire& wire) {
  if (SSL_shutdown(&ssl) < 0 || !wire.flush()) {
    throw_openssl("close_notify cannot be sent");
  }
  std::array<std::byte, 256> answer{};
  std::size_t answer_len = 0;
  if (SSL_read_ex(&ssl, answer.data(), answer.size(), &answer_len) == 1) {
    throw std::runtime_error(
        "The server answered " + std::to_string(answer_len) + " bytes, the second of them " +
        std::to_string(std::to_integer<int>(answer[1])) + ": it has rejected a notification.");
  }
  if (SSL_get_error(&ssl, 0) != SSL_ERROR_ZERO_RETURN) {
    throw_openssl("The server ended the connection without close_notify");
  }
}

int run(std::span<char* const> args) {
  const Options options(args, {{"host", "127.0.0.1"},
                               {"port"},
                               {"cert"},
                               {"key"},
                               {"count", "1000000"},
                               {"records", "packed"}});
  const bool packed = options.text("records") == "packed";
  if (!packed && options.text("records") != "single") {
    throw std::invalid_argument("--records takes packed or single, not '" +
                                options.text("records") + "'.");
  }
  const auto num_frames = options.number("count", 1, 1'000'000'000'000);
  const Corpus corpus = make_corpus();
  const std::size_t record_len = packed ? kMaxRecordLen : corpus.frame_len;
  Stream stream(corpus, record_len);
  const SslCtxPtr context = make_client_context(options.text("cert"), options.text("key"));
  const BioMethodPtr method = make_wire_method();
  const auto port = static_cast<std::uint16_t>(options.number("port", 1, 65535));
  const Fd socket = connect_to(options.text("host"), port);
  std::vector<std::byte> out;
  out.reserve(2 * kWriteLen);
  Wire wire{.fd = socket.get(), .in = {}, .reads_socket = true, .out = &out};
  const SslPtr ssl = make_ssl(*context, *method, wire);
  if (SSL_connect(ssl.get()) != 1) {
    throw_openssl("The handshake failed");
  }

  const auto cpu_before = cpu_time();
  const auto wall_before = std::chrono::steady_clock::now();
  send_stream(*ssl, wire, stream, num_frames * corpus.frame_len, record_len);
  close_and_wait(*ssl, wire);
  const auto wall = std::chrono::steady_clock::now() - wall_before;
  const auto cpu_us = static_cast<std::uint64_t>((cpu_time() - cpu_before).count());

  const auto wall_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
  JsonLine()
      .add("frames", num_frames)
      .add("bytes", num_frames * corpus.frame_len)
      .add("tls", std::string_view(SSL_get_version(ssl.get())))
      .add("cipher", std::string_view(SSL_get_cipher_name(ssl.get())))
      .add("cpu_us", cpu_us)
      .add("wall_us", static_cast<std::uint64_t>(wall_us))
      .add("ns_per_frame", static_cast<double>(cpu_us) * 1000.0 / static_cast<double>(num_frames))
      .print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return run_program("floor_sender", run, args.subspan(1));
}
