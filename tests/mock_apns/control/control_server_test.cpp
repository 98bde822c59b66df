// The HTTP side of the control API, on sockets of the loopback.
#include "mock_apns/control/control_server.h"

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock::control {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Answers the second time it is asked.
class Later final : public Pending {
 public:
  std::optional<Response> poll(TimePoint /*now*/) override {
    return ++num_asked_ < 2 ? std::nullopt : std::optional(Response{.body = "late"});
  }

 private:
  int num_asked_ = 0;
};

class Numbers final : public EventStream {
 public:
  std::string next(TimePoint /*now*/) override {
    return "id: " + std::to_string(++number_) + "\n\n";
  }

 private:
  int number_ = 0;
};

Answer handle(const Request& request, TimePoint /*now*/) {
  if (request.target == "/later") {
    return std::make_unique<Later>();
  }
  if (request.target == "/stream") {
    return std::make_unique<Numbers>();
  }
  if (request.target == "/405") {
    return Response{.status = 405, .allow = "GET"};
  }
  return Response{.body = std::string(to_string(request.method)) + " " + request.target + " " +
                          request.body + " " + request.host + " " + request.last_event_id};
}

ServerOptions small() {
  ServerOptions options;
  options.listen = {"127.0.0.1"};
  options.port = 0;
  options.max_connections = 4;
  options.max_header_bytes = 1000;
  options.max_body_bytes = 1000;
  options.transfer_limit = 300ms;
  options.idle_limit = 300ms;
  return options;
}

class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest() { server.start(handle); }

  tcp::socket connect() {
    tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
    return socket;
  }

  static void write(tcp::socket& socket, std::string_view text) {
    boost::asio::write(socket, boost::asio::buffer(text));
  }

  /// All that comes until the end.
  static std::string read_all(tcp::socket& socket) {
    std::string text;
    error_code error;
    boost::asio::read(socket, boost::asio::dynamic_buffer(text), error);
    return text;
  }

  std::string talk(std::string_view text) {
    tcp::socket socket = connect();
    write(socket, text);
    return read_all(socket);
  }

  boost::asio::io_context io;
  ControlServer server{small()};
};

TEST_F(ControlServerTest, AnswersOneRequestBehindTheOther) {
  const std::string answers = talk(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
      "GET /c HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 41\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answers, HasSubstr("GET /a  x "));
  EXPECT_THAT(answers, HasSubstr("POST /b hi x "));
  EXPECT_THAT(answers, HasSubstr("GET /c  x 41"));
}

TEST_F(ControlServerTest, HeadIsAGetWithoutItsBody) {
  const std::string answer = talk("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(ControlServerTest, SaysGoOnToWhoAsksBeforeTheBody) {
  tcp::socket socket = connect();
  write(socket,
        "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        "Connection: close\r\n\r\n");
  std::string go_on(25, ' ');
  boost::asio::read(socket, boost::asio::buffer(go_on));
  EXPECT_EQ(go_on, "HTTP/1.1 100 Continue\r\n\r\n");
  write(socket, "hi");
  EXPECT_THAT(read_all(socket), HasSubstr("POST /b hi"));
}

TEST_F(ControlServerTest, WaitsForAnAnswerThatIsNotThereYet) {
  EXPECT_THAT(talk("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              testing::EndsWith("\r\n\r\nlate"));
}

TEST_F(ControlServerTest, StreamsAsLongAsSomebodyReads) {
  tcp::socket socket = connect();
  write(socket, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string text(2000, ' ');
  boost::asio::read(socket, boost::asio::buffer(text));
  EXPECT_THAT(text, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(text, HasSubstr("id: 1\n\nid: 2\n\n"));
}

TEST_F(ControlServerTest, KeepsWhatTheHandlerSays) {
  EXPECT_THAT(talk("GET /405 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET\r\n")));
}

struct Bad {
  const char* name;
  std::string request;
  const char* status;
};

class ControlServerRefuses : public ControlServerTest, public testing::WithParamInterface<Bad> {};

TEST_P(ControlServerRefuses, WithAProblemDocumentAndTheEnd) {
  const std::string answer = talk(GetParam().request);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(GetParam().status)));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json"));
}

INSTANTIATE_TEST_SUITE_P(
    All, ControlServerRefuses,
    testing::Values(
        Bad{"Garbage", "GARBAGE\r\n\r\n", "400"},
        Bad{"TlsHello", std::string("\x16\x03\x01\x00\x05hello", 10), "400"},
        Bad{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"},
        Bad{"BadLength", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"},
        Bad{"TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
            "400"},
        Bad{"BadChunk", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        Bad{"LongHeader", "GET / HTTP/1.1\r\nA: " + std::string(2000, 'a') + "\r\n\r\n", "431"},
        Bad{"LongTarget", "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n", "431"},
        Bad{"LongBody", "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "413"},
        Bad{"LongChunks",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                std::string(2000, 'a') + "\r\n0\r\n\r\n",
            "413"},
        Bad{"Method", "BREW / HTTP/1.1\r\nConnection: close\r\n\r\n", "501"}),
    [](const auto& param) { return param.param.name; });

// Each stops somewhere on the way.
TEST_F(ControlServerTest, ClosesWhoIsTooSlow) {
  for (const char* part :
       {"", "G", "GET / HTTP/1.1\r\nHos", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhi"}) {
    EXPECT_EQ(talk(part), "") << part;
  }
}

TEST_F(ControlServerTest, RefusesOneConnectionTooMany) {
  std::vector<tcp::socket> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(connect());
    write(open.back(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string first(12, ' ');
    boost::asio::read(open.back(), boost::asio::buffer(first));
    EXPECT_EQ(first, "HTTP/1.1 200");
  }
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ControlServerTest, GoesAwayWithOpenConnections) {
  tcp::socket waiting = connect();
  tcp::socket streaming = connect();
  write(streaming, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  {
    ControlServer other{small()};
    other.start(handle);
  }
  EXPECT_NE(server.port(), 0);
}

}  // namespace
}  // namespace apns::mock::control
