#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "apns/http2/session.h"
#include "tests/apns/http2/oracle/conversation.h"
#include "tests/apns/http2/oracle/step.h"

/// libnghttp2 as the oracle of apns::http2::Session: both are the same end of the same connection,
/// are fed the same bytes frame by frame, and must accept the same events, send the same answers
/// and blame the peer alike. What is compared ends with the first connection error; a stream error
/// ends it for its stream.
///
/// Ours may be stricter in one way: where the other ends a stream, it may end the connection (RFC
/// 9113 section 5.4.2 allows that). Each other difference stands in known_differences() with the
/// reason why ours is right, or fails.
namespace apns::http2::test {

/// Where the two part.
struct Parting {
  const Setup& setup;
  std::size_t step = 0;  // 0: what is sent before the first byte; else the number of the part
  ByteView part;
  bool is_whole = true;            // whole frames, and no header block that goes on
  FrameHeader header;              // of `part`, if it is that long
  bool is_preface = false;         // in its place
  bool is_first = false;           // the first frame
  bool is_connect = false;         // its stream is one of CONNECT
  const std::set<StreamId>& gone;  // streams that were closed before
  const Step& ours;
  const Step& theirs;
};

struct KnownDifference {
  std::string_view id;
  std::string_view section;
  std::string_view why;  // ours is right, or allowed
  bool (*is_it)(const Parting& parting);
};

/// Of the connection and of streams.
[[nodiscard]] std::span<const KnownDifference> known_differences();
/// Of messages.
[[nodiscard]] std::span<const KnownDifference> known_message_differences();

/// What many comparisons have seen.
struct Tally {
  std::uint64_t conversations = 0;
  std::uint64_t bytes = 0;
  std::uint64_t steps = 0;
  std::uint64_t clean = 0;  // conversations without any error
  std::uint64_t stream_errors = 0;
  std::uint64_t connection_errors = 0;
  std::uint64_t escalations = 0;  // a stream error of theirs, a connection error of ours
  std::uint64_t bounds = 0;
  std::map<std::string_view, std::uint64_t> rules;  // of ours, by id
  std::map<std::string_view, std::uint64_t> known;  // differences, by id

  [[nodiscard]] std::string to_text() const;
};

/// An unlisted one.
struct Difference {
  std::string kind;    // what they blame the peer for, in one line
  std::string report;  // the events of both, the frames and the bytes
};

/// Nullopt: they agree, or differ as known.
[[nodiscard]] std::optional<Difference> compare(const Conversation& conversation,
                                                HpackScratch& scratch, Tally& tally);

}  // namespace apns::http2::test
