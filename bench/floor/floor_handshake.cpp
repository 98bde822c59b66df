// Full TLS handshakes with a client certificate, and nothing else, by OpenSSL over blocking
// sockets.
//
//   floor_handshake serve [--hold]      accept, handshake, read to the client's close_notify,
//   close;
//                                       with --hold it keeps every connection until SIGTERM
//   floor_handshake client --count N    N connections one behind the other, none resumed
//   floor_handshake client --idle N     N connections that stay open until standard input ends
//
// The anchor of CPU per handshake and, held, of memory per idle connection.

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <openssl/err.h>

#include "bench/floor/options.h"
#include "bench/floor/report.h"
#include "bench/floor/sockets.h"
#include "bench/floor/tls.h"

namespace {

using namespace apns::floor;

constexpr std::uint64_t kSpareDescriptors = 32;

struct Connection {
  Fd socket;
  SslPtr ssl;
};

SslPtr make_ssl_on(SSL_CTX& context, const Fd& socket) {
  SslPtr ssl(SSL_new(&context));
  if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) {
    throw_openssl("No TLS connection can be made");
  }
  return ssl;
}

/// True when the peer's close_notify is the next thing that arrives.
bool read_to_end(SSL& ssl) {
  std::byte unexpected{};
  std::size_t got = 0;
  return SSL_read_ex(&ssl, &unexpected, 1, &got) == 0 &&
         SSL_get_error(&ssl, 0) == SSL_ERROR_ZERO_RETURN;
}

class Server {
 public:
  Server(SslCtxPtr context, std::uint16_t port, bool hold)
      : context_(std::move(context)),
        listener_(listen_on_loopback(port)),
        stop_(stop_signal()),
        hold_(hold) {}

  [[nodiscard]] std::uint16_t port() const { return local_port(listener_); }

  void serve_until_stopped() {
    std::array<pollfd, 2> waits{pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = listener_.get(), .events = POLLIN, .revents = 0}};
    while (true) {
      if (poll(waits.data(), waits.size(), -1) < 0) {
        continue;
      }
      if (waits[0].revents != 0) {
        return;
      }
      serve_one();
    }
  }

  void add_counts(JsonLine& line) const {
    line.add("handshakes", num_handshakes_)
        .add("failed_connections", num_failed_)
        .add("open_connections", static_cast<std::uint64_t>(held_.size()));
  }

  [[nodiscard]] std::uint64_t num_handshakes() const { return num_handshakes_; }

 private:
  void serve_one() {
    Fd socket = accept_from(listener_, true);
    if (socket.get() < 0) {
      return;
    }
    SslPtr ssl = make_ssl_on(*context_, socket);
    const bool shaken = SSL_accept(ssl.get()) == 1;
    num_handshakes_ += shaken ? 1 : 0;
    if (shaken && hold_) {
      held_.push_back(Connection{.socket = std::move(socket), .ssl = std::move(ssl)});
      return;
    }
    if (!shaken || !read_to_end(*ssl) || SSL_shutdown(ssl.get()) < 0) {
      ++num_failed_;
      ERR_clear_error();
    }
  }

  SslCtxPtr context_;
  Fd listener_;
  Fd stop_;
  bool hold_;
  std::vector<Connection> held_;
  std::uint64_t num_handshakes_ = 0;
  std::uint64_t num_failed_ = 0;
};

double per_item_us(std::uint64_t cpu_us, std::uint64_t num_items) {
  return num_items == 0 ? 0.0 : static_cast<double>(cpu_us) / static_cast<double>(num_items);
}

int serve(std::span<char* const> args) {
  const Options options(
      args, {{"port", "0"}, {"cert"}, {"key"}, {"ca", ""}, {"tls", "1.3"}, {"hold", "", true}});
  const ServerFiles files{.certificate = options.text("cert"),
                          .key = options.text("key"),
                          .authority = options.has("ca") ? options.text("ca") : ""};
  raise_descriptor_limit(64);
  Server server(make_server_context(files, parse_version(options.text("tls")), true),
                static_cast<std::uint16_t>(options.number("port", 0, 65535)), options.has("hold"));
  JsonLine().add("port", std::uint64_t{server.port()}).print();

  const auto cpu_before = cpu_time();
  server.serve_until_stopped();
  const auto cpu_us = static_cast<std::uint64_t>((cpu_time() - cpu_before).count());

  JsonLine line;
  server.add_counts(line);
  line.add("cpu_us", cpu_us)
      .add("us_per_handshake", per_item_us(cpu_us, server.num_handshakes()))
      .add("max_rss_kb", max_rss_kb())
      .print();
  return 0;
}

Connection connect_with_handshake(SSL_CTX& context, const Options& options) {
  const auto port = static_cast<std::uint16_t>(options.number("port", 1, 65535));
  Fd socket = connect_to(options.text("host"), port);
  SslPtr ssl = make_ssl_on(context, socket);
  if (SSL_connect(ssl.get()) != 1) {
    throw_openssl("The handshake failed");
  }
  return Connection{.socket = std::move(socket), .ssl = std::move(ssl)};
}

int connect_one_by_one(SSL_CTX& context, const Options& options) {
  const auto num_handshakes = options.number("count", 1, 100'000'000);
  std::string tls;
  std::string cipher;
  const auto cpu_before = cpu_time();
  const auto wall_before = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < num_handshakes; ++i) {
    const Connection connection = connect_with_handshake(context, options);
    // In TLS 1.3 the client is done before the server has judged its certificate: only the server's
    // own goodbye shows that it was taken.
    if (SSL_shutdown(connection.ssl.get()) < 0 || !read_to_end(*connection.ssl)) {
      throw_openssl("The server did not take the connection, or ended it without close_notify");
    }
    tls = SSL_get_version(connection.ssl.get());
    cipher = SSL_get_cipher_name(connection.ssl.get());
  }
  const auto wall = std::chrono::steady_clock::now() - wall_before;
  const auto cpu_us = static_cast<std::uint64_t>((cpu_time() - cpu_before).count());
  const auto wall_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
  JsonLine()
      .add("handshakes", num_handshakes)
      .add("tls", std::string_view(tls))
      .add("cipher", std::string_view(cipher))
      .add("cpu_us", cpu_us)
      .add("wall_us", static_cast<std::uint64_t>(wall_us))
      .add("us_per_handshake", per_item_us(cpu_us, num_handshakes))
      .print();
  return 0;
}

/// How many connections have something to read: an alert, or the end.
std::uint64_t count_lost(const std::vector<Connection>& connections) {
  std::vector<pollfd> waits;
  waits.reserve(connections.size());
  for (const Connection& connection : connections) {
    waits.push_back(pollfd{.fd = connection.socket.get(), .events = POLLIN, .revents = 0});
  }
  const int num_ready = poll(waits.data(), waits.size(), 0);
  if (num_ready < 0) {
    throw_errno("The connections cannot be looked at");
  }
  return static_cast<std::uint64_t>(num_ready);
}

void wait_for_end_of_input() {
  std::array<char, 64> ignored{};
  ssize_t got = 1;
  while (got > 0 || (got < 0 && errno == EINTR)) {
    got = ::read(STDIN_FILENO, ignored.data(), ignored.size());
  }
}

int keep_idle(SSL_CTX& context, const Options& options) {
  const auto num_connections = options.number("idle", 1, 1'000'000);
  raise_descriptor_limit(num_connections + kSpareDescriptors);
  std::vector<Connection> connections;
  connections.reserve(num_connections);
  while (connections.size() < num_connections) {
    connections.push_back(connect_with_handshake(context, options));
  }
  JsonLine().add("opened", num_connections).print();
  wait_for_end_of_input();
  const std::uint64_t num_lost = count_lost(connections);
  for (const Connection& connection : connections) {
    SSL_shutdown(connection.ssl.get());  // the server may be gone already
    ERR_clear_error();
  }
  JsonLine().add("opened", num_connections).add("lost", num_lost).print();
  return num_lost == 0 ? 0 : 1;
}

int client(std::span<char* const> args) {
  const Options options(
      args, {{"host", "127.0.0.1"}, {"port"}, {"cert"}, {"key"}, {"count", "1000"}, {"idle", ""}});
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
    throw_errno("SIGPIPE cannot be ignored");
  }
  const SslCtxPtr context = make_client_context(options.text("cert"), options.text("key"));
  return options.has("idle") ? keep_idle(*context, options) : connect_one_by_one(*context, options);
}

int run(std::span<char* const> args) {
  const std::string_view mode = args.empty() ? "" : args.front();
  if (mode == "serve") {
    return serve(args.subspan(1));
  }
  if (mode == "client") {
    return client(args.subspan(1));
  }
  throw std::invalid_argument("The first word is serve or client, not '" + std::string(mode) +
                              "'.");
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return run_program("floor_handshake", run, args.subspan(1));
}
