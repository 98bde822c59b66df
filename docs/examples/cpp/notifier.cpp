#include "notifier.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

namespace shop {

namespace {

constexpr std::size_t kMaxSent = 1000;
constexpr unsigned char kInvalidToken = 8;

std::string big_endian(std::uint32_t value, int num_bytes) {
  std::string out;
  for (int shift = 8 * (num_bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift);
  }
  return out;
}

std::string item(char id, const std::string& data) {
  return id + big_endian(static_cast<std::uint32_t>(data.size()), 2) + data;
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return out;
}

void require(bool is_right, const std::string& what) {
  if (!is_right) {
    throw std::runtime_error("push: " + what);
  }
}

}  // namespace

Notifier::Notifier(Settings settings, Gone gone)
    : settings_(std::move(settings)),
      gone_(std::move(gone)),
      context_(SSL_CTX_new(TLS_client_method())) {
  std::signal(SIGPIPE, SIG_IGN);  // the gateway hangs up behind a complaint, also while we write
  SSL_CTX* context = context_.get();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  require(SSL_CTX_load_verify_file(context, settings_.ca_file.c_str()) == 1, settings_.ca_file);
  require(SSL_CTX_use_certificate_chain_file(context, settings_.cert_file.c_str()) == 1,
          settings_.cert_file);
  require(SSL_CTX_use_PrivateKey_file(context, settings_.key_file.c_str(), SSL_FILETYPE_PEM) == 1,
          settings_.key_file);
}

void Notifier::shipped(const std::string& device_token, int order) {
  const std::string number = std::to_string(order);
  const std::string payload = R"({"aps":{"alert":"Order )" + number +
                              R"( is on its way","badge":1},"order":)" + number + "}";
  const std::uint32_t identifier = ++last_identifier_;
  const std::string items =
      item(1, from_hex(device_token)) + item(2, payload) + item(3, big_endian(identifier, 4));
  const std::string frame = '\2' + big_endian(static_cast<std::uint32_t>(items.size()), 4) + items;
  sent_.push_back(Sent{identifier, device_token, frame});
  if (sent_.size() > kMaxSent) {
    sent_.pop_front();
  }
  write(frame);
}

bool Notifier::settle(std::chrono::milliseconds limit) {
  if (!connection_) {
    return false;
  }
  const std::int64_t wait_ms = std::max<std::int64_t>(limit.count(), 1);  // 0 would be for ever
  const timeval wait{wait_ms / 1000, wait_ms % 1000 * 1000};
  setsockopt(static_cast<int>(BIO_get_fd(connection_.get(), nullptr)), SOL_SOCKET, SO_RCVTIMEO,
             &wait, sizeof wait);
  unsigned char packet[6];  // 8, the status, the identifier
  if (BIO_read(connection_.get(), packet, sizeof packet) != sizeof packet) {
    return false;
  }
  connection_.reset();
  const std::uint32_t identifier = std::uint32_t{packet[2]} << 24 | std::uint32_t{packet[3]} << 16 |
                                   std::uint32_t{packet[4]} << 8 | std::uint32_t{packet[5]};
  // What is before it was accepted.
  while (!sent_.empty() && sent_.front().identifier < identifier) {
    sent_.pop_front();
  }
  if (!sent_.empty() && sent_.front().identifier == identifier) {
    const std::string device_token = sent_.front().device_token;
    sent_.pop_front();
    if (packet[1] == kInvalidToken) {
      gone_(device_token);
    }
  }
  for (const Sent& one : std::deque<Sent>(sent_)) {
    write(one.frame);
  }
  return true;
}

void Notifier::write(const std::string& frame) {
  if (!connection_) {
    connect();
  }
  // No matter when it fails: then there was a complaint, and settle() sends all again.
  BIO_write(connection_.get(), frame.data(), static_cast<int>(frame.size()));
}

void Notifier::connect() {
  connection_.reset(BIO_new_ssl_connect(context_.get()));
  SSL* ssl = nullptr;
  BIO_get_ssl(connection_.get(), &ssl);
  SSL_set1_host(ssl, settings_.host.c_str());
  BIO_set_conn_hostname(connection_.get(), settings_.host.c_str());
  BIO_set_conn_port(connection_.get(), std::to_string(settings_.port).c_str());
  require(BIO_do_connect(connection_.get()) == 1,
          settings_.host + ":" + std::to_string(settings_.port) + " cannot be reached");
}

}  // namespace shop
