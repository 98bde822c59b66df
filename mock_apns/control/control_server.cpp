#include "mock_apns/control/control_server.h"

#include <array>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "apns/net/open_acceptor.h"
#include "apns/net/socket_host.h"
#include "apns/net/thread_name.h"
#include "mock_apns/control/problem.h"

namespace apns::mock::control {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// How often who waits looks at the ledger.
constexpr auto kLookEvery = std::chrono::milliseconds(5);

// Every await gives a tuple with an error code instead of throwing.
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

using HttpResponse = http::response<http::string_body>;
using Parser = http::request_parser<http::string_body>;

std::string field(const http::request<http::string_body>& request, http::field name) {
  return std::string(request[name]);
}

std::optional<Request> to_request(const http::request<http::string_body>& message) {
  // HEAD is a GET whose answer has no body.
  const std::optional<Method> method = message.method() == http::verb::head
                                           ? Method::Get
                                           : parse_method(std::string(message.method_string()));
  if (!method) {
    return std::nullopt;
  }
  Request request;
  request.method = *method;
  request.target = std::string(message.target());
  request.body = message.body();
  request.host = field(message, http::field::host);
  request.origin = field(message, http::field::origin);
  request.authorization = field(message, http::field::authorization);
  request.last_event_id = std::string(message["Last-Event-ID"]);
  return request;
}

/// Why a request could not be read; nullopt: the client is gone or too slow, and hears nothing.
std::optional<Response> answer_to(const error_code& error, const ServerOptions& options) {
  if (error == http::error::body_limit) {
    return to_response(Problem(413, "too-large",
                               "The body has more than " + std::to_string(options.max_body_bytes) +
                                   " bytes. Send less at a time."));
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return to_response(Problem(
        431, "too-large",
        "The header has more than " + std::to_string(options.max_header_bytes) + " bytes."));
  }
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return to_response(
        Problem(400, "bad-http", "This is no HTTP/1.1 request: " + error.message() + "."));
  }
  return std::nullopt;
}

HttpResponse to_http(Response response, unsigned version, bool keep_alive, bool is_head) {
  HttpResponse message{http::int_to_status(response.status), version};
  message.result(response.status);
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  if (!response.allow.empty()) {
    message.set(http::field::allow, response.allow);
  }
  if (response.status == 401) {
    message.set(http::field::www_authenticate, "Bearer");
  }
  message.keep_alive(keep_alive);
  message.content_length(response.body.size());
  if (!is_head) {
    message.body() = std::move(response.body);
  }
  return message;
}

/// One connection.
class Session {
 public:
  Session(tcp::socket socket, const ServerOptions& options, const ControlServer::Handler& handler)
      : stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        options_(options),
        handler_(handler) {}

  awaitable<void> run() {
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await serve_one();
    }
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  awaitable<void> refuse(Response response) {
    co_await write(std::move(response), 11, false, false);
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

 private:
  /// True: the connection is kept for another request.
  awaitable<bool> serve_one() {
    std::optional<Parser> parser;
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser->body_limit(options_.max_body_bytes);
    const error_code error = co_await read(*parser);
    if (error) {
      std::optional<Response> why = answer_to(error, options_);
      if (why) {
        co_await write(std::move(*why), 11, false, false);
        co_await drain();
      }
      co_return false;
    }
    const http::request<http::string_body> message = parser->release();
    const unsigned version = message.version();
    const bool keep_alive = message.keep_alive();
    const bool is_head = message.method() == http::verb::head;
    const std::optional<Request> request = to_request(message);
    if (!request) {
      Response why = to_response(Problem(
          501, "method", "\"" + std::string(message.method_string()) + "\" is no method here."));
      co_return co_await write(std::move(why), version, keep_alive, false);
    }
    Answer answer = handler_(*request, net::io_now());
    auto* feed = std::get_if<std::unique_ptr<EventStream>>(&answer);
    if (feed != nullptr && !is_head) {
      co_await send_events(**feed, version);
      co_return false;
    }
    if (auto* pending = std::get_if<std::unique_ptr<Pending>>(&answer)) {
      std::optional<Response> late = co_await wait_for(**pending);
      if (!late) {
        co_return false;
      }
      co_return co_await write(std::move(*late), version, keep_alive, false);
    }
    Response response = feed != nullptr ? Response{.content_type = "text/event-stream"}
                                        : std::move(std::get<Response>(answer));
    co_return co_await write(std::move(response), version, keep_alive, is_head);
  }

  awaitable<error_code> read(Parser& parser) {
    if (buffer_.size() == 0) {
      stream_.expires_after(options_.idle_limit);
      const auto room = buffer_.prepare(4096);
      const auto [error, len] = co_await stream_.async_read_some(room, kToken);
      if (error) {
        co_return error;
      }
      buffer_.commit(len);
    }
    stream_.expires_after(options_.transfer_limit);
    const auto [header_error, header_len] =
        co_await http::async_read_header(stream_, buffer_, parser, kToken);
    if (header_error) {
      co_return header_error;
    }
    if (beast::iequals(parser.get()[http::field::expect], "100-continue") && !parser.is_done()) {
      http::response<http::empty_body> go_on{http::status::continue_, parser.get().version()};
      const auto [write_error, write_len] = co_await http::async_write(stream_, go_on, kToken);
      if (write_error) {
        co_return write_error;
      }
    }
    const auto [body_error, body_len] = co_await http::async_read(stream_, buffer_, parser, kToken);
    co_return body_error;
  }

  awaitable<bool> write(Response response, unsigned version, bool keep_alive, bool is_head) {
    HttpResponse message = to_http(std::move(response), version, keep_alive, is_head);
    http::response_serializer<http::string_body> serializer(message);
    serializer.split(is_head);
    stream_.expires_after(options_.transfer_limit);
    if (is_head) {
      const auto [error, len] = co_await http::async_write_header(stream_, serializer, kToken);
      co_return keep_alive && !error;
    }
    const auto [error, len] = co_await http::async_write(stream_, serializer, kToken);
    co_return keep_alive && !error;
  }

  /// Nullopt: the client has gone.
  awaitable<std::optional<Response>> wait_for(Pending& pending) {
    for (;;) {
      std::optional<Response> response = pending.poll(net::io_now());
      if (response) {
        co_return response;
      }
      const bool is_there = co_await pause();
      if (!is_there) {
        co_return std::nullopt;
      }
    }
  }

  awaitable<void> send_events(EventStream& feed, unsigned version) {
    http::response<http::empty_body> head{http::status::ok, version};
    head.set(http::field::content_type, "text/event-stream");
    head.set(http::field::cache_control, "no-store");
    head.keep_alive(false);
    http::response_serializer<http::empty_body> serializer(head);
    stream_.expires_after(options_.transfer_limit);
    const auto [error, len] = co_await http::async_write_header(stream_, serializer, kToken);
    bool is_there = !error;
    while (is_there) {
      const std::string text = feed.next(net::io_now());
      if (text.empty()) {
        is_there = co_await pause();
        continue;
      }
      stream_.expires_after(options_.transfer_limit);
      const auto buffer = asio::buffer(text);
      const auto [write_error, write_len] = co_await asio::async_write(stream_, buffer, kToken);
      is_there = !write_error;
    }
  }

  /// Waits a moment. False: the client has gone, or sent something nobody waits for and went.
  awaitable<bool> pause() {
    timer_.expires_after(kLookEvery);
    const auto [error] = co_await timer_.async_wait(kToken);
    char byte = 0;
    error_code peek_error;
    auto& socket = stream_.socket();
    socket.non_blocking(true, peek_error);
    const auto one = asio::buffer(&byte, 1);
    const std::size_t len = socket.receive(one, tcp::socket::message_peek, peek_error);
    co_return !error && (len > 0 || peek_error == asio::error::would_block);
  }

  /// Takes what is still on its way, so that the answer is not lost with a reset.
  awaitable<void> drain() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(2));
    std::array<char, 4096> rest{};
    const auto buffer = asio::buffer(rest);
    for (std::size_t taken = 0; taken < 2 * options_.max_body_bytes;) {
      const auto [error, len] = co_await stream_.async_read_some(buffer, kToken);
      if (error) {
        co_return;
      }
      taken += len;
    }
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  const ServerOptions& options_;
  const ControlServer::Handler& handler_;
};

}  // namespace

struct ControlServer::Impl {
  explicit Impl(const ServerOptions& server_options) : options(server_options) {
    std::uint16_t port = options.port;
    for (const std::string& address : options.listen) {
      try {
        acceptors.push_back(net::open_acceptor(io, Endpoint{address, port}));
        port = net::bound_to(acceptors.back()).port;
      } catch (const net::ListenError& error) {
        if (!error.address_is_missing() || &address == &options.listen.front()) {
          throw;
        }
      }
    }
  }

  awaitable<void> accept(tcp::acceptor& acceptor) {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(kToken);
      if (error == asio::error::operation_aborted || !acceptor.is_open()) {
        co_return;
      }
      if (error) {
        // No descriptors are left, most likely.
        asio::steady_timer pause(io);
        pause.expires_after(std::chrono::milliseconds(100));
        (void)co_await pause.async_wait(kToken);
        continue;
      }
      asio::co_spawn(io, serve(std::move(socket)), asio::detached);
    }
  }

  awaitable<void> serve(tcp::socket socket) {
    const bool is_too_many = num_open >= options.max_connections;
    ++num_open;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    Session session(std::move(socket), options, handler);
    if (is_too_many) {
      Response busy = to_response(Problem(503, "busy",
                                          "There are " + std::to_string(options.max_connections) +
                                              " connections, which is the limit. Close some."));
      co_await session.refuse(std::move(busy));
    } else {
      co_await session.run();
    }
    --num_open;
  }

  const ServerOptions options;
  Handler handler;
  std::size_t num_open = 0;  // on the thread
  asio::io_context io{1};
  std::vector<tcp::acceptor> acceptors;
  std::thread thread;
};

ControlServer::ControlServer(const ServerOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}

ControlServer::~ControlServer() {
  impl_->io.stop();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

std::uint16_t ControlServer::port() const {
  return net::bound_to(impl_->acceptors.front()).port;
}

void ControlServer::start(Handler handler) {
  impl_->handler = std::move(handler);
  for (tcp::acceptor& acceptor : impl_->acceptors) {
    asio::co_spawn(impl_->io, impl_->accept(acceptor), asio::detached);
  }
  impl_->thread = std::thread([this] {
    net::name_thread("control");
    impl_->io.run();
  });
}

}  // namespace apns::mock::control
