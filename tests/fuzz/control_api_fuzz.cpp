#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "mock_apns/control/control.h"
#include "tests/support/checked_engine.h"
#include "tests/support/loopback_service.h"

// The control API over a whole service. Input: a mode, then bytes.
//
//   0  requests, separated by 0x1e: "METHOD TARGET\nBODY" each, given to the routes
//   1  what a client writes on a connection, HTTP or not, whole or cut off, in pieces
//
// Checked: every answer is one, and a refusal is a problem document that says what was wrong; a
// connection ends when its client has; the API answers afterwards as before. The world is reset
// behind each input, so that one input does the same each time.

namespace {

using namespace apns::mock;
using namespace apns::mock::control;
using apns::test::LoopbackService;
using apns::test::require;
using boost::asio::ip::tcp;

constexpr char kSeparator = 0x1e;
constexpr int kMaxRequests = 16;

void check_response(const Response& response) {
  require(response.status >= 200 && response.status < 600, "a status of HTTP");
  if (response.status == 500) {
    std::cerr << response.body;
    require(false, "nothing goes wrong inside");
  }
  if (response.status < 400) {
    return;
  }
  require(response.content_type == "application/problem+json", "a refusal is a problem document");
  const auto problem = nlohmann::json::parse(response.body);
  require(problem.at("status") == response.status, "a problem has its status");
  require(problem.at("type").get<std::string>().starts_with("/problems/"), "a problem has a type");
  require(!problem.at("title").get<std::string>().empty(), "a problem has a title");
}

/// A service, its API and the API's port: one for all inputs.
class Fixture {
 public:
  Fixture() {
    info_.state_dir = LoopbackService::credentials().dir.string();
    control_.start(service_, info_);
  }

  void ask(std::string_view text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto method = parse_method(line.substr(0, blank));
    Request request;
    request.method = method.value_or(Method::Get);
    request.target = line.substr(std::min(blank + 1, line.size()));
    request.body = text.substr(std::min(end + 1, text.size()));
    request.host = "localhost";
    answer(api_.handle(request, now_));
  }

  /// Of what a client wrote, in pieces of `piece` bytes.
  void talk(std::string_view text, std::size_t piece) {
    boost::asio::io_context io;
    tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), control_.port()});
    boost::system::error_code error;
    for (std::size_t at = 0; at < text.size() && !error; at += piece) {
      const std::string_view part = text.substr(at, piece);
      boost::asio::write(socket, boost::asio::buffer(part), error);
    }
    socket.shutdown(tcp::socket::shutdown_send, error);
    std::string answers(kMaxAnswer, ' ');
    const std::size_t len = boost::asio::read(socket, boost::asio::buffer(answers), error);
    require(len == 0 || answers.starts_with("HTTP/1."), "what comes is HTTP");
  }

  void reset() {
    ask("POST /v1/reset\n");
    ask("PUT /v1/clock\n{\"mode\":\"running\"}");
    require(std::get<Response>(api_.handle(hello(), now_)).status == 200, "it answers as before");
  }

 private:
  // A stream has no end: its client reads so much and goes.
  static constexpr std::size_t kMaxAnswer = std::size_t{256} * 1024;

  static Request hello() {
    Request request;
    request.target = "/v1/info";
    request.host = "localhost";
    return request;
  }

  void answer(Answer answer) {
    if (const auto* response = std::get_if<Response>(&answer)) {
      check_response(*response);
    } else if (auto* pending = std::get_if<std::unique_ptr<Pending>>(&answer)) {
      // Long after: it has to come to an end.
      for (int polls = 0; polls < 1000; ++polls) {
        const auto late = (*pending)->poll(now_ + std::chrono::hours(1));
        if (late) {
          check_response(*late);
          return;
        }
      }
      require(false, "who waits gets an answer in the end");
    } else {
      (void)std::get<std::unique_ptr<EventStream>>(answer)->next(now_);
    }
  }

  static ControlOptions control_options() {
    ControlOptions options;
    options.server.listen = {"127.0.0.1"};
    options.server.port = 0;
    options.server.max_body_bytes = std::size_t{64} * 1024;
    return options;
  }

  Service service_{LoopbackService::options(), LoopbackService::credentials(), {}};
  ServiceInfo info_;
  Control control_{control_options()};
  ControlApi api_{service_, info_, {}};
  apns::TimePoint now_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t len) {
  static Fixture fixture;
  if (len == 0) {
    return 0;
  }
  const std::string text(data + 1, data + len);
  if (data[0] % 2 == 1) {
    fixture.talk(text, 1 + data[0] / 2);
  } else {
    std::string_view rest = text;
    for (int n = 0; n < kMaxRequests && !rest.empty(); ++n) {
      const std::size_t end = std::min(rest.find(kSeparator), rest.size());
      fixture.ask(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  fixture.reset();
  return 0;
}
