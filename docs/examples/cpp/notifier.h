// The program that is tested: it tells customers what became of their orders. It knows nothing of
// apnslab: where the gateway is and whom to trust are its settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace shop {

struct Settings {
  std::string host;
  std::uint16_t port = 2195;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
};

class Notifier {
 public:
  /// Told of a device token that is no good any more: whoever keeps them has to forget it.
  using Gone = std::function<void(const std::string& device_token)>;

  Notifier(Settings settings, Gone gone);

  void shipped(const std::string& device_token, int order);

  /// Waits for a complaint of the gateway, which says nothing of what it likes, and does what is to
  /// be done: what was sent behind the bad one is sent again. False: none came within `limit`.
  bool settle(std::chrono::milliseconds limit);

 private:
  struct Sent {
    std::uint32_t identifier;
    std::string device_token;
    std::string frame;
  };

  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

    void operator()(BIO* bio) const { BIO_free_all(bio); }
  };

  void connect();
  void write(const std::string& frame);

  Settings settings_;
  Gone gone_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<BIO, Free> connection_;
  std::uint32_t last_identifier_ = 0;
  std::deque<Sent> sent_;  // the newest, in case that the gateway complains
};

}  // namespace shop
