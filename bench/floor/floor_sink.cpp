// The least that a binary gateway can do: TLS with a client certificate, one large read, records
// decrypted and frames parsed in place, payloads checked as JSON. It answers nothing and keeps
// nothing. One thread. Serves until SIGTERM, then prints what it counted. The anchor of CPU per
// notification.

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

#include <openssl/err.h>

#include "bench/floor/frames.h"
#include "bench/floor/options.h"
#include "bench/floor/report.h"
#include "bench/floor/sockets.h"
#include "bench/floor/tls.h"

namespace {

using namespace apns::floor;

constexpr std::size_t kReadLen = 65536;
constexpr std::size_t kMaxRecordLen = 16384;  // plaintext of one TLS record: RFC 8446 section 5.1

struct Connection {
  Fd socket;
  Wire wire;
  std::vector<std::byte> partial;  // the front of a frame whose end has not arrived
  SslPtr ssl;
};

class Sink {
 public:
  Sink(SslCtxPtr context, std::uint16_t port)
      : context_(std::move(context)),
        listener_(listen_on_loopback(port)),
        stop_(stop_signal()),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) {
      throw_errno("No epoll descriptor can be made");
    }
    watch(listener_);
    watch(stop_);
  }

  [[nodiscard]] std::uint16_t port() const { return local_port(listener_); }

  void serve_until_stopped() {
    std::array<epoll_event, 64> events{};
    while (true) {
      const int num_events =
          epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      for (const epoll_event& event :
           std::span(events).first(static_cast<std::size_t>(std::max(num_events, 0)))) {
        if (event.data.fd == stop_.get()) {
          return;
        }
        if (event.data.fd == listener_.get()) {
          accept_one();
        } else {
          read_from(*connections_[static_cast<std::size_t>(event.data.fd)]);
        }
      }
    }
  }

  void add_counts(JsonLine& line) const {
    const auto num_open =
        std::count_if(connections_.begin(), connections_.end(),
                      [](const auto& connection) { return connection != nullptr; });
    line.add("frames", frames_.num_frames())
        .add("bad_payloads", frames_.num_bad_payloads())
        .add("bytes", num_plain_bytes_)
        .add("connections", num_connections_)
        .add("failed_connections", num_failed_)
        .add("open_connections", static_cast<std::uint64_t>(num_open));
  }

  [[nodiscard]] std::uint64_t num_frames() const { return frames_.num_frames(); }

 private:
  void watch(const Fd& fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd.get();
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) {
      throw_errno("A descriptor cannot be watched");
    }
  }

  void accept_one() {
    Fd socket = accept_from(listener_, false);
    if (socket.get() < 0) {
      return;
    }
    watch(socket);
    const auto slot = static_cast<std::size_t>(socket.get());
    if (connections_.size() <= slot) {
      connections_.resize(slot + 1);
    }
    auto connection = std::make_unique<Connection>();
    connection->wire.fd = socket.get();
    connection->wire.out = &out_;
    connection->socket = std::move(socket);
    connection->ssl = make_ssl(*context_, *method_, connection->wire);
    SSL_set_accept_state(connection->ssl.get());
    connections_[slot] = std::move(connection);
    ++num_connections_;
  }

  void read_from(Connection& connection) {
    const ssize_t received = ::read(connection.wire.fd, cipher_.data(), cipher_.size());
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (received <= 0) {
      drop(connection, true);  // without close_notify: cut off
      return;
    }
    connection.wire.in = std::span(cipher_).first(static_cast<std::size_t>(received));
    decrypt_and_check(connection);
  }

  // Decrypts record by record behind the partial frame and parses after each, while it is in the
  // cache.
  void decrypt_and_check(Connection& connection) {
    std::copy(connection.partial.begin(), connection.partial.end(), plain_.begin());
    std::size_t plain_len = connection.partial.size();
    std::size_t got = 0;
    while (SSL_read_ex(connection.ssl.get(), &plain_[plain_len], kMaxRecordLen, &got) == 1) {
      num_plain_bytes_ += got;
      const auto plain = std::span(plain_).first(plain_len + got);
      const auto taken = frames_.take(plain);
      if (!taken) {
        drop(connection, true);
        return;
      }
      const auto rest = plain.subspan(*taken);
      std::copy(rest.begin(), rest.end(), plain_.begin());
      plain_len = rest.size();
    }
    after_last_record(connection, std::span(plain_).first(plain_len));
  }

  void after_last_record(Connection& connection, std::span<const std::byte> partial) {
    switch (SSL_get_error(connection.ssl.get(), 0)) {
      case SSL_ERROR_WANT_READ:
        connection.partial.assign(partial.begin(), partial.end());
        if (!out_.empty() && !connection.wire.flush()) {
          drop(connection, true);
        }
        return;
      case SSL_ERROR_ZERO_RETURN:
        SSL_shutdown(connection.ssl.get());
        drop(connection, !connection.wire.flush() || !partial.empty());
        return;
      default:
        static_cast<void>(connection.wire.flush());  // an alert, if there is one and it can be sent
        drop(connection, true);
        return;
    }
  }

  void drop(Connection& connection, bool failed) {
    ERR_clear_error();
    num_failed_ += failed ? 1 : 0;
    connections_[static_cast<std::size_t>(connection.wire.fd)].reset();
  }

  BioMethodPtr method_ = make_wire_method();
  SslCtxPtr context_;
  Fd listener_;
  Fd stop_;
  Fd epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  FrameChecker frames_;
  std::uint64_t num_plain_bytes_ = 0;
  std::uint64_t num_connections_ = 0;
  std::uint64_t num_failed_ = 0;
  // Shared by all connections: empty between two events.
  std::vector<std::byte> out_;
  std::array<std::byte, kReadLen> cipher_{};
  std::array<std::byte, FrameChecker::kMaxFrameLen + kMaxRecordLen + FrameChecker::kPaddingLen>
      plain_{};
};

int run(std::span<char* const> args) {
  const Options options(args, {{"port", "0"},
                               {"cert"},
                               {"key"},
                               {"ca", ""},
                               {"tls", "1.2"},
                               {"release-buffers", "", true}});
  const ServerFiles files{.certificate = options.text("cert"),
                          .key = options.text("key"),
                          .authority = options.has("ca") ? options.text("ca") : ""};
  Sink sink(make_server_context(files, parse_version(options.text("tls")),
                                options.has("release-buffers")),
            static_cast<std::uint16_t>(options.number("port", 0, 65535)));
  raise_descriptor_limit(64);
  JsonLine().add("port", std::uint64_t{sink.port()}).print();

  const auto cpu_before = cpu_time();
  sink.serve_until_stopped();
  const auto cpu = cpu_time() - cpu_before;

  const auto num_frames = sink.num_frames();
  const auto cpu_us = static_cast<std::uint64_t>(cpu.count());
  JsonLine line;
  sink.add_counts(line);
  line.add("cpu_us", cpu_us)
      .add("ns_per_frame",
           num_frames == 0 ? 0.0
                           : static_cast<double>(cpu_us) * 1000.0 / static_cast<double>(num_frames))
      .add("max_rss_kb", max_rss_kb())
      .print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return run_program("floor_sink", run, args.subspan(1));
}
