#include "apns/net/connect_race.h"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apns/base/network.h"
#include "apns/net/socket_host.h"
#include "apns/net/tcp_options.h"

namespace apns::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr Duration kMinStagger = std::chrono::milliseconds(10);  // RFC 8305 section 5
constexpr std::size_t kMaxDescribed = 8;

/// The machine has run out of something, which says nothing about the address.
bool is_our_own(const error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

/// Handlers outlive the race; they hold this and look whether it is over.
struct ConnectRace::Run {
  Run(asio::io_context& loop, AddressTable& addresses, const DialOptions& opts, OnOver callback)
      : io(loop), table(addresses), options(opts), on_over(std::move(callback)), stagger(loop) {}

  static void begin_next(const std::shared_ptr<Run>& run);
  static void wait_stagger(const std::shared_ptr<Run>& run);
  static void ended(const std::shared_ptr<Run>& run, std::size_t index, const error_code& error);

  void won(std::size_t index);
  void close_all();
  void finish(std::optional<tcp::socket> socket);

  asio::io_context& io;
  AddressTable& table;
  const DialOptions& options;
  OnOver on_over;
  asio::steady_timer stagger;
  std::vector<Outcome> outcomes;
  std::vector<std::optional<tcp::socket>> sockets;  // by address; those of open attempts
  std::size_t num_begun = 0;
  std::size_t num_open = 0;
  bool over = false;
};

void ConnectRace::Run::begin_next(const std::shared_ptr<Run>& run) {
  const std::size_t index = run->num_begun++;
  const tcp::endpoint& address = run->outcomes[index].address;
  run->table.tried(address);
  ++run->num_open;
  tcp::socket& socket = run->sockets[index].emplace(run->io);
  error_code error;
  socket.open(address.protocol(), error);
  const auto on_end = [run, index](const error_code& result) { ended(run, index, result); };
  if (error) {
    asio::post(run->io, [on_end, error] { on_end(error); });
  } else {
    set_tcp_options(socket, run->options.tcp);
    socket.async_connect(address, on_end);
  }
  wait_stagger(run);
}

void ConnectRace::Run::wait_stagger(const std::shared_ptr<Run>& run) {
  if (run->num_begun == run->outcomes.size()) {
    run->stagger.cancel();
    return;
  }
  run->stagger.expires_after(std::max(run->options.stagger, kMinStagger));
  run->stagger.async_wait([run, begun = run->num_begun](const error_code& error) {
    // Begun meanwhile: this wait had fired before it could be cancelled.
    if (!error && !run->over && run->num_begun == begun) {
      begin_next(run);
    }
  });
}

void ConnectRace::Run::ended(const std::shared_ptr<Run>& run, std::size_t index,
                             const error_code& error) {
  if (run->over) {
    return;
  }
  if (!error) {
    run->won(index);
    return;
  }
  run->outcomes[index].error = error;
  run->sockets[index].reset();
  --run->num_open;
  if (!is_our_own(error)) {
    run->table.failed(run->outcomes[index].address, io_now());
  }
  if (index + 1 == run->num_begun && run->num_begun < run->outcomes.size()) {
    begin_next(run);
  } else if (run->num_open == 0 && run->num_begun == run->outcomes.size()) {
    run->finish(std::nullopt);
  }
}

void ConnectRace::Run::won(std::size_t index) {
  table.answered(outcomes[index].address);
  for (std::size_t i = 0; i < index; ++i) {
    if (sockets[i]) {
      table.failed(outcomes[i].address, io_now());  // it had a start and was overtaken
    }
  }
  finish(std::move(sockets[index]));
}

void ConnectRace::Run::close_all() {
  over = true;
  stagger.cancel();
  for (auto& socket : sockets) {
    socket.reset();
  }
}

void ConnectRace::Run::finish(std::optional<tcp::socket> socket) {
  close_all();
  const OnOver callback = std::exchange(on_over, {});
  callback(std::move(socket));
}

ConnectRace::ConnectRace(asio::io_context& io, const std::vector<tcp::endpoint>& addresses,
                         AddressTable& table, const DialOptions& options, OnOver on_over)
    : run_(std::make_shared<Run>(io, table, options, std::move(on_over))) {
  for (const tcp::endpoint& address : addresses) {
    run_->outcomes.push_back(Outcome{address, {}});
  }
  run_->sockets.resize(addresses.size());
  Run::begin_next(run_);
}

ConnectRace::~ConnectRace() {
  run_->close_all();
  run_->on_over = {};
}

void ConnectRace::time_out() {
  for (std::size_t i = 0; i < run_->num_begun; ++i) {
    if (run_->sockets[i]) {
      run_->outcomes[i].error = asio::error::timed_out;
      run_->table.failed(run_->outcomes[i].address, io_now());
    }
  }
  run_->close_all();
}

const std::vector<ConnectRace::Outcome>& ConnectRace::outcomes() const {
  return run_->outcomes;
}

std::string describe(const ConnectRace::Outcome& outcome) {
  if (!outcome.error) {
    return "not tried";
  }
  if (outcome.error == asio::error::connection_refused) {
    return "refused";
  }
  if (outcome.error == asio::error::timed_out) {
    return "timed out";
  }
  if (outcome.error == asio::error::network_unreachable ||
      outcome.error == asio::error::host_unreachable) {
    return "unreachable";
  }
  return outcome.error.message();
}

std::string describe(const std::vector<ConnectRace::Outcome>& outcomes) {
  std::string text;
  for (std::size_t i = 0; i < std::min(outcomes.size(), kMaxDescribed); ++i) {
    const tcp::endpoint& address = outcomes[i].address;
    text += (i == 0 ? "" : ", ") +
            Endpoint{address.address().to_string(), address.port()}.to_string() + " " +
            describe(outcomes[i]);
  }
  if (outcomes.size() > kMaxDescribed) {
    text += ", and " + std::to_string(outcomes.size() - kMaxDescribed) + " more";
  }
  return text;
}

}  // namespace apns::net
