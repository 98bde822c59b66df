#include "tests/apns/http2/frame_transcript.h"

#include <algorithm>
#include <utility>

#include "tests/support/checked_engine.h"

namespace apns::http2::test {

namespace {

constexpr std::size_t kMostShown = 120;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::string with_end(const std::string& text, bool end_stream) {
  return end_stream ? text + " END_STREAM" : text;
}

}  // namespace

std::string content_text(ByteView content) {
  const std::string_view text = as_text(content);
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (text.size() > kMostShown || !std::ranges::all_of(text, is_printable)) {
    return number(text.size()) + " bytes";
  }
  return '"' + std::string(text) + '"';
}

std::string join_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += (text.empty() ? "" : ", ") + line;
  }
  return text;
}

void FrameTranscript::feed(ByteView bytes) {
  partial_.insert(partial_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  while (partial_.size() - at >= kFrameHeaderLen) {
    const ByteView rest = ByteView(partial_).subspan(at);
    const FrameHeader header = decode_frame_header(rest);
    if (rest.size() < kFrameHeaderLen + header.payload_len) {
      break;
    }
    take_frame(header, rest.subspan(kFrameHeaderLen, header.payload_len));
    at += kFrameHeaderLen + header.payload_len;
  }
  partial_.erase(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(at));
}

std::vector<std::string> FrameTranscript::take() {
  return std::exchange(lines_, {});
}

std::string FrameTranscript::take_text() {
  return join_text(take());
}

void FrameTranscript::take_frame(const FrameHeader& header, ByteView payload) {
  const std::string name = frame_type_text(header.type);
  const std::string on_stream = name + " " + number(header.stream) + " ";
  switch (static_cast<FrameType>(header.type)) {
    case FrameType::Headers:
    case FrameType::Continuation:
      take_block(header, payload);
      return;
    case FrameType::Data:
      lines_.push_back(with_end(on_stream + content_text(payload), header.has(flag::kEndStream)));
      return;
    case FrameType::Settings:
      lines_.push_back((header.has(flag::kAck) ? name + " ACK" : name) +
                       details_of(header, payload));
      return;
    case FrameType::Ping:
      lines_.push_back(name + (header.has(flag::kAck) ? " ACK " : " ") + content_text(payload));
      return;
    case FrameType::RstStream:
      lines_.push_back(on_stream + error_code_text(ByteReader(payload).read<std::uint32_t>()));
      return;
    case FrameType::Goaway: {
      ByteReader in(payload);
      const auto last = in.read<std::uint32_t>();
      const auto code = in.read<std::uint32_t>();
      lines_.push_back(name + " " + number(last) + " " + error_code_text(code) +
                       details_of(header, in.rest()));
      return;
    }
    case FrameType::WindowUpdate:
      lines_.push_back(on_stream + number(decode_u31(payload)));
      return;
    case FrameType::Priority:
    case FrameType::PushPromise:
      break;
  }
  lines_.push_back(on_stream + number(payload.size()) + " bytes");
}

std::string FrameTranscript::details_of(const FrameHeader& header, ByteView payload) const {
  std::string text;
  if (details_ == Details::Without || payload.empty()) {
    return text;
  }
  if (header.is(FrameType::Goaway)) {
    return " " + content_text(payload);
  }
  for (std::size_t i = 0; i < payload.size() / kSettingLen; ++i) {
    const Setting entry = decode_setting(payload, i);
    text += " " + setting_text(entry.id) + "=" + number(entry.value);
  }
  return text;
}

void FrameTranscript::take_block(const FrameHeader& header, ByteView fragment) {
  if (header.is(FrameType::Headers)) {
    block_header_ = header;
    block_.clear();
  }
  block_.insert(block_.end(), fragment.begin(), fragment.end());
  if (header.has(flag::kEndHeaders)) {
    lines_.push_back(with_end("HEADERS " + number(block_header_.stream) + " " + block_text(),
                              block_header_.has(flag::kEndStream)));
  }
}

std::string FrameTranscript::block_text() {
  const auto decoded = decoder_.decode(block_, std::size_t{1} << 20U, scratch_);
  apns::test::require(decoded.has_value(), "the session's header blocks can be decoded");
  std::string text = "trailers";
  for (const Field& field : decoded->fields) {
    if (field.name == ":status" || field.name == ":method") {
      text = field.value;
    } else if (field.name == ":path") {
      text += " " + std::string(field.value);
    }
  }
  if (decoded->num_size_updates > 0) {
    text += " after " + number(decoded->num_size_updates) + " size updates";
  }
  return text;
}

}  // namespace apns::http2::test
