#include "scenarios/runner/http2_witness.h"

#include <algorithm>

namespace apns::scenarios {
namespace {

using http2::ErrorCode;
using http2::FrameHeader;
using http2::FrameType;
using http2::StreamId;

std::uint32_t code_at(ByteView payload, std::size_t offset) {
  if (payload.size() < offset + sizeof(std::uint32_t)) {
    return 0;
  }
  ByteReader reader(payload.subspan(offset));
  return reader.read<std::uint32_t>();
}

bool is_code(std::uint32_t code, ErrorCode wanted) {
  return code == static_cast<std::uint32_t>(wanted);
}

}  // namespace

std::size_t FrameWalk::take(ByteView bytes) {
  if (head_.empty() && left_ > 0) {  // what is skipped
    const std::size_t n = std::min(left_, bytes.size());
    left_ -= n;
    return n;
  }
  if (head_.size() < http2::kFrameHeaderLen) {
    const std::size_t n = std::min(http2::kFrameHeaderLen - head_.size(), bytes.size());
    head_.insert(head_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    if (head_.size() == http2::kFrameHeaderLen) {
      left_ = http2::decode_frame_header(head_).payload_len;
      kept_ = std::min(left_, http2::kGoawayFixedLen);
    }
    return n;
  }
  const std::size_t n = std::min(left_, bytes.size());
  const std::size_t kept = std::min(kept_, n);
  head_.insert(head_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  kept_ -= kept;
  left_ -= n;
  return n;
}

void Http2Witness::Said::add(const FrameHeader& header, ByteView payload) {
  if (header.is(FrameType::Headers)) {
    newest = std::max(newest, header.stream);
  } else if (header.is(FrameType::RstStream)) {
    given_up.insert(header.stream);
  } else if (header.is(FrameType::Settings) && header.has(http2::flag::kAck)) {
    ++num_acks;
  } else if (header.is(FrameType::Goaway)) {
    has_quit = has_quit || !is_code(code_at(payload, sizeof(StreamId)), ErrorCode::NoError);
  }
}

Http2Witness::Said Http2Witness::ahead(ByteView pending) const {
  Said said;
  said.newest = said_.newest;
  said.has_quit = said_.has_quit;
  said.num_acks = said_.num_acks;
  if (!pending.empty()) {
    FrameWalk walk = from_provider_;
    walk.add(pending,
             [&said](const FrameHeader& header, ByteView payload) { said.add(header, payload); });
  }
  return said;
}

void Http2Witness::before(ByteView pending) {
  ahead_ = ahead(pending);
}

void Http2Witness::after(ByteView taken, ByteView pending) {
  const Said quit = ahead(pending);
  from_service_.add(taken, [this, &quit](const FrameHeader& header, ByteView payload) {
    came(header, payload, quit);
  });
  facts_.owes_ack = num_settings_ > quit.num_acks;
}

void Http2Witness::came(const FrameHeader& header, ByteView payload, const Said& quit) {
  const StreamId stream = header.stream;
  if (header.is(FrameType::Settings) && !header.has(http2::flag::kAck)) {
    ++num_settings_;
    return;
  }
  if (header.is(FrameType::Goaway)) {
    const StreamId last = code_at(payload, 0) & http2::kMaxStreamId;
    facts_.last_stream = std::min(facts_.last_stream.value_or(last), last);
    newest_allowed_ = newest_allowed_.value_or(ahead_.newest);
    return;
  }
  const bool is_answered = (header.is(FrameType::Headers) || header.is(FrameType::Data)) &&
                           header.has(http2::flag::kEndStream);
  const bool is_reset = header.is(FrameType::RstStream);
  const bool is_awaited = stream != 0 && stream <= ahead_.newest && !quit.has_quit &&
                          !said_.given_up.contains(stream) && !ahead_.given_up.contains(stream);
  if ((!is_answered && !is_reset) || !is_awaited || !over_.insert(stream).second) {
    return;
  }
  if (is_answered) {
    facts_.answered.insert(stream);
  } else if (is_code(code_at(payload, 0), ErrorCode::RefusedStream)) {
    facts_.refused.insert(stream);
  }
}

void Http2Witness::goes(ByteView bytes) {
  from_provider_.add(bytes, [this](const FrameHeader& header, ByteView payload) {
    const bool is_new = header.is(FrameType::Headers) && header.stream > said_.newest;
    if (is_new && newest_allowed_ && header.stream > *newest_allowed_) {
      facts_.behind_goaway.push_back(header.stream);
    }
    said_.add(header, payload);
  });
}

}  // namespace apns::scenarios
