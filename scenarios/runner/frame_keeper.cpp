#include "scenarios/runner/frame_keeper.h"

#include <algorithm>

#include "apns/model/device_token.h"

namespace apns::scenarios {
namespace {

constexpr std::size_t kShownBytes = 24;

}  // namespace

std::string frame_line(ByteView bytes, const std::string& fields) {
  std::string text;
  for (const std::byte byte : bytes.first(std::min(bytes.size(), kShownBytes))) {
    text += (text.empty() ? "" : " ") + to_hex(ByteView(&byte, 1));
  }
  return text + (bytes.size() > kShownBytes ? " …" : "") + "   " + fields;
}

}  // namespace apns::scenarios
