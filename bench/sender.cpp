#include "bench/sender.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bench/floor/report.h"
#include "certs/credential.h"
#include "certs/whole_file.h"

namespace apns::bench {

namespace {

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

}  // namespace

tls::Context sender_context(const std::string& certificate, const std::string& key,
                            std::vector<std::string> alpn) {
  auth::X509Ptr own;
  auth::KeyPtr own_key;
  tls::ClientOptions options;
  if (!certificate.empty()) {
    own = certs::parse_certificate_pem(whole_file(certificate));
    own_key = certs::parse_key_pem(whole_file(key));
    options.certificate = own.get();
    options.key = own_key.get();
  }
  options.alpn = std::move(alpn);
  options.verify_peer = false;
  tls::Context context(options);
  if (SSL_CTX_set_cipher_list(context.handle(), kCiphers[0].name) != 1 ||
      SSL_CTX_set_ciphersuites(context.handle(), kCiphers[1].name) != 1 ||
      SSL_CTX_set1_groups_list(context.handle(), "P-256") != 1) {
    throw std::runtime_error("The TLS context cannot be set up.");
  }
  return context;
}

std::string cipher_of(const std::string& tls_version) {
  for (const Cipher& known : kCiphers) {
    if (tls_version == known.version) {
      return known.name;
    }
  }
  return "";
}

Sender::Sender(Options options, tls::Context context, const MakeClient& make_client)
    : options_(std::move(options)),
      context_(std::move(context)),
      scratch_(tls::make_scratch(1)),
      has_outcome_(options_.count),
      client_(make_client(watched(tls::make_transport(context_, clock_, scratch_, this, {})),
                          clock_, *this)) {
  client_->use_dialer(host_.make_dialer(*client_));
  host_.start();
}

Sender::~Sender() {
  host_.run_on(0, [this] { client_->release_dialer(); });
  host_.stop();
}

Tally Sender::run() {
  host_.post(0, [this] { give(); });
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, options_.limit, [this] { return is_over_; })) {
    throw std::runtime_error("The client was not done within " +
                             std::to_string(options_.limit.count()) + " s.");
  }
  if (tally_.again != 0 || tally_.all() != options_.count) {
    throw std::runtime_error(std::to_string(tally_.all()) + " of " +
                             std::to_string(options_.count) + " notifications have an outcome, " +
                             std::to_string(tally_.again) + " a second one. " + error_);
  }
  return tally_;
}

provider::ClientStats Sender::stats() {
  provider::ClientStats stats;
  host_.run_on(0, [&] { stats = client_->stats(); });
  return stats;
}

Transport Sender::watched(Transport inner) {
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

void Sender::give() {
  for (std::uint64_t i = 0; i < options_.batch && num_given_ < options_.count; ++i) {
    const Notification& next = options_.notifications[num_given_ % options_.notifications.size()];
    const provider::SendResult result = client_->try_send(next, num_given_);
    if (result == provider::SendResult::Full) {
      return;  // writable() goes on
    }
    if (result != provider::SendResult::Queued) {
      finish();
      return;
    }
    ++num_given_;
  }
  if (num_given_ < options_.count) {
    host_.post(0, [this] { give(); });
  } else {
    client_->drain(options_.limit);
  }
}

void Sender::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  client_->tls_failed(peer, failure);
}

void Sender::outcomes(std::span<const provider::Outcome> batch) {
  for (const provider::Outcome& outcome : batch) {
    if (has_outcome_[outcome.ticket]) {
      ++tally_.again;
      continue;
    }
    has_outcome_[outcome.ticket] = true;
    switch (outcome.kind) {
      case provider::OutcomeKind::Sent:
        ++tally_.sent;
        break;
      case provider::OutcomeKind::Rejected:
        ++tally_.rejected;
        break;
      case provider::OutcomeKind::Unknown:
        ++tally_.unknown;
        break;
    }
    if (options_.at_tenth && options_.count >= 10 && tally_.all() % (options_.count / 10) == 0) {
      options_.at_tenth(tally_.all());
    }
  }
}

void Sender::finish() {
  const std::lock_guard lock(mutex_);
  error_ = client_->last_error();
  is_over_ = true;
  changed_.notify_all();
}

void run_and_print(Sender& sender, std::uint64_t count) {
  const auto cpu_before = floor::cpu_time();
  const auto wall_before = std::chrono::steady_clock::now();
  const Tally tally = sender.run();
  const auto wall = std::chrono::steady_clock::now() - wall_before;
  const auto cpu_us = static_cast<std::uint64_t>((floor::cpu_time() - cpu_before).count());
  const auto wall_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
  floor::JsonLine()
      .add("frames", count)
      .add("tls", std::string_view(sender.tls_version()))
      .add("cipher", std::string_view(cipher_of(sender.tls_version())))
      .add("cpu_us", cpu_us)
      .add("wall_us", static_cast<std::uint64_t>(wall_us))
      .add("ns_per_frame", static_cast<double>(cpu_us) * 1000.0 / static_cast<double>(count))
      .add("sent", tally.sent)
      .add("rejected", tally.rejected)
      .add("unknown", tally.unknown)
      .add("connections", sender.stats().connections)
      .print();
}

}  // namespace apns::bench
