#include "scenarios/runner/tap_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "apns/binary/error_packet.h"
#include "apns/binary/notification_codec.h"
#include "apns/binary/wire.h"
#include "apns/model/binary_status.h"

namespace apns::scenarios {
namespace {

constexpr std::size_t kShownBytes = 24;
constexpr std::size_t kFramesPerDirection = 2;
constexpr std::size_t kPayloadKeepLimit = 65535;

/// The length of the frame in front, if it is one of command 2 and whole.
std::optional<std::size_t> whole_frame(ByteView bytes) {
  ByteReader in(bytes);
  if (!in.has(binary::kFrameHeaderLen) ||
      in.read<std::uint8_t>() != static_cast<std::uint8_t>(binary::Command::Framed)) {
    return std::nullopt;
  }
  const auto len = in.read<std::uint32_t>();
  if (!in.has(len)) {
    return std::nullopt;
  }
  return binary::kFrameHeaderLen + len;
}

/// "08 08 00 00 00 04", cut after kShownBytes.
std::string hex_text(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes.first(std::min(bytes.size(), kShownBytes))) {
    text += (text.empty() ? "" : " ") + to_hex(ByteView(&byte, 1));
  }
  return text + (bytes.size() > kShownBytes ? " …" : "");
}

std::string describe_notification(const binary::NotificationView& view) {
  std::string text = "notification";
  if (view.identifier) {
    text += ", identifier " + std::to_string(*view.identifier);
  }
  if (const std::optional<DeviceToken> token = DeviceToken::from_bytes(view.device_token)) {
    text += ", device token " + token->to_short_text();
  }
  text += ", payload " + std::to_string(view.payload_len) + " bytes";
  if (view.expiration) {
    text += ", expiration " + std::to_string(*view.expiration);
  }
  if (view.priority) {
    text += ", priority " + std::to_string(*view.priority);
  }
  return text;
}

struct Line {
  ByteView bytes;
  std::string fields;
};

std::vector<Line> notifications_of(ByteView bytes) {
  std::vector<Line> lines;
  binary::NotificationDecoder decoder(kPayloadKeepLimit);
  ByteReader in(bytes);
  while (in.left() > 0) {
    const ByteView before = in.rest();
    const auto decoded = decoder.next(in);
    if (decoded.has_value()) {
      lines.push_back(
          Line{before.first(decoded.value().wire_len), describe_notification(decoded.value())});
    } else {
      lines.push_back(Line{before, decoded.need_more() ? "not whole" : "not a notification"});
      break;
    }
  }
  return lines;
}

std::vector<Line> packets_of(ByteView bytes) {
  std::vector<Line> lines;
  ByteReader in(bytes);
  while (in.left() > 0) {
    const ByteView before = in.rest();
    const auto decoded = binary::decode_error_packet(in);
    if (!decoded.has_value()) {
      lines.push_back(Line{before, decoded.need_more() ? "not whole" : "not an error packet"});
      break;
    }
    lines.push_back(Line{before.first(binary::kErrorPacketLen),
                         "error packet, status " + binary_status_text(decoded.value().status) +
                             ", identifier " + std::to_string(decoded.value().identifier)});
  }
  return lines;
}

void add_last(std::uint64_t number, std::string_view direction, const std::vector<Line>& lines,
              std::vector<std::string>& out) {
  const std::size_t skipped = lines.size() - std::min(lines.size(), kFramesPerDirection);
  for (std::size_t i = skipped; i < lines.size(); ++i) {
    out.push_back("#" + std::to_string(number) + " " + std::string(direction) + "   " +
                  hex_text(lines[i].bytes) + "   " + lines[i].fields);
  }
}

}  // namespace

void TapDirection::add(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  while (bytes_.size() - at_ > kKeepBytes) {
    const ByteView kept = this->bytes();
    const std::size_t drop = whole_frame(kept).value_or(kept.size() - kKeepBytes);
    at_ += drop;
    num_dropped_ += drop;
  }
  if (at_ > kKeepBytes) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
}

std::vector<std::string> TapLog::describe(std::size_t limit) const {
  std::vector<std::string> lines;
  for (const auto& [number, connection] : connections_) {
    add_last(number, "provider > service", notifications_of(connection.to_service.bytes()), lines);
    add_last(number, "service > provider", packets_of(connection.to_provider.bytes()), lines);
  }
  if (lines.size() > limit) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return lines;
}

std::size_t TapEngine::feed(std::span<const std::byte> in, TimePoint now) {
  const std::size_t taken = inner_->feed(in, now);
  log_.to_provider.add(in.first(taken));
  return taken;
}

void TapEngine::sent(std::size_t n, TimePoint now) {
  log_.to_service.add(inner_->pending().first(n));
  inner_->sent(n, now);
}

Transport tap_transport(Transport below, TapLog& log) {
  return [below = std::move(below), &log](const PeerInfo& peer, EngineHost& host,
                                          EngineFactory inner, TimePoint now) {
    EngineFactory tapped = [inner = std::move(inner), &log](const PeerInfo& known,
                                                            EngineHost& outer, TimePoint when) {
      auto tap = std::make_unique<TapEngine>(log.connection(known.connection), outer);
      std::unique_ptr<Engine> engine = inner(known, tap->inner_host(), when);
      if (!engine) {
        return std::unique_ptr<Engine>();
      }
      tap->use(std::move(engine));
      return std::unique_ptr<Engine>(std::move(tap));
    };
    return below(peer, host, std::move(tapped), now);
  };
}

}  // namespace apns::scenarios
