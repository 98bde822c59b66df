// The product's binary provider as a load: provider::BinaryClient over TLS and a socket host, given
// the frames of floor_sender as notifications, without a command line or JSON lines in between.
// Prints what floor_sender prints; measure.py has both send to one sink.
//
// CPU is that of the whole process (its main thread only waits) from the first notification to the
// last outcome, so that encoding, encryption, writing, settling and the handshake are all in it.

#include <array>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "apns/net/socket_host.h"
#include "apns/tls/tls_engine.h"
#include "bench/floor/frames.h"
#include "bench/floor/options.h"
#include "bench/floor/report.h"
#include "certs/credential.h"
#include "certs/whole_file.h"
#include "provider/binary_client.h"

namespace apns::bench {
namespace {

constexpr std::chrono::minutes kLimit{10};

/// Like floor_sender's: one cipher for each version, and one group.
struct Cipher {
  const char* version;
  const char* name;
};

constexpr std::array<Cipher, 2> kCiphers{
    {{"TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"}, {"TLSv1.3", "TLS_AES_128_GCM_SHA256"}}};

std::string whole_file(const std::string& path) {
  const std::optional<std::string> text = certs::read_file(path);
  if (!text) {
    throw std::runtime_error("There is no file " + path + ".");
  }
  return *text;
}

/// Trusts any server, as floor_sender does.
tls::Context make_context(const std::string& certificate, const std::string& key) {
  const auth::X509Ptr own = certs::parse_certificate_pem(whole_file(certificate));
  const auth::KeyPtr own_key = certs::parse_key_pem(whole_file(key));
  tls::ClientOptions options;
  options.certificate = own.get();
  options.key = own_key.get();
  options.verify_peer = false;
  tls::Context context(options);
  if (SSL_CTX_set_cipher_list(context.handle(), kCiphers[0].name) != 1 ||
      SSL_CTX_set_ciphersuites(context.handle(), kCiphers[1].name) != 1 ||
      SSL_CTX_set1_groups_list(context.handle(), "P-256") != 1) {
    throw std::runtime_error("The TLS context cannot be set up.");
  }
  return context;
}

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

/// Sends `count` notifications as fast as the client takes them, then drains.
class Sender final : public provider::OutcomeSink {
 public:
  Sender(const provider::BinaryClientOptions& options, tls::Context context, std::uint64_t count,
         std::uint64_t batch)
      : context_(std::move(context)),
        scratch_(tls::make_scratch(1)),
        count_(count),
        batch_(batch),
        client_(options, watched(tls::make_transport(context_, clock_, scratch_, &client_, {})),
                *this) {
    client_.use_dialer(host_.make_dialer(client_));
    host_.start();
  }

  ~Sender() override {
    host_.run_on(0, [this] { client_.release_dialer(); });
    host_.stop();
  }

  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Throws std::runtime_error, a full sentence, unless each was sent.
  void run() {
    host_.post(0, [this] { give(); });
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLimit, [this] { return is_over_; })) {
      throw std::runtime_error("The client was not done within ten minutes.");
    }
    if (num_sent_ != count_) {
      throw std::runtime_error(std::to_string(num_sent_) + " of " + std::to_string(count_) +
                               " notifications were sent. " + error_);
    }
  }

  /// After run().
  [[nodiscard]] const std::string& tls_version() const { return tls_version_; }

 private:
  Transport watched(Transport inner) {
    return [this, inner = std::move(inner)](const PeerInfo& peer, EngineHost& host,
                                            EngineFactory make, TimePoint now) {
      return inner(
          peer, host,
          [this, make = std::move(make)](const PeerInfo& known, EngineHost& outer, TimePoint when) {
            tls_version_ = known.tls_version;
            return make(known, outer, when);
          },
          now);
    };
  }

  /// Gives one batch; the next comes when the host has written what it can of this one.
  void give() {
    for (std::uint64_t i = 0; i < batch_ && num_given_ < count_; ++i) {
      const Notification& next = notifications_[num_given_ % notifications_.size()];
      const provider::SendResult result = client_.try_send(next, num_given_);
      if (result == provider::SendResult::Full) {
        return;  // writable() goes on
      }
      if (result != provider::SendResult::Queued) {
        finish();
        return;
      }
      ++num_given_;
    }
    if (num_given_ < count_) {
      host_.post(0, [this] { give(); });
    } else {
      client_.drain(kLimit);
    }
  }

  void outcomes(std::span<const provider::Outcome> batch) override {
    for (const provider::Outcome& outcome : batch) {
      num_sent_ += outcome.kind == provider::OutcomeKind::Sent ? 1 : 0;
    }
  }

  void writable() override { give(); }

  void drained() override { finish(); }

  void finish() {
    const std::lock_guard lock(mutex_);
    error_ = client_.last_error();
    is_over_ = true;
    changed_.notify_all();
  }

  const std::vector<Notification> notifications_ = corpus_notifications();
  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  const std::uint64_t count_;
  const std::uint64_t batch_;
  net::SocketHost host_;

  // On the host's thread, until is_over_.
  std::uint64_t num_given_ = 0;
  std::uint64_t num_sent_ = 0;
  std::string tls_version_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::string error_;

  provider::BinaryClient client_;  // its dialer ends before the host
};

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
  Sender sender(client, make_context(options.text("cert"), options.text("key")), count,
                options.number("batch", 1, 1'000'000));

  const auto cpu_before = floor::cpu_time();
  const auto wall_before = std::chrono::steady_clock::now();
  sender.run();
  const auto wall = std::chrono::steady_clock::now() - wall_before;
  const auto cpu_us = static_cast<std::uint64_t>((floor::cpu_time() - cpu_before).count());

  const char* cipher = "";
  for (const Cipher& known : kCiphers) {
    cipher = sender.tls_version() == known.version ? known.name : cipher;
  }
  const auto wall_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
  floor::JsonLine()
      .add("frames", count)
      .add("tls", std::string_view(sender.tls_version()))
      .add("cipher", std::string_view(cipher))
      .add("cpu_us", cpu_us)
      .add("wall_us", static_cast<std::uint64_t>(wall_us))
      .add("ns_per_frame", static_cast<double>(cpu_us) * 1000.0 / static_cast<double>(count))
      .print();
  return 0;
}

}  // namespace
}  // namespace apns::bench

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return apns::floor::run_program("binary_sender", apns::bench::run, args.subspan(1));
}
