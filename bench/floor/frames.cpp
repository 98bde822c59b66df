#include "bench/floor/frames.h"

#include <string_view>

#include <simdjson.h>

namespace apns::floor {
namespace {

constexpr std::byte kCommand{2};
constexpr std::size_t kFrameHeaderLen = 5;  // command, length (4)
constexpr std::size_t kItemHeaderLen = 3;   // id, length (2)
constexpr std::byte kItemDeviceToken{1};
constexpr std::byte kItemPayload{2};
constexpr std::byte kItemIdentifier{3};
constexpr std::byte kItemExpiration{4};
constexpr std::byte kItemPriority{5};

constexpr std::string_view kPayload =
    R"({"aps":{"alert":{"title":"Your order is on its way","body":"The courier left the depot at )"
    R"(09:41 and will be with you in about ten minutes."},"badge":3,"sound":"default",)"
    R"("thread-id":"orders"},"order":"A-4815162"})";
static_assert(kPayload.size() == 211);

std::size_t load_big_endian(std::span<const std::byte> bytes) {
  std::size_t value = 0;
  for (const std::byte byte : bytes) {
    value = value << 8U | std::to_integer<std::size_t>(byte);
  }
  return value;
}

void append_big_endian(std::vector<std::byte>& out, std::size_t value, std::size_t num_bytes) {
  while (num_bytes > 0) {
    --num_bytes;
    out.push_back(static_cast<std::byte>(value >> 8 * num_bytes & 0xFFU));
  }
}

void append_item_header(std::vector<std::byte>& out, std::byte id, std::size_t len) {
  out.push_back(id);
  append_big_endian(out, len, 2);
}

}  // namespace

Corpus make_corpus() {
  constexpr std::size_t kTokenLen = 32;
  constexpr std::size_t kItemsLen = 5 * kItemHeaderLen + kTokenLen + kPayload.size() + 4 + 4 + 1;
  const auto payload = std::as_bytes(std::span(kPayload));
  Corpus corpus;
  corpus.frame_len = kFrameHeaderLen + kItemsLen;
  auto& out = corpus.bytes;
  for (std::size_t i = 0; i < Corpus::kNumFrames; ++i) {
    out.push_back(kCommand);
    append_big_endian(out, kItemsLen, 4);
    append_item_header(out, kItemDeviceToken, kTokenLen);
    for (std::size_t k = 0; k < kTokenLen; ++k) {
      out.push_back(static_cast<std::byte>((i * 37 + k * 11 + 5) & 0xFFU));
    }
    append_item_header(out, kItemPayload, payload.size());
    out.insert(out.end(), payload.begin(), payload.end());
    append_item_header(out, kItemIdentifier, 4);
    append_big_endian(out, i + 1, 4);
    append_item_header(out, kItemExpiration, 4);
    append_big_endian(out, 0x7FFFFFFF, 4);
    append_item_header(out, kItemPriority, 1);
    append_big_endian(out, 10, 1);
  }
  return corpus;
}

struct FrameChecker::Parser {
  simdjson::dom::parser dom;
};

FrameChecker::FrameChecker() : parser_(std::make_unique<Parser>()) {}

FrameChecker::~FrameChecker() = default;

std::optional<std::size_t> FrameChecker::take(std::span<const std::byte> in) {
  std::size_t taken = 0;
  while (in.size() - taken >= kFrameHeaderLen) {
    const auto rest = in.subspan(taken);
    const std::size_t items_len = load_big_endian(rest.subspan<1, 4>());
    if (rest[0] != kCommand || items_len > kMaxFrameLen - kFrameHeaderLen) {
      return std::nullopt;
    }
    if (rest.size() - kFrameHeaderLen < items_len) {
      break;
    }
    std::span<const std::byte> payload;
    auto items = rest.subspan(kFrameHeaderLen, items_len);
    while (!items.empty()) {
      if (items.size() < kItemHeaderLen) {
        return std::nullopt;
      }
      const std::size_t item_len = load_big_endian(items.subspan<1, 2>());
      if (items.size() - kItemHeaderLen < item_len) {
        return std::nullopt;
      }
      if (items[0] == kItemPayload) {
        payload = items.subspan(kItemHeaderLen, item_len);
      }
      items = items.subspan(kItemHeaderLen + item_len);
    }
    ++num_frames_;
    if (!is_json(payload)) {
      ++num_bad_payloads_;
    }
    taken += kFrameHeaderLen + items_len;
  }
  return taken;
}

bool FrameChecker::is_json(std::span<const std::byte> payload) {
  const auto* const text = static_cast<const char*>(static_cast<const void*>(payload.data()));
  return parser_->dom.parse(text, payload.size(), false).error() == simdjson::SUCCESS;
}

}  // namespace apns::floor
