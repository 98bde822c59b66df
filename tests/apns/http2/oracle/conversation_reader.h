#pragma once

#include "tests/apns/http2/oracle/conversation.h"

namespace apns::http2::test {

/// What a fuzzer's bytes mean.
///
///   "PRI * HTTP/2.0..."   what a client has sent, to a server as it mostly is
///   00 00 .. 04 ..        what a server has sent (its SETTINGS), to a client with five requests
///   else                  the first byte says how well-mannered the peer is, the others are the
///                         choices of ConversationMaker
[[nodiscard]] Conversation read_conversation(ByteView input);

}  // namespace apns::http2::test
