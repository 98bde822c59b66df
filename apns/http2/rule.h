#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "apns/http2/wire.h"

namespace apns::http2 {

/// What a peer may do wrong: one enumerator for every error that RFC 9113 names, the two of
/// RFC 7540's priorities that RFC 9113 keeps, and RFC 7541's as one (HpackError tells which). The
/// table behind rule_row() says where each stands and what it draws.
enum class Rule : std::uint8_t {
  // The start of a connection.
  PrefaceInvalid,
  FirstFrameNotSettings,
  // Lengths.
  FrameTooLarge,
  DataTooLarge,
  SettingsLength,
  SettingsAckLength,
  PingLength,
  RstStreamLength,
  WindowUpdateLength,
  PriorityLength,
  GoawayLength,
  HeadersLength,
  PushPromiseLength,
  PaddingTooLong,
  // The stream that a frame names.
  DataOnConnection,
  HeadersOnConnection,
  PriorityOnConnection,
  RstStreamOnConnection,
  PushPromiseOnConnection,
  ContinuationOnConnection,
  SettingsOnStream,
  PingOnStream,
  GoawayOnStream,
  // Header blocks.
  BlockInterrupted,
  ContinuationWithoutBlock,
  Compression,
  // Stream states and numbers.
  FrameOnIdleStream,
  FrameOnHalfClosedStream,
  FrameOnClosedStream,
  StreamIdOfOtherSide,
  StreamIdNotGreater,
  TooManyStreams,
  SelfDependency,
  // Flow control.
  StreamWindowExceeded,
  ConnectionWindowExceeded,
  StreamWindowOverflow,
  ConnectionWindowOverflow,
  StreamIncrementZero,
  ConnectionIncrementZero,
  InitialWindowOverflow,
  // Settings.
  EnablePushValue,
  EnablePushFromServer,
  InitialWindowValue,
  MaxFrameSizeValue,
  AckWithoutSettings,
  SettingsNotAcknowledged,
  // Push and GOAWAY.
  PushPromiseFromClient,
  PushPromiseDisabled,
  PushPromiseState,
  PromisedIdIllegal,
  GoawayIdIncreased,
  // Messages (section 8): each makes a message malformed.
  FieldNameIllegal,
  FieldValueIllegal,
  ConnectionSpecificField,
  TeNotTrailers,
  PseudoUnknown,
  PseudoOfOtherMessage,
  PseudoAfterField,
  PseudoInTrailers,
  PseudoRepeated,
  PseudoMissing,
  PathIllegal,
  AuthorityUserinfo,
  ConnectPseudo,
  StatusIllegal,
  InformationalEndsStream,
  SwitchingProtocols,
  TrailersWithoutEnd,
  DataBeforeHeaders,
  ContentLengthIllegal,
  ContentLengthMismatch,
};

inline constexpr std::size_t kNumRules = static_cast<std::size_t>(Rule::ContentLengthMismatch) + 1;

/// How far an error goes: a stream error ends its stream by RST_STREAM, a connection error ends the
/// connection by GOAWAY (RFC 9113 section 5.4).
enum class Scope : std::uint8_t { Stream, Connection };

struct RuleRow {
  Rule rule;
  std::string_view id;       // "http2/settings-length"
  std::string_view section;  // "RFC 9113 section 6.5"
  Scope scope;
  ErrorCode code;
  std::string_view
      says;  // what is wrong, a clause: "a SETTINGS frame's length is not a multiple of 6"
  bool can_pass = false;  // Reaction::Ignore and ::Reset mean something: reading can go on
};

[[nodiscard]] const RuleRow& rule_row(Rule rule);
[[nodiscard]] std::span<const RuleRow> rule_rows();

/// What a session does about a violation, besides telling it.
enum class Reaction : std::uint8_t {
  Rfc,     // as the row says
  Close,   // a connection error, though the row asks for a stream error only
  Reset,   // a stream error, though the row asks for a connection error (rows that can_pass, and
           // frames of a stream; else as Rfc)
  Ignore,  // nothing, and the frame or message is taken as if it were in order where that means
           // something, else dropped (rows that can_pass; else as Rfc)
};

/// One reaction per rule; zero values are the RFC's.
class Reactions {
 public:
  void set(Rule rule, Reaction reaction) { of_[static_cast<std::size_t>(rule)] = reaction; }

  [[nodiscard]] Reaction of(Rule rule) const { return of_[static_cast<std::size_t>(rule)]; }

 private:
  std::array<Reaction, kNumRules> of_{};
};

}  // namespace apns::http2
