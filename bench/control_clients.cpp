// Many clients of the control API at a steady rate: how long an answer takes while the service has
// other work. Each has a connection of its own and a turn of its own; a latency counts from when
// the request was to be sent. Ends after --seconds with one line of JSON.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "bench/floor/options.h"
#include "bench/floor/report.h"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::awaitable;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

struct Ask {
  http::verb verb;
  const char* target;
  const char* body;
};

/// What tests ask, in turn: where things are, what came last, was it this one, a fault rule that
/// never fires comes and goes.
constexpr std::array<Ask, 8> kAsks = {{
    {http::verb::get, "/v1/info", ""},
    {http::verb::get, "/v1/devices", ""},
    {http::verb::get, "/v1/faults", ""},
    {http::verb::get, "/v1/clock", ""},
    {http::verb::put, "/v1/faults/bench", R"({"when":{"topic":"nobody"},"then":{"reject":8}})"},
    {http::verb::get, "/v1/devices/phone/screen", ""},
    {http::verb::post, "/v1/expect",
     R"({"match":{"event":"device"},"count":{"min":0,"max":0},"within":"1ms","after":9000000000})"},
    {http::verb::get, "/v1/notifications?limit=10", ""},
}};

struct Run {
  tcp::endpoint at;
  std::uint64_t num_clients = 0;
  Clock::duration between{};  // two requests of one client
  Clock::time_point start;
  Clock::time_point end;
  std::vector<Clock::duration> latencies = {};
  std::uint64_t num_failed = 0;  // no answer, or not the right status
};

http::request<http::string_body> to_request(const Ask& ask) {
  http::request<http::string_body> request{ask.verb, ask.target, 11};
  request.set(http::field::host, "localhost");
  request.body() = ask.body;
  request.prepare_payload();
  return request;
}

awaitable<void> client(asio::io_context& io, Run& run, std::uint64_t number) {
  boost::beast::tcp_stream stream(io);
  const auto [connect_error] = co_await stream.async_connect(run.at, kToken);
  if (connect_error) {
    ++run.num_failed;
    co_return;
  }
  boost::beast::flat_buffer buffer;
  asio::steady_timer timer(io);
  // Their turns are spread over the time between.
  Clock::time_point turn = run.start + run.between * static_cast<std::int64_t>(number) /
                                           static_cast<std::int64_t>(run.num_clients);
  for (std::uint64_t n = number; turn < run.end; ++n, turn += run.between) {
    timer.expires_at(turn);
    (void)co_await timer.async_wait(kToken);
    const http::request<http::string_body> request = to_request(kAsks.at(n % kAsks.size()));
    const auto [write_error, written] = co_await http::async_write(stream, request, kToken);
    http::response<http::string_body> response;
    const auto [read_error, len] = co_await http::async_read(stream, buffer, response, kToken);
    if (write_error || read_error || response.result_int() >= 500) {
      ++run.num_failed;
      co_return;
    }
    if (response.result_int() >= 400) {
      ++run.num_failed;
    }
    run.latencies.push_back(Clock::now() - turn);
  }
}

double ms_at(const std::vector<Clock::duration>& sorted, double part) {
  if (sorted.empty()) {
    return 0;
  }
  const auto index = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return std::chrono::duration<double, std::milli>(sorted[index]).count();
}

int run(std::span<char* const> args) {
  using namespace apns::floor;
  const Options options(args, {{"port"}, {"clients", "100"}, {"rate", "2000"}, {"seconds", "5"}});
  asio::io_context io{1};
  Run run;
  run.at = {asio::ip::address_v4::loopback(),
            static_cast<std::uint16_t>(options.number("port", 1, 65535))};
  run.num_clients = options.number("clients", 1, 100'000);
  const std::uint64_t rate = options.number("rate", 1, 1'000'000);
  run.between = std::chrono::nanoseconds(1'000'000'000ULL * run.num_clients / rate);
  run.start = Clock::now() + std::chrono::milliseconds(100);
  run.end = run.start + std::chrono::seconds(options.number("seconds", 1, 3600));
  for (std::uint64_t number = 0; number < run.num_clients; ++number) {
    asio::co_spawn(io, client(io, run, number), asio::detached);
  }
  io.run();
  std::ranges::sort(run.latencies);
  JsonLine()
      .add("requests", static_cast<std::uint64_t>(run.latencies.size()))
      .add("failed", run.num_failed)
      .add("p50_ms", ms_at(run.latencies, 0.5))
      .add("p99_ms", ms_at(run.latencies, 0.99))
      .add("max_ms", ms_at(run.latencies, 1.0))
      .print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> args(argv, static_cast<std::size_t>(argc));
  return apns::floor::run_program("control_clients", run, args.subspan(1));
}
