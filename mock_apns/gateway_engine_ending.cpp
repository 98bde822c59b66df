// How a gateway's connection ends.
#include "apns/binary/error_packet.h"
#include "mock_apns/gateway_engine.h"

namespace apns::mock {

GatewayEngine::Ending GatewayEngine::ending_of(const binary::NotificationView& notification,
                                               std::uint8_t status,
                                               const FaultAction* action) const {
  Ending ending;
  ending.status = status;
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  ending.identifier = is_shutdown ? last_accepted_ : notification.identifier.value_or(0);
  if (action != nullptr) {
    shape(ending, *action);
  }
  // Any error in the simple format: the connection is severed without a packet.
  if (notification.command == binary::Command::Simple &&
      (action == nullptr || !action->error_packet)) {
    ending.status.reset();
  }
  return ending;
}

void GatewayEngine::shape(Ending& ending, const FaultAction& action) const {
  if (action.error_packet) {
    const ErrorPacketFault& packet = *action.error_packet;
    ending.status = packet.status ? packet.status : ending.status;
    ending.split = packet.split;
    ending.count = packet.count;
    if (packet.identifier == ErrorPacketFault::Identifier::Previous) {
      ending.identifier = last_accepted_;
    } else if (packet.identifier == ErrorPacketFault::Identifier::Number) {
      ending.identifier = packet.number;
    }
  }
  if (!action.raw.empty()) {
    ending.status.reset();
    ending.raw = action.raw;
  }
  if (action.close) {
    ending.close = close_of(*action.close);
  }
}

void GatewayEngine::end_after(Duration delay, const Ending& ending, TimePoint now) {
  if (ending_) {
    return;
  }
  ending_ = ending;
  ends_at_ = now + delay;
  if (delay <= Duration{}) {
    end_now();
  }
}

void GatewayEngine::say(ByteView raw) {
  if (!raw.empty()) {
    out_.append(raw);
    out_.add_break();
  }
}

void GatewayEngine::end_now() {
  ends_at_ = kNever;
  say(ending_->raw);
  if (ending_->status) {
    const auto packet = binary::encode_error_packet({*ending_->status, ending_->identifier});
    const std::size_t piece = ending_->split == 0 ? packet.size() : ending_->split;
    for (std::uint32_t i = 0; i < ending_->count; ++i) {
      for (ByteView rest(packet); !rest.empty();) {
        const std::size_t len = std::min(piece, rest.size());
        out_.append(rest.first(len));
        out_.add_break();
        rest = rest.subspan(len);
      }
    }
  }
  close_ = ending_->close;
  how_ended_ = ledger_text_of(close_);
}

void GatewayEngine::ended(End end, TimePoint /*now*/) {
  if (close_ != Close::None) {
    return;
  }
  ended_by_peer_ = true;
  how_ended_ = end == End::Reset ? "rst" : "fin";
  if (end == End::Reset) {
    close_ = Close::Reset;
  } else if (!ending_) {
    close_ = Close::CloseNotifyThenDrain;
  }
  // Else a provider that has finished writing still reads, and gets the packet when it is due.
}

void GatewayEngine::shut_down(TimePoint now) {
  end_after(Duration{}, shutdown_ending(), now);
  host_.wake(*this);
}

GatewayEngine::Ending GatewayEngine::shutdown_ending() const {
  return Ending{.status = static_cast<std::uint8_t>(BinaryStatus::Shutdown),
                .identifier = last_accepted_};
}

}  // namespace apns::mock
