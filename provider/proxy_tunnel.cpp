#include "provider/proxy_tunnel.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <openssl/evp.h>

#include "provider/dial_plan.h"

namespace apns::provider {

namespace {

constexpr std::size_t kMaxHead = 16'384;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kMaxToldLine = 200;
constexpr unsigned kProxyAuthenticationRequired = 407;

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int len = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                  reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(len));
  return out;
}

std::string request_of(const Proxy& proxy, const std::string& service) {
  std::string request = "CONNECT " + service + " HTTP/1.1\r\nHost: " + service + "\r\n";
  if (!proxy.user.empty()) {
    request += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
  }
  return request + "\r\n";
}

/// Of "HTTP/1.1 200 OK"; 0: it is none.
unsigned status_of(std::string_view line) {
  constexpr std::string_view kBegin = "HTTP/1.";
  constexpr std::size_t kStatusAt = 9;
  if (!line.starts_with(kBegin) || line.size() < kStatusAt + 3 || line[kStatusAt - 1] != ' ') {
    return 0;
  }
  unsigned status = 0;
  const char* begin = line.data() + kStatusAt;
  const auto [end, error] = std::from_chars(begin, begin + 3, status);
  return error == std::errc() && end == begin + 3 ? status : 0;
}

std::string printable(std::string_view line) {
  std::string out(line.substr(0, kMaxToldLine));
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '.');
  return out;
}

}  // namespace

ProxyTunnel::ProxyTunnel(const PeerInfo& peer, EngineHost& host, const Proxy& proxy,
                         const std::string& service, EngineFactory inner, ProxyObserver& observer,
                         TimePoint now)
    : peer_(peer),
      host_(host),
      at_(proxy.at.to_string()),
      make_inner_(std::move(inner)),
      observer_(observer),
      limit_(later(now, proxy.limit)),
      request_(request_of(proxy, service)) {}

std::size_t ProxyTunnel::feed(std::span<const std::byte> in, TimePoint now) {
  if (inner_ != nullptr) {
    return inner_->feed(in, now);
  }
  // The end of the head may lie across two pieces.
  const std::size_t had = head_.size();
  const std::size_t look_from = had - std::min(had, kHeadEnd.size() - 1);
  head_ += as_text(in.first(std::min(in.size(), kMaxHead - had)));
  const std::size_t end = head_.find(kHeadEnd, look_from);
  if (end == std::string::npos) {
    if (head_.size() == kMaxHead) {
      fail("answered CONNECT with more than " + std::to_string(kMaxHead) +
           " bytes of header fields");
    }
    return in.size();
  }
  const std::size_t taken = end + kHeadEnd.size() - had;
  read_answer(now);
  if (inner_ == nullptr) {
    return in.size();
  }
  const std::span<const std::byte> rest = in.subspan(taken);
  return taken + (rest.empty() || !inner_->wants_read() ? 0 : inner_->feed(rest, now));
}

void ProxyTunnel::read_answer(TimePoint now) {
  const std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
  const unsigned status = status_of(line);
  if (status < 200 || status > 299) {
    fail(status == 0 ? "does not speak HTTP/1.1: \"" + printable(line) + "\""
                     : "answered CONNECT with \"" + printable(line) + "\"" +
                           (status == kProxyAuthenticationRequired
                                ? ": it wants a user and a password that it knows"
                                : ""),
         status == kProxyAuthenticationRequired);
    return;
  }
  inner_ = make_inner_(peer_, static_cast<EngineHost&>(*this), now);
  if (inner_ == nullptr) {
    close_ = Close::Reset;
  }
  head_ = {};
  request_ = {};
}

void ProxyTunnel::fail(const std::string& what, bool is_final) {
  if (close_ != Close::None) {
    return;
  }
  close_ = Close::Reset;
  observer_.proxy_failed(peer_, " cannot be reached: the proxy " + at_ + " " + what, is_final);
}

void ProxyTunnel::ended(End end, TimePoint now) {
  if (inner_ != nullptr) {
    inner_->ended(end, now);
    return;
  }
  fail("ended the connection before it had answered CONNECT");
}

std::span<const std::byte> ProxyTunnel::pending() const {
  return inner_ != nullptr       ? inner_->pending()
         : close_ != Close::None ? ByteView{}
                                 : as_bytes(request_).subspan(num_sent_);
}

void ProxyTunnel::sent(std::size_t n, TimePoint now) {
  if (inner_ != nullptr) {
    inner_->sent(n, now);
  } else {
    num_sent_ += n;
  }
}

TimePoint ProxyTunnel::deadline() const {
  return inner_ != nullptr ? inner_->deadline() : close_ != Close::None ? kNever : limit_;
}

void ProxyTunnel::on_time(TimePoint now) {
  if (inner_ != nullptr) {
    inner_->on_time(now);
  } else if (limit_ <= now) {
    fail("did not answer CONNECT in time");
  }
}

Transport proxy_transport(Proxy proxy, const Endpoint& service, Transport below,
                          ProxyObserver& observer) {
  return [proxy = std::move(proxy), name = service.to_string(), below = std::move(below),
          &observer](const PeerInfo& peer, EngineHost& host, EngineFactory inner,
                     TimePoint now) -> std::unique_ptr<Engine> {
    const EngineFactory through = [below, inner = std::move(inner)](
                                      const PeerInfo& known, EngineHost& outer, TimePoint when) {
      return below(known, outer, inner, when);
    };
    return std::make_unique<ProxyTunnel>(peer, host, proxy, name, through, observer, now);
  };
}

}  // namespace apns::provider
