#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "apns/http2/field.h"
#include "apns/http2/rule.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

enum class MessageKind : std::uint8_t {
  Request,
  Informational,  // a response with a status of 100 to 199; the final one follows
  Response,
  Trailers,
  Promise,  // the request of a PUSH_PROMISE
};

/// What the fields of HTTP itself say. Views as long-lived as the fields'; empty: not there.
struct MessageHead {
  std::string_view method;
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;
  std::string_view protocol;  // RFC 8441
  std::uint16_t status = 0;   // 0: not there
  std::optional<std::uint64_t> content_length;
};

/// A header section as a session hands it out.
struct Message {
  StreamId stream = 0;
  MessageKind kind = MessageKind::Request;
  std::span<const Field> fields;  // all, in the order in which they came
  MessageHead head;
  bool end_stream = false;
  std::uint64_t position = 0;  // of the HEADERS frame, in bytes from the connection's first
  std::size_t block_len = 0;   // bytes of the header block on the wire
  StreamId promised = 0;       // Promise only
};

struct MessageFlaw {
  Rule rule = Rule::FieldNameIllegal;
  std::string_view field;  // its name; what is missing, or as it came
};

/// Hears of each flaw. True: go on as if it were none.
class FlawSink {
 public:
  virtual bool passes(const MessageFlaw& flaw) = 0;

 protected:
  ~FlawSink() = default;
};

/// Checks a header section by the rules of RFC 9113 section 8, and fills `head` in. `kind` is
/// Request, Promise, Trailers or Response; a response whose status says so is made Informational.
/// False: `sink` did not let a flaw pass.
[[nodiscard]] bool check_message(std::span<const Field> fields, bool end_stream, MessageKind& kind,
                                 MessageHead& head, FlawSink& sink);

}  // namespace apns::http2
