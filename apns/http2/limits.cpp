#include "apns/http2/limits.h"

#include <algorithm>
#include <array>

namespace apns::http2 {

namespace {

using enum ErrorCode;

constexpr std::array<BoundRow, kNumBounds> kRows = {{
    {Bound::HeaderListBytes, "header_list_bytes", Scope::Stream, EnhanceYourCalm,
     "a header list is larger than"},
    {Bound::BlockBytes, "block_bytes", Scope::Connection, EnhanceYourCalm,
     "a header block has more bytes than"},
    {Bound::BlockFrames, "block_frames", Scope::Connection, EnhanceYourCalm,
     "a header block comes in more frames than"},
    {Bound::SettingsEntries, "settings_entries", Scope::Connection, EnhanceYourCalm,
     "a SETTINGS frame has more entries than"},
    {Bound::OpenStreams, "open_streams", Scope::Stream, RefusedStream,
     "more streams are open at once than"},
    {Bound::QueuedBytes, "queued_bytes", Scope::Connection, EnhanceYourCalm,
     "more content waits for the peer's windows than"},
    {Bound::Resets, "resets", Scope::Connection, EnhanceYourCalm,
     "streams are reset more often than"},
    {Bound::Settings, "settings", Scope::Connection, EnhanceYourCalm,
     "SETTINGS frames come more often than"},
    {Bound::Pings, "pings", Scope::Connection, EnhanceYourCalm, "PING frames come more often than"},
    {Bound::EmptyData, "empty_data", Scope::Connection, EnhanceYourCalm,
     "DATA frames without content come more often than"},
    {Bound::IdleFrames, "idle_frames", Scope::Connection, EnhanceYourCalm,
     "frames that change nothing come more often than"},
    {Bound::SmallWindows, "small_windows", Scope::Connection, EnhanceYourCalm,
     "WINDOW_UPDATE frames of fewer than 256 bytes come more often than"},
    {Bound::PrefaceTime, "preface", Scope::Connection, ProtocolError,
     "the connection preface takes longer than"},
    {Bound::BlockTime, "block", Scope::Connection, EnhanceYourCalm,
     "a header block takes longer than"},
    {Bound::MessageTime, "message", Scope::Stream, Cancel, "a request takes longer than"},
    {Bound::WindowTime, "window", Scope::Stream, Cancel,
     "content waits for the peer's windows longer than"},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].bound) != i) {
      return false;
    }
  }
  return true;
}

static_assert(is_in_order(), "a row stands where its bound's number says");

}  // namespace

bool RateCounter::take(const Rate& rate, TimePoint now) {
  if (used_ < rate.burst) {
    if (used_++ == 0) {
      since_ = now;
    }
    return true;
  }
  // Only who has used the burst up pays for the arithmetic.
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - since_).count();
  const auto back = static_cast<std::uint64_t>(elapsed) * rate.per_second / 1'000'000U;
  if (back == 0) {
    return false;
  }
  used_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(back, used_));
  since_ = now;
  ++used_;
  return used_ <= rate.burst;
}

const BoundRow& bound_row(Bound bound) {
  return kRows[static_cast<std::size_t>(bound)];
}

std::span<const BoundRow> bound_rows() {
  return kRows;
}

std::string limit_text(Bound bound, std::uint64_t limit) {
  if (bound < Bound::PrefaceTime) {
    return std::to_string(limit);
  }
  const std::chrono::nanoseconds time(limit);
  return time % std::chrono::seconds(1) == std::chrono::nanoseconds(0)
             ? std::to_string(time / std::chrono::seconds(1)) + " s"
             : std::to_string(time / std::chrono::milliseconds(1)) + " ms";
}

}  // namespace apns::http2
