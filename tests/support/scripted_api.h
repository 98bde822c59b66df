#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/http2/session.h"

namespace apns::test {

/// An HTTP/2 service in the memory host that does what a test says. Answers each request with 200
/// and an apns-id, unless told otherwise. References to its connections are good while they are
/// open.
class ScriptedApi final : public AcceptEvents {
 public:
  struct Request {
    std::uint64_t connection = 0;
    http2::StreamId stream = 0;
    std::map<std::string, std::string> fields;
    std::string payload;
    bool is_whole = false;
  };

  class Connection final : public Engine, private http2::SessionEvents {
   public:
    Connection(ScriptedApi& api, EngineHost& host, std::uint64_t connection, TimePoint now)
        : number(connection),
          api_(api),
          host_(host),
          session_(api.options, *this, api.scratch_, now) {}

    ~Connection() override { std::erase(api_.open_, this); }

    /// Speak through it, then wake().
    http2::Session& session() { return session_; }

    void wake() { host_.wake(*this); }

    /// An apns-id that tells the connection and the stream.
    [[nodiscard]] std::string apns_id(http2::StreamId stream) const {
      return "ID-" + std::to_string(number) + "-" + std::to_string(stream);
    }

    void accept(http2::StreamId stream) { answer(stream, "200", {}); }

    void answer(http2::StreamId stream, std::string_view status, std::string_view body) {
      const std::string id = apns_id(stream);
      const std::array fields = {http2::Field{":status", status}, http2::Field{"apns-id", id}};
      session_.send_headers(stream, fields, body.empty());
      if (!body.empty()) {
        session_.send_data(stream, as_bytes(body), true);
      }
      wake();
    }

    void say_goaway(http2::StreamId last, http2::ErrorCode code, std::string_view debug) {
      session_.goaway(last, code, debug);
      wake();
    }

    void limit_streams(std::uint32_t limit) {
      const std::array settings = {http2::Setting(http2::SettingId::MaxConcurrentStreams, limit)};
      session_.send_settings(settings);
      wake();
    }

    void hang_up(Close how) {
      session_.hang_up(how);
      wake();
    }

    const std::uint64_t number;
    std::uint64_t num_requests = 0;
    std::size_t most_open = 0;  // streams at once

   private:
    std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
      return session_.feed(in, now);
    }

    void ended(End end, TimePoint now) override { session_.ended(end, now); }

    [[nodiscard]] std::span<const std::byte> pending() const override { return session_.pending(); }

    void sent(std::size_t n, TimePoint now) override { session_.sent(n, now); }

    [[nodiscard]] TimePoint deadline() const override { return session_.deadline(); }

    void on_time(TimePoint now) override { session_.on_time(now); }

    [[nodiscard]] bool wants_read() const override { return api_.reads && session_.wants_read(); }

    [[nodiscard]] Close close() const override { return session_.close(); }

    void message(const http2::Message& message) override {
      most_open = std::max(most_open, session_.num_streams());
      session_.set_user(message.stream, api_.requests.size() + 1);
      Request& request = api_.requests.emplace_back();
      request.connection = number;
      request.stream = message.stream;
      for (const http2::Field& field : message.fields) {
        request.fields[std::string(field.name)] = field.value;
      }
      if (message.end_stream) {
        ended_request(message.stream);
      }
    }

    void data(http2::StreamId stream, ByteView content, bool end_stream) override {
      api_.requests[session_.user(stream) - 1].payload += as_text(content);
      if (end_stream) {
        ended_request(stream);
      }
    }

    void ended_request(http2::StreamId stream) {
      ++num_requests;
      Request& request = api_.requests[session_.user(stream) - 1];
      request.is_whole = true;
      if (api_.on_request) {
        api_.on_request(*this, stream, num_requests);
      } else {
        accept(stream);
      }
    }

    void closed(http2::StreamId stream, http2::StreamEnd end, http2::ErrorCode code,
                std::uint64_t /*user*/) override {
      if (end == http2::StreamEnd::ResetByPeer) {
        api_.resets.push_back(std::to_string(stream) + " " +
                              http2::error_code_text(static_cast<std::uint32_t>(code)));
      }
    }

    void ping(ByteView /*opaque*/, bool is_ack) override { api_.num_pings += is_ack ? 0U : 1U; }

    void goaway(http2::StreamId /*last*/, http2::ErrorCode code, std::string_view debug) override {
      api_.goaways.push_back(http2::error_code_text(static_cast<std::uint32_t>(code)) +
                             (debug.empty() ? "" : " " + std::string(debug)));
    }

    void violation(const http2::Violation& violation) override {
      api_.violations.emplace_back(http2::rule_row(violation.rule).id);
    }

    ScriptedApi& api_;
    EngineHost& host_;
    http2::Session session_;
  };

  ScriptedApi() {
    options.settings = {{http2::SettingId::MaxConcurrentStreams, 100}};
    options.limit_before_ack = false;
  }

  /// Once; the service outlives the host.
  void listen(MemoryHost& host) { at = host.listen(Endpoint{"api", 0}, *this); }

  /// The open connection of that number (from 1, in the order of accepting); null: it is over.
  [[nodiscard]] Connection* connection(std::uint64_t number) const {
    const auto found = std::ranges::find(open_, number, &Connection::number);
    return found == open_.end() ? nullptr : *found;
  }

  [[nodiscard]] std::size_t num_open() const { return open_.size(); }

  /// The payloads of the whole requests of a connection, in order.
  [[nodiscard]] std::vector<std::string> payloads(std::uint64_t on_connection) const {
    std::vector<std::string> all;
    for (const Request& request : requests) {
      if (request.connection == on_connection && request.is_whole) {
        all.push_back(request.payload);
      }
    }
    return all;
  }

  Endpoint at;  // after listen()
  http2::SessionOptions options;
  Transport transport = plain_transport();
  /// Called for each whole request with its number on its connection, from 1.
  std::function<void(Connection&, http2::StreamId, std::uint64_t)> on_request;
  std::function<void(Connection&)> on_accepted;
  bool reads = true;
  std::uint64_t num_accepted = 0;
  // Over all connections, in order.
  std::vector<Request> requests;
  std::vector<std::string> resets;      // "1 CANCEL"
  std::vector<std::string> goaways;     // "NO_ERROR"
  std::vector<std::string> violations;  // ids of rules that the client broke
  std::size_t num_pings = 0;

 private:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override {
    return transport(
        peer, host,
        [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
          ++num_accepted;
          auto connection = std::make_unique<Connection>(*this, inner_host, known.connection, when);
          open_.push_back(connection.get());
          if (on_accepted) {
            on_accepted(*connection);
          }
          return connection;
        },
        now);
  }

  void gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) override {}

  http2::HpackScratch scratch_;
  std::vector<Connection*> open_;
};

}  // namespace apns::test
