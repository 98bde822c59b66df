#include <algorithm>
#include <array>
#include <utility>

#include "tests/apns/http2/oracle/conversation_maker.h"

// One thing that is done to a legal conversation's frames.

namespace apns::http2::test {

namespace {

/// 32-bit numbers at which something changes.
constexpr std::array<std::uint32_t, 14> kEdges = {
    0,      1,          2,          16'383,      16'384,      65'535,      65'536,
    99'999, 16'777'215, 16'777'216, 0x7FFF'FFFE, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF};

void put(Bytes& payload, std::size_t at, std::uint64_t value, std::size_t len) {
  for (std::size_t i = 0; i < len && at + i < payload.size(); ++i) {
    payload[at + i] = static_cast<std::byte>(value >> (8U * (len - 1 - i)));
  }
}

}  // namespace

void ConversationMaker::spoil_a_frame() {
  has_erred_ = true;
  if (!frames_.empty()) {  // one that was taken away may have been the last
    spoil(choices_.below(frames_.size()));
  }
}

void ConversationMaker::spoil(std::size_t at) {
  RawFrame& frame = frames_[at];
  const std::size_t other = choices_.below(frames_.size());
  switch (choices_.below(12)) {
    case 0:
      frame.flags ^= static_cast<std::uint8_t>(1U << choices_.below(8));
      break;
    case 1:
      frame.type = static_cast<std::uint8_t>(choices_.below(11));
      break;
    case 2:
      frame.stream = choices_.one_in(2) ? static_cast<StreamId>(choices_.below(24))
                                        : frame.stream + static_cast<StreamId>(choices_.below(3));
      break;
    case 3:
      frame.length_lie = choices_.one_in(2) ? 1 : -1;
      break;
    case 4:
      if (choices_.one_in(2)) {
        frame.payload.push_back(std::byte{0});
      } else if (!frame.payload.empty()) {
        frame.payload.pop_back();
      }
      break;
    case 5:
      std::swap(frames_[at], frames_[other]);
      break;
    case 6: {
      const RawFrame again = frame;
      frames_.insert(frames_.begin() + static_cast<std::ptrdiff_t>(other), again);
      break;
    }
    case 7:
      frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 8:
      frame.payload.resize(choices_.below(frame.payload.size() + 12));
      break;
    case 9: {  // a frame of its own making
      RawFrame stranger;
      stranger.type = static_cast<std::uint8_t>(choices_.below(12));
      stranger.flags = static_cast<std::uint8_t>(choices_.below(64));
      stranger.stream = static_cast<StreamId>(choices_.below(16));
      stranger.payload.resize(choices_.below(12), static_cast<std::byte>(choices_.below(256)));
      frames_.insert(frames_.begin() + static_cast<std::ptrdiff_t>(at), std::move(stranger));
      break;
    }
    default:
      spoil_payload(frame);
      break;
  }
}

void ConversationMaker::spoil_payload(RawFrame& frame) {
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::Settings:
      spoil_settings(frame);
      break;
    case FrameType::WindowUpdate:
    case FrameType::Goaway:
    case FrameType::Priority:
      put(frame.payload, 0, choices_.one_in(3) ? frame.stream : choices_.pick(kEdges), 4);
      break;
    default:
      if (!frame.payload.empty()) {
        const std::size_t at = choices_.below(std::min<std::size_t>(frame.payload.size(), 64));
        frame.payload[at] ^= static_cast<std::byte>(1U << choices_.below(8));
      }
      break;
  }
}

void ConversationMaker::spoil_settings(RawFrame& frame) {
  const std::size_t num_entries = frame.payload.size() / kSettingLen;
  if (num_entries == 0 || choices_.one_in(2)) {
    frame.payload.resize((num_entries + 1) * kSettingLen);
    put(frame.payload, num_entries * kSettingLen, choices_.below(10), 2);
    put(frame.payload, num_entries * kSettingLen + 2, choices_.pick(kEdges), 4);
    return;
  }
  const std::size_t entry = choices_.below(num_entries) * kSettingLen;
  if (choices_.one_in(2)) {
    put(frame.payload, entry, choices_.below(10), 2);
  } else {
    put(frame.payload, entry + 2, choices_.pick(kEdges), 4);
  }
}

}  // namespace apns::http2::test
