#include "cli/control_client.h"

#include <future>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mock_apns/control/control_server.h"
#include "mock_apns/control/problem.h"

namespace apns::cli {
namespace {

using boost::asio::ip::tcp;
using mock::control::Method;
using mock::control::Request;
using mock::control::Response;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Says what it was asked.
class Numbers final : public mock::control::EventStream {
 public:
  explicit Numbers(int last) : last_(last) {}

  std::string next(TimePoint /*now*/) override {
    if (number_ == last_) {
      return {};
    }
    ++number_;
    return "id: " + std::to_string(number_) + "\nevent: n\ndata: " + std::to_string(number_) +
           "\n\n";
  }

 private:
  int number_ = 0;
  int last_;
};

mock::control::Answer answer_to(const Request& request, TimePoint /*now*/) {
  if (request.target == "/v1/stream") {
    return std::make_unique<Numbers>(5);
  }
  if (request.target == "/v1/problem") {
    return to_response(
        mock::control::Problem(404, "not-found", "There is no phone \"fone\". Add it."));
  }
  if (request.target == "/v1/nothing") {
    return Response{.status = 204};
  }
  if (request.target == "/v1/text") {
    return Response{.body = "hello"};
  }
  if (request.target == "/v1/html") {
    return Response{.status = 404, .body = "<html>", .content_type = "text/html"};
  }
  return Response{.body = nlohmann::json{{"method", to_string(request.method)},
                                         {"target", request.target},
                                         {"host", request.host},
                                         {"authorization", request.authorization},
                                         {"body", request.body}}
                              .dump()};
}

mock::control::ServerOptions loopback() {
  mock::control::ServerOptions options;
  options.listen = {"127.0.0.1"};
  options.port = 0;
  return options;
}

/// What asking says when it fails.
std::string problem_of(ControlClient& client, const std::string& path = "/info") {
  try {
    (void)client.ask(Method::Get, path);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

class ControlClientTest : public testing::Test {
 protected:
  ControlClientTest() { server.start(answer_to); }

  mock::control::ControlServer server{loopback()};
  ControlClient client{ControlAddress{.host = "127.0.0.1", .port = server.port()}};
};

TEST_F(ControlClientTest, AsksAndReadsTheAnswer) {
  const auto answer = client.ask(Method::Patch, "/devices/a%2Fb", R"({"online":false})");
  EXPECT_EQ(answer["method"], "PATCH");
  EXPECT_EQ(answer["target"], "/v1/devices/a%2Fb");
  EXPECT_EQ(answer["host"], "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(answer["authorization"], "");
  EXPECT_EQ(answer["body"], R"({"online":false})");
  EXPECT_EQ(client.ask(Method::Get, "/again")["target"], "/v1/again");
}

TEST_F(ControlClientTest, ShowsTheSecret) {
  ControlClient with_secret(
      {.host = "localhost", .port = server.port(), .path = "", .secret = "s3cret"});
  const auto answer = with_secret.ask(Method::Get, "/x");
  EXPECT_EQ(answer["authorization"], "Bearer s3cret");
  EXPECT_EQ(answer["target"], "/x");
}

TEST_F(ControlClientTest, AnAnswerWithoutABodyIsNull) {
  EXPECT_TRUE(client.ask(Method::Delete, "/nothing").is_null());
}

TEST_F(ControlClientTest, AProblemIsARefusalWithTitleAndDetail) {
  try {
    (void)client.ask(Method::Get, "/problem");
    FAIL() << "it was refused";
  } catch (const ControlRefusal& refusal) {
    EXPECT_EQ(refusal.status(), 404U);
    EXPECT_EQ(std::string(refusal.what()), "There is no phone \"fone\". Add it.");
  }
}

TEST_F(ControlClientTest, SaysWhenWhatAnswersIsNoControlApi) {
  EXPECT_THAT(problem_of(client, "/html"), HasSubstr("answered 404 without saying why"));
  EXPECT_THAT(problem_of(client, "/text"), HasSubstr("answered something that is not JSON"));
}

TEST_F(ControlClientTest, FollowsAStreamUntilTheListenerHasEnough) {
  std::vector<std::string> data;
  bool is_open = false;
  const auto how = client.follow(
      "/stream", [&is_open] { is_open = true; },
      [&](const ServerEvent& event) {
        EXPECT_TRUE(is_open);
        data.push_back(event.id + event.name + event.data);
        return data.size() < 3;
      });
  EXPECT_EQ(how, ControlClient::StreamEnd::Enough);
  EXPECT_THAT(data, ElementsAre("1n1", "2n2", "3n3"));
}

TEST_F(ControlClientTest, AStreamCanBeStoppedFromElsewhere) {
  std::promise<void> all_came;
  std::thread stopper([&] {
    all_came.get_future().wait();
    client.stop();
  });
  const auto how = client.follow(
      "/stream", [] {},
      [&all_came](const ServerEvent& event) {
        if (event.data == "5") {
          all_came.set_value();
        }
        return true;
      });
  stopper.join();
  EXPECT_EQ(how, ControlClient::StreamEnd::Stopped);
  // And so is what comes behind it.
  EXPECT_EQ(client.follow(
                "/stream", [] {}, [](const ServerEvent&) { return true; }),
            ControlClient::StreamEnd::Stopped);
  EXPECT_THAT(problem_of(client), StartsWith("stopped before "));
}

TEST_F(ControlClientTest, ARefusedStreamSaysWhy) {
  const auto follow = [this] {
    (void)client.follow(
        "/problem", [] { FAIL() << "it was refused"; }, [](const ServerEvent&) { return true; });
  };
  EXPECT_THROW(follow(), ControlRefusal);
}

TEST_F(ControlClientTest, AStreamThatGoesSilentIsGivenUp) {
  ControlClient impatient({.host = "127.0.0.1", .port = server.port()},
                          {.answer = 10s, .silence = 50ms});
  try {
    (void)impatient.follow(
        "/stream", [] {}, [](const ServerEvent&) { return true; });
    FAIL() << "it was silent";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("has been silent for 50ms"));
  }
}

/// Takes one connection, reads the request, says one thing, and closes, or keeps it open.
class Scripted {
 public:
  Scripted(std::string answer, bool closes) {
    thread_ = std::thread([this, answer = std::move(answer), closes] {
      tcp::socket socket = acceptor_.accept();
      std::string request;
      boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n");
      boost::asio::write(socket, boost::asio::buffer(answer));
      if (!closes) {
        done_.get_future().wait();
      }
    });
  }

  ~Scripted() {
    done_.set_value();
    thread_.join();
  }

  Scripted(const Scripted&) = delete;
  Scripted& operator=(const Scripted&) = delete;

  [[nodiscard]] ControlAddress address() const {
    return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()};
  }

 private:
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)};
  std::promise<void> done_;
  std::thread thread_;
};

TEST(ControlClientTrouble, SaysHowToStartAServiceWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    boost::asio::io_context io;
    tcp::acceptor gone(io, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
    port = gone.local_endpoint().port();
  }
  ControlClient client({.host = "127.0.0.1", .port = port});
  EXPECT_THAT(problem_of(client),
              MatchesRegex("no service answers at http://127.0.0.1:[0-9]+/v1 \\(Connection "
                           "refused\\). Start `apnslab serve`, or name another one with --control "
                           "URL."));
}

TEST(ControlClientTrouble, GivesUpAServiceThatIsTooSlow) {
  const Scripted slow("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", false);
  ControlClient client(slow.address(), {.answer = 50ms});
  EXPECT_THAT(problem_of(client), HasSubstr("did not answer within 50ms"));
}

TEST(ControlClientTrouble, SaysWhenTheAnswerEndsEarly) {
  for (const char* answer :
       {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"}) {
    const Scripted closing(answer, true);
    ControlClient client(closing.address());
    EXPECT_THAT(problem_of(client), HasSubstr("closed the connection before it had answered"))
        << answer;
  }
}

TEST(ControlClientTrouble, SaysWhenItIsNoHttp) {
  const Scripted other("SSH-2.0-OpenSSH_9.2\r\n\r\n", true);
  ControlClient client(other.address());
  EXPECT_THAT(problem_of(client), HasSubstr("what came is no HTTP"));
}

TEST(ControlClientTrouble, AServiceThatEndsEndsItsStream) {
  for (const char* rest : {"data: 1\n\n", "9\r\ndata: 1\n\n\r\n"}) {
    const bool is_chunked = *rest == '9';
    const Scripted ending(std::string("HTTP/1.1 200 OK\r\n") +
                              (is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n") + rest,
                          true);
    ControlClient client(ending.address());
    int num_events = 0;
    EXPECT_EQ(client.follow(
                  "/stream", [] {},
                  [&num_events](const ServerEvent& event) {
                    ++num_events;
                    return event.data == "1";
                  }),
              ControlClient::StreamEnd::Ended);
    EXPECT_EQ(num_events, 1);
  }
}

std::string url_of(const std::string& text) {
  try {
    return parse_control_url(text, "--control").url();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(ControlUrl, IsReadHoweverItIsWritten) {
  EXPECT_EQ(url_of("http://localhost:2199/v1"), "http://localhost:2199/v1");
  EXPECT_EQ(url_of("http://localhost:2199/"), "http://localhost:2199/v1");
  EXPECT_EQ(url_of("localhost:2199"), "http://localhost:2199/v1");
  EXPECT_EQ(url_of("http://box"), "http://box:80/v1");
  EXPECT_EQ(url_of("[::1]:2199"), "http://[::1]:2199/v1");
  EXPECT_EQ(url_of("http://[::1]/v1/sandboxes/mine/"), "http://[::1]:80/v1/sandboxes/mine");
}

TEST(ControlUrl, SaysWhatIsNone) {
  for (const char* text : {"", "http://", "https://localhost:2199", "localhost:", "localhost:0",
                           "localhost:99999", "localhost:21x", "[::1", "[::1]2199", ":2199",
                           "http://a b/", "http://a/v1?x", "ftp://a/"}) {
    EXPECT_EQ(url_of(text), std::string("--control must be a URL like http://localhost:2199/v1, "
                                        "not \"") +
                                text + "\".");
  }
}

TEST(PathStep, EncodesWhatIsNotPlain) {
  EXPECT_EQ(path_step("com.example.app-2_~"), "com.example.app-2_~");
  EXPECT_EQ(path_step("my phone/ü%"), "my%20phone%2F%C3%BC%25");
}

}  // namespace
}  // namespace apns::cli
