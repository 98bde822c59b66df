#include "cli/control_client.h"

#include <array>
#include <atomic>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

namespace apns::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using mock::control::Method;

namespace {

/// Above the longest list that the API gives.
constexpr std::uint64_t kMaxAnswerBytes = std::uint64_t{64} * 1024 * 1024;

// Every await gives a tuple with an error code instead of throwing.
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

using HttpRequest = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

/// By ControlClient::stop().
class Stopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string seconds_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

std::string host_and_port(const ControlAddress& at) {
  const bool is_v6 = at.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port);
}

HttpRequest to_http(const ControlAddress& at, Method method, const std::string& path,
                    const std::string& body) {
  HttpRequest request;
  request.version(11);
  request.method_string(std::string(to_string(method)));
  request.target(at.path + path);
  request.set(http::field::host, host_and_port(at));
  request.set(http::field::user_agent, "apnslab");
  if (!at.secret.empty()) {
    request.set(http::field::authorization, "Bearer " + at.secret);
  }
  if (!body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
  }
  request.keep_alive(false);
  request.prepare_payload();
  return request;
}

/// What the problem document says; another answer is no answer of a control API.
[[noreturn]] void refuse(unsigned status, const std::string& body, const std::string& url) {
  const auto problem = nlohmann::json::parse(body, nullptr, false);
  const auto text = [&problem](const char* key) {
    const bool has_it = problem.is_object() && problem.contains(key) && problem[key].is_string();
    return has_it ? problem[key].get<std::string>() : std::string();
  };
  const std::string title = text("title");
  const std::string detail = text("detail");
  if (title.empty()) {
    throw std::runtime_error(url + " answered " + std::to_string(status) +
                             " without saying why. Is it the control API of apnslab?");
  }
  const bool is_sentence = title.ends_with('.') || title.ends_with('?');
  throw ControlRefusal(
      status, title + (is_sentence ? "" : ".") + (detail.empty() ? std::string() : " " + detail));
}

/// The host and the port of "localhost:2199"; without a port HTTP's.
std::optional<ControlAddress> parse_authority(std::string_view text) {
  ControlAddress at;
  at.port = 80;
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    at.host = text.substr(1, end - 1);
    ++end;
  } else {
    at.host = text.substr(0, end);
  }
  if (end < text.size()) {
    const std::string_view port = text.substr(end + 1);
    const auto [rest, error] = std::from_chars(port.begin(), port.end(), at.port);
    if (text[end] != ':' || error != std::errc{} || rest != port.end() || at.port == 0) {
      return std::nullopt;
    }
  }
  return at.host.empty() ? std::nullopt : std::optional(at);
}

}  // namespace

std::string ControlAddress::url() const {
  return "http://" + host_and_port(*this) + path;
}

ControlAddress parse_control_url(const std::string& text, const std::string& where) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) {
    rest.remove_prefix(kScheme.size());
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  while (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  const bool is_clean = text.find_first_of(" \t\r\n?#@") == std::string::npos &&
                        authority.find("://") == std::string_view::npos &&
                        text.find("://", kScheme.size()) == std::string::npos;
  auto at = is_clean ? parse_authority(authority) : std::nullopt;
  if (!at) {
    throw std::runtime_error(where + " must be a URL like http://localhost:2199/v1, not \"" + text +
                             "\".");
  }
  if (!rest.empty()) {
    at->path = rest;
  }
  return *at;
}

std::string path_step(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string step;
  for (const char letter : name) {
    if (kPlain.find(letter) != std::string_view::npos) {
      step += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    step += '%';
    step += kDigits[byte >> 4U];
    step += kDigits[byte & 15U];
  }
  return step;
}

struct ControlClient::Impl {
  Impl(ControlAddress address, const ControlLimits& time_limits)
      : at(std::move(address)), limits(time_limits) {}

  /// One exchange on a connection of its own. Throws what it threw.
  template <class Exchange>
  void run(Exchange exchange) {
    std::exception_ptr problem;
    is_late = false;
    buffer.clear();
    asio::co_spawn(io, std::move(exchange), [this, &problem](std::exception_ptr thrown) {
      problem = std::move(thrown);
      timer.cancel();
      error_code ignored;
      socket.close(ignored);
    });
    io.restart();
    io.run();
    if (problem) {
      std::rethrow_exception(problem);
    }
  }

  /// From now on; the limit before it no longer counts.
  void limit(Duration duration) {
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
    timer.async_wait([this](const error_code& error) {
      if (!error) {
        is_late = true;
        end();
      }
    });
  }

  /// Whatever is waited for comes back with an error.
  void end() {
    resolver.cancel();
    error_code ignored;
    socket.close(ignored);
  }

  /// Behind every await: an end that came while nothing was waited for counts, too.
  void check(const error_code& error, const char* doing) {
    if (is_stopped) {
      throw Stopped("stopped before " + at.url() + " had answered.");
    }
    if (is_late) {
      throw std::runtime_error(at.url() + " did not answer within " + seconds_text(limits.answer) +
                               ". Is it the control API of apnslab, and not held up?");
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::eof || error == asio::error::connection_reset ||
        error == asio::error::broken_pipe) {
      throw std::runtime_error(at.url() + " closed the connection before it had answered.");
    }
    if (error) {
      throw std::runtime_error(at.url() + ": " + doing + ": " + error.message() + ".");
    }
  }

  awaitable<void> connect() {
    check({}, "connecting");
    const std::string port = std::to_string(at.port);
    const auto [resolve_error, found] = co_await resolver.async_resolve(at.host, port, kToken);
    if (resolve_error && !is_late && !is_stopped) {
      throw std::runtime_error(at.url() + ": the host cannot be found: " + resolve_error.message() +
                               ".");
    }
    check(resolve_error, "looking up the host");
    const auto [error, endpoint] = co_await asio::async_connect(socket, found, kToken);
    if (error && !is_late && !is_stopped) {
      throw std::runtime_error("no service answers at " + at.url() + " (" + error.message() +
                               "). Start `apnslab serve`, or name another one with --control URL.");
    }
    check(error, "connecting");
  }

  /// Sends the request and reads the answer's header; of an answer that says no also the rest.
  awaitable<void> begin(const HttpRequest& request, Parser& parser) {
    limit(limits.answer);
    co_await connect();
    const auto [write_error, written] = co_await http::async_write(socket, request, kToken);
    check(write_error, "sending");
    const auto [error, len] = co_await http::async_read_header(socket, buffer, parser, kToken);
    check(error, "what came is no HTTP");
    if (parser.get().result_int() >= 400) {
      co_await finish(parser);
      refuse(parser.get().result_int(), parser.get().body(), at.url());
    }
  }

  awaitable<void> finish(Parser& parser) {
    const auto [error, len] = co_await http::async_read(socket, buffer, parser, kToken);
    check(error, "reading");
  }

  awaitable<void> ask(const HttpRequest& request, std::string& answer) {
    Parser parser;
    parser.body_limit(kMaxAnswerBytes);
    co_await begin(request, parser);
    co_await finish(parser);
    answer = std::move(parser.get().body());
  }

  awaitable<void> follow(const HttpRequest& request, const std::function<void()>& on_open,
                         const ServerEventReader::Listener& listener, StreamEnd& how) {
    Parser parser;
    parser.body_limit(boost::none);
    co_await begin(request, parser);
    on_open();
    ServerEventReader reader;
    for (;;) {
      const std::string text = std::exchange(parser.get().body(), {});
      if (!reader.feed(text, listener)) {
        how = StreamEnd::Enough;
        co_return;
      }
      if (parser.is_done()) {
        how = StreamEnd::Ended;
        co_return;
      }
      limit(limits.silence);
      const auto [error, len] = co_await http::async_read_some(socket, buffer, parser, kToken);
      if (is_stopped) {
        how = StreamEnd::Stopped;
        co_return;
      }
      if (is_late) {
        throw std::runtime_error(at.url() + " has been silent for " + seconds_text(limits.silence) +
                                 ". It is held up, or gone.");
      }
      if (error) {  // however it went
        how = StreamEnd::Ended;
        co_return;
      }
    }
  }

  const ControlAddress at;
  const ControlLimits limits;
  std::atomic<bool> is_stopped = false;
  bool is_late = false;
  asio::io_context io{1};
  tcp::resolver resolver{io};
  tcp::socket socket{io};
  asio::steady_timer timer{io};
  beast::flat_buffer buffer;
};

ControlClient::ControlClient(ControlAddress at, const ControlLimits& limits)
    : impl_(std::make_unique<Impl>(std::move(at), limits)) {}

ControlClient::~ControlClient() = default;

nlohmann::ordered_json ControlClient::ask(Method method, const std::string& path,
                                          const std::string& body) {
  const HttpRequest request = to_http(impl_->at, method, path, body);
  std::string answer;
  impl_->run([this, &request, &answer] { return impl_->ask(request, answer); });
  if (answer.empty()) {
    return nullptr;
  }
  auto json = nlohmann::ordered_json::parse(answer, nullptr, false);
  if (json.is_discarded()) {
    throw std::runtime_error(impl_->at.url() +
                             " answered something that is not JSON. Is it the control API of "
                             "apnslab?");
  }
  return json;
}

ControlClient::StreamEnd ControlClient::follow(const std::string& path,
                                               const std::function<void()>& on_open,
                                               const ServerEventReader::Listener& listener) {
  const HttpRequest request = to_http(impl_->at, Method::Get, path, {});
  StreamEnd how = StreamEnd::Ended;
  try {
    impl_->run([this, &request, &on_open, &listener, &how] {
      return impl_->follow(request, on_open, listener, how);
    });
  } catch (const Stopped&) {
    return StreamEnd::Stopped;
  }
  return how;
}

void ControlClient::stop() {
  impl_->is_stopped = true;
  asio::post(impl_->io, [impl = impl_.get()] { impl->end(); });
}

}  // namespace apns::cli
