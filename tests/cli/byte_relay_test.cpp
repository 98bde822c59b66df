#include "cli/byte_relay.h"

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

constexpr int kLimitMs = 20'000;

/// A listening socket on 127.0.0.1 with its port.
struct Listening {
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  Listening() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* const bytes = &at;
    socklen_t len = sizeof at;
    EXPECT_EQ(::bind(socket.get(), static_cast<sockaddr*>(bytes), len), 0);
    EXPECT_EQ(::listen(socket.get(), 16), 0);
    EXPECT_EQ(::getsockname(socket.get(), static_cast<sockaddr*>(bytes), &len), 0);
    port = ntohs(at.sin_port);
  }

  [[nodiscard]] Descriptor accept() const {
    pollfd one{socket.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, kLimitMs), 1) << "waited in vain for a connection";
    return Descriptor(::accept(socket.get(), nullptr, nullptr));
  }
};

Descriptor dial(std::uint16_t port) {
  Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  const void* const bytes = &at;
  EXPECT_EQ(::connect(made.get(), static_cast<const sockaddr*>(bytes), sizeof at), 0);
  return made;
}

/// To the end of what comes; "reset" at the end when it was one, "nothing" when it does not come.
std::string read_to_end(const Descriptor& from) {
  std::string text;
  std::array<char, 65536> part{};
  for (;;) {
    pollfd one{from.get(), POLLIN, 0};
    if (::poll(&one, 1, kLimitMs) != 1) {
      return text + "nothing";
    }
    const ssize_t len = ::recv(from.get(), part.data(), part.size(), 0);
    if (len <= 0) {
      return len == 0 ? text : text + "reset";
    }
    text.append(part.data(), static_cast<std::size_t>(len));
  }
}

void write_all(const Descriptor& to, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t len = ::send(to.get(), text.data() + at, text.size() - at, MSG_NOSIGNAL);
    ASSERT_GT(len, 0);
    at += static_cast<std::size_t>(len);
  }
}

/// A relay on a thread of its own, from `inside` to `outside`.
class ByteRelayTest : public testing::Test {
 public:
  ByteRelayTest() {
    EXPECT_EQ(::pipe(control_.data()), 0);
    Listening listening;
    inside_port = listening.port;
    relay_.add(std::move(listening.socket), outside.port);
    thread_ = std::thread([this] { relay_.run_until_readable(control_[0]); });
  }

  ~ByteRelayTest() override {
    ::close(control_[1]);
    thread_.join();
    ::close(control_[0]);
  }

  Listening outside;
  std::uint16_t inside_port = 0;

 private:
  std::array<int, 2> control_{};
  ByteRelay relay_;
  std::thread thread_;
};

TEST_F(ByteRelayTest, KeepsAHalfThatIsOpen) {
  const Descriptor client = dial(inside_port);
  const Descriptor server = outside.accept();
  write_all(client, "question");
  ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
  EXPECT_EQ(read_to_end(server), "question");
  write_all(server, "answer");
  ASSERT_EQ(::shutdown(server.get(), SHUT_WR), 0);
  EXPECT_EQ(read_to_end(client), "answer");
}

TEST_F(ByteRelayTest, LetsNobodyWaitForWhoDoesNotRead) {
  const Descriptor client = dial(inside_port);
  const Descriptor server = outside.accept();
  const std::string much(std::size_t{16} * 1024 * 1024, 'x');
  std::thread writer([&client, &much] {
    write_all(client, much);
    ::shutdown(client.get(), SHUT_WR);
  });
  // Meanwhile another connection gets through.
  {
    const Descriptor other = dial(inside_port);
    const Descriptor other_server = outside.accept();
    write_all(other_server, "hello");
    ASSERT_EQ(::shutdown(other_server.get(), SHUT_WR), 0);
    EXPECT_EQ(read_to_end(other), "hello");
  }
  EXPECT_EQ(read_to_end(server).size(), much.size());
  writer.join();
}

TEST_F(ByteRelayTest, PassesAResetOn) {
  Descriptor client = dial(inside_port);
  const Descriptor server = outside.accept();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  client.close();
  EXPECT_EQ(read_to_end(server), "reset");
}

TEST_F(ByteRelayTest, ResetsWhereNobodyListens) {
  outside.socket.close();
  EXPECT_EQ(read_to_end(dial(inside_port)), "reset");
}

}  // namespace
}  // namespace apns::cli
