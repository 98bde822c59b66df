#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/base/out_buffer.h"
#include "apns/binary/notification_codec.h"

namespace apns::test {

/// The far end of a binary client in the memory host: takes notifications and says what a test
/// tells it to, right or wrong. It decides nothing by itself.
///
///   gateway.listen(host);
///   gateway.on_notification = [](auto& connection, std::size_t nth) {
///     if (connection.number == 1 && nth == 3) { connection.say("080800000003").close(...); }
///   };
class ScriptedGateway final : public AcceptEvents {
 public:
  class Connection final : public Engine {
   public:
    Connection(ScriptedGateway& gateway, EngineHost& host, std::uint64_t its_number)
        : number(its_number), gateway_(gateway), host_(host) {}

    ~Connection() override { std::erase(gateway_.open_, this); }

    /// Says these bytes; each call is a run of its own.
    Connection& say(std::string_view hex) {
      Bytes bytes;
      EXPECT_TRUE(parse_hex(hex, bytes));
      out_.append(bytes);
      out_.add_break();
      host_.wake(*this);
      return *this;
    }

    /// After a change of `reads`.
    void look() { host_.wake(*this); }

    /// Ends the connection once all is said.
    void close(Close how) {
      close_ = how;
      host_.wake(*this);
    }

    /// What it took so far, as the identifiers that were on the wire.
    std::vector<std::uint32_t> identifiers;
    const std::uint64_t number;

   private:
    std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
      ByteReader reader(in);
      for (;;) {
        const auto decoded = decoder_.next(reader);
        if (!decoded.has_value()) {
          EXPECT_TRUE(decoded.need_more()) << "the client sent what is no notification";
          return in.size();
        }
        const binary::NotificationView& view = decoded.value();
        identifiers.push_back(view.identifier.value_or(0));
        gateway_.taken.push_back(
            Taken{number, identifiers.back(), std::string(as_text(view.payload))});
        if (gateway_.on_notification) {
          gateway_.on_notification(*this, identifiers.size());
        }
      }
    }

    void ended(End /*end*/, TimePoint /*now*/) override {
      if (!gateway_.never_closes) {
        close_ = Close::CloseNotifyThenDrain;
      }
    }

    [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

    void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

    [[nodiscard]] TimePoint deadline() const override { return kNever; }

    void on_time(TimePoint /*now*/) override {}

    [[nodiscard]] bool wants_read() const override { return gateway_.reads; }

    [[nodiscard]] Close close() const override { return close_; }

    ScriptedGateway& gateway_;
    EngineHost& host_;
    binary::NotificationDecoder decoder_{65535};
    OutBuffer out_;
    Close close_ = Close::None;
  };

  struct Taken {
    std::uint64_t connection = 0;
    std::uint32_t identifier = 0;
    std::string payload;
  };

  /// Once; the gateway outlives the host.
  void listen(MemoryHost& host) { at = host.listen(Endpoint{"gateway", 0}, *this); }

  /// The open connection of that number (from 1, in the order of accepting); null: it is over.
  [[nodiscard]] Connection* connection(std::uint64_t number) const {
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [number](const Connection* c) { return c->number == number; });
    return found == open_.end() ? nullptr : *found;
  }

  /// The payloads that a connection took, in order.
  [[nodiscard]] std::vector<std::string> payloads(std::uint64_t on_connection) const {
    std::vector<std::string> all;
    for (const Taken& one : taken) {
      if (one.connection == on_connection) {
        all.push_back(one.payload);
      }
    }
    return all;
  }

  Endpoint at;  // after listen()
  /// Called for each notification with its number on its connection, from 1.
  std::function<void(Connection&, std::size_t)> on_notification;
  bool never_closes = false;  // the client's end is not answered
  bool reads = true;
  std::vector<Taken> taken;  // in order, over all connections
  std::uint64_t num_accepted = 0;

 private:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                   TimePoint /*now*/) override {
    ++num_accepted;
    auto connection = std::make_unique<Connection>(*this, host, peer.connection);
    open_.push_back(connection.get());
    return connection;
  }

  void gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) override {}

  std::vector<Connection*> open_;
};

}  // namespace apns::test
