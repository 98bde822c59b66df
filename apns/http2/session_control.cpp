// Frames of the connection, and the small ones of streams.

#include <algorithm>
#include <cassert>

#include "apns/http2/session.h"

namespace apns::http2 {

namespace {

// Opaque data of the PING between the two GOAWAYs of a shut down.
constexpr std::string_view kShutDownPing = "goaway 2";
static_assert(kShutDownPing.size() == kPingLen);

// A WINDOW_UPDATE of less lets next to nothing out.
constexpr std::uint32_t kSmallIncrement = 256;

}  // namespace

// ---- SETTINGS ----

bool Session::send_settings(std::span<const Setting> entries) {
  if (unacked_.size() >= options_.limits.unanswered_settings) {
    return false;
  }
  append_settings(out_.bytes(), entries);
  SentSettings sent{{entries.begin(), entries.end()}, now_ + options_.limits.settings_ack};
  for (const Setting& entry : entries) {
    if (entry.is(SettingId::MaxConcurrentStreams)) {
      announced_streams_ = entry.value;
    }
  }
  unacked_.push_back(std::move(sent));
  return true;
}

void Session::take_settings(const FrameHeader& header, ByteView payload) {
  if (header.stream != 0 && violate(Rule::SettingsOnStream, header.stream) != Next::Go) {
    return;
  }
  if (header.has(flag::kAck)) {
    take_settings_ack(header);
    return;
  }
  if (payload.size() % kSettingLen != 0 &&
      violate(Rule::SettingsLength, 0, frame_text(header)) != Next::Go) {
    return;
  }
  if (!within(num_settings_, options_.limits.settings, Bound::Settings)) {
    return;
  }
  const std::size_t num_entries = payload.size() / kSettingLen;
  if (num_entries > options_.limits.settings_entries) {
    hit(Bound::SettingsEntries, options_.limits.settings_entries, 0);
    return;
  }
  std::vector<Setting> entries;
  entries.reserve(num_entries);
  for (std::size_t i = 0; i < num_entries; ++i) {
    const Setting entry = decode_setting(payload, i);
    if (!take_setting(entry)) {
      return;
    }
    entries.push_back(entry);
  }
  append_settings_ack(out_.bytes());
  events_.settings(entries, frame_position_);
  if (!is_over()) {
    pump();
  }
}

/// One entry, in the order in which they stand (section 6.5.3). False: the connection is over.
bool Session::take_setting(const Setting& entry) {
  if (const auto rule = Settings::check(entry, options_.role == Role::Client)) {
    const std::string found = setting_text(entry.id) + " " + std::to_string(entry.value);
    return violate(*rule, 0, found) == Next::Go;  // what is ignored is not applied
  }
  const std::uint32_t window_before = peer_.initial_window;
  peer_.apply(entry);
  if (entry.is(SettingId::HeaderTableSize)) {
    encoder_.set_limit(entry.value);
  }
  if (entry.is(SettingId::InitialWindowSize)) {
    const std::int64_t delta = std::int64_t{entry.value} - window_before;
    bool overflows = false;
    streams_.for_each([&](Stream& stream) {
      stream.send_window += delta;
      overflows = overflows || stream.send_window > kMaxWindow;
    });
    if (overflows) {
      violate(Rule::InitialWindowOverflow, 0, setting_text(entry.id));
      return false;
    }
  }
  return true;
}

void Session::take_settings_ack(const FrameHeader& header) {
  if (header.payload_len != 0 &&
      violate(Rule::SettingsAckLength, 0, frame_text(header)) != Next::Go) {
    return;
  }
  if (unacked_.empty()) {
    violate(Rule::AckWithoutSettings, 0);
    return;
  }
  const std::uint32_t window_before = acked_.initial_window;
  for (const Setting& entry : unacked_.front().entries) {
    acked_.apply(entry);
    if (entry.is(SettingId::HeaderTableSize)) {
      decoder_.set_limit(entry.value);
    }
  }
  unacked_.erase(unacked_.begin());
  const std::int64_t delta = std::int64_t{acked_.initial_window} - window_before;
  if (delta != 0) {
    // A window that has shrunk may be used up already: what is owed then is all that the peer can
    // wait for (section 6.9.2).
    streams_.for_each([this, delta](Stream& stream) {
      stream.recv_window += delta;
      give_back_if_due(stream);
    });
  }
  events_.settings_acked(frame_position_);
}

// ---- PING, GOAWAY ----

void Session::ping(std::span<const std::byte, kPingLen> opaque) {
  append_ping(out_.bytes(), opaque, false);
}

void Session::take_ping(const FrameHeader& header, ByteView payload) {
  if (header.stream != 0 && violate(Rule::PingOnStream, header.stream) != Next::Go) {
    return;
  }
  if (payload.size() != kPingLen) {
    violate(Rule::PingLength, 0, frame_text(header));
    return;
  }
  if (header.has(flag::kAck)) {
    if (second_goaway_ != kNever && as_text(payload) == kShutDownPing) {
      finish_shut_down();
      return;
    }
    if (within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames)) {
      events_.ping(payload, true);
    }
    return;
  }
  if (!within(num_pings_, options_.limits.pings, Bound::Pings)) {
    return;
  }
  if (!are_pings_ignored_) {
    append_ping(out_.bytes(), payload, true);
  }
  events_.ping(payload, false);
}

void Session::say_goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  append_goaway(out_.bytes(), last_stream, code, debug);
  said_goaway_ = SaidGoaway{last_stream, code, std::string(debug)};
}

void Session::goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  say_goaway(last_stream, code, debug);
  goaway_sent_ = std::min(goaway_sent_, last_stream);
  std::vector<StreamId> dropped;
  streams_.for_each([&](const Stream& stream) {
    if (!is_own(stream.id) && stream.id > goaway_sent_) {
      dropped.push_back(stream.id);
    }
  });
  std::ranges::sort(dropped);
  for (const StreamId id : dropped) {
    if (streams_.find(id) != nullptr) {
      close_stream(id, StreamEnd::Unprocessed, code);
    }
  }
}

void Session::shut_down(ErrorCode code, std::string_view debug) {
  if (second_goaway_ != kNever || is_finishing_ || is_over()) {
    return;
  }
  goaway_code_ = code;
  goaway_debug_ = debug;
  // A last stream must not grow from one GOAWAY to the next (section 6.8).
  say_goaway(goaway_sent_, ErrorCode::NoError, {});
  append_ping(out_.bytes(), as_bytes(kShutDownPing), false);
  second_goaway_ = now_ + std::chrono::seconds(1);
}

void Session::finish_shut_down() {
  second_goaway_ = kNever;
  goaway(std::min(goaway_sent_, last_peer_), goaway_code_, goaway_debug_);
  is_finishing_ = true;
}

void Session::take_goaway(const FrameHeader& header, ByteView payload) {
  if (header.stream != 0 && violate(Rule::GoawayOnStream, header.stream) != Next::Go) {
    return;
  }
  if (payload.size() < kGoawayFixedLen) {
    violate(Rule::GoawayLength, 0, frame_text(header));
    return;
  }
  if (!within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames)) {
    return;
  }
  const StreamId last = decode_u31(payload);
  if (is_goaway_received_ && last > goaway_received_ &&
      violate(Rule::GoawayIdIncreased, 0,
              std::to_string(goaway_received_) + ", then " + std::to_string(last)) != Next::Go) {
    return;
  }
  is_goaway_received_ = true;
  goaway_received_ = last;
  ByteReader code(payload.subspan(4));
  const auto error = static_cast<ErrorCode>(code.read<std::uint32_t>());
  events_.goaway(last, error, as_text(code.rest()));
  std::vector<StreamId> unprocessed;
  streams_.for_each([&](const Stream& stream) {
    if (is_own(stream.id) && stream.id > last) {
      unprocessed.push_back(stream.id);
    }
  });
  std::ranges::sort(unprocessed);
  for (const StreamId id : unprocessed) {
    if (streams_.find(id) != nullptr) {
      close_stream(id, StreamEnd::Unprocessed, error);
    }
  }
}

// ---- WINDOW_UPDATE ----

void Session::take_window_update(const FrameHeader& header, ByteView payload) {
  if (payload.size() != kWindowUpdateLen) {
    violate(Rule::WindowUpdateLength, header.stream, frame_text(header));
    return;
  }
  if (header.stream != 0 && is_idle(header.stream)) {
    violate(Rule::FrameOnIdleStream, header.stream, frame_text(header));
    return;
  }
  Stream* stream = streams_.find(header.stream);
  if (header.stream != 0 && stream == nullptr) {  // late, which is no fault (section 5.1)
    (void)within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames);
    return;
  }
  const std::uint32_t increment = decode_u31(payload);
  if (increment == 0) {
    violate(header.stream == 0 ? Rule::ConnectionIncrementZero : Rule::StreamIncrementZero,
            header.stream);
    return;
  }
  if (increment < kSmallIncrement &&
      !within(num_small_windows_, options_.limits.small_windows, Bound::SmallWindows)) {
    return;
  }
  if (header.stream == 0) {
    if (send_window_ + increment > kMaxWindow &&
        violate(Rule::ConnectionWindowOverflow, 0) != Next::Go) {
      return;
    }
    // What waits while this window is open waits for others: nothing to look for then.
    const bool was_closed = send_window_ <= 0;
    send_window_ += increment;
    if (was_closed) {
      pump();
    }
    return;
  }
  if (stream->send_window + increment > kMaxWindow) {
    if (violate(Rule::StreamWindowOverflow, header.stream) != Next::Go) {
      return;
    }
    stream = streams_.find(header.stream);
    if (stream == nullptr) {
      return;
    }
  }
  stream->send_window += increment;
  pump_stream(header.stream);
}

// ---- RST_STREAM, PRIORITY ----

void Session::take_rst_stream(const FrameHeader& header, ByteView payload) {
  if (header.stream == 0) {
    violate(Rule::RstStreamOnConnection, 0);
    return;
  }
  if (payload.size() != kRstStreamLen) {
    violate(Rule::RstStreamLength, header.stream, frame_text(header));
    return;
  }
  if (is_idle(header.stream)) {
    violate(Rule::FrameOnIdleStream, header.stream, frame_text(header));
    return;
  }
  if (!within(num_resets_, options_.limits.resets, Bound::Resets)) {
    return;
  }
  forget_reset(header.stream);
  if (streams_.find(header.stream) != nullptr) {
    ByteReader code(payload);
    close_stream(header.stream, StreamEnd::ResetByPeer,
                 static_cast<ErrorCode>(code.read<std::uint32_t>()));
  }
}

void Session::take_priority(const FrameHeader& header, ByteView payload) {
  if (header.stream == 0) {
    violate(Rule::PriorityOnConnection, 0);
    return;
  }
  if (payload.size() != kPriorityLen) {
    violate(Rule::PriorityLength, header.stream, frame_text(header));
    return;
  }
  if (decode_u31(payload) == header.stream) {
    violate(Rule::SelfDependency, header.stream);
    return;
  }
  (void)within(num_idle_frames_, options_.limits.idle_frames, Bound::IdleFrames);
}

}  // namespace apns::http2
