#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "apns/http2/session.h"
#include "tests/apns/http2/oracle/field_lists.h"

/// An application at either end of a connection between our session and libnghttp2's: the client
/// sends requests, the server answers each when it is whole. Each end notes what it has sent and
/// what it has received; for the two to agree, one's must be the other's.
namespace apns::http2::test {

/// A message: header section, content, trailers.
struct Letter {
  std::string fields;
  std::uint64_t content_hash = 0;
  std::size_t content_len = 0;
  std::string trailers;
  bool is_whole = false;

  [[nodiscard]] bool operator==(const Letter&) const = default;
};

/// For reports of GoogleTest.
std::ostream& operator<<(std::ostream& out, const Letter& letter);

using Letters = std::map<StreamId, Letter>;

/// What an end notes.
struct Book {
  Letters sent;
  Letters received;
  std::size_t num_whole = 0;  // of those received
  std::string complaints;     // a line for each thing that must not happen
};

/// What is sent: everything follows from the number.
struct Draft {
  FieldList fields;
  std::string content;
  FieldList trailers;

  /// A request, for which :method and so on are there.
  static Draft request(std::uint64_t number, std::size_t max_len);
  static Draft response(std::uint64_t number, std::size_t max_len);
  [[nodiscard]] Letter letter() const;
};

/// One end. Bytes go in and out in any split.
class PairApp {
 public:
  PairApp() = default;
  PairApp(const PairApp&) = delete;
  PairApp& operator=(const PairApp&) = delete;
  virtual ~PairApp() = default;

  virtual void feed(ByteView bytes) = 0;
  /// What waits for the other end; take() moves it on.
  [[nodiscard]] virtual ByteView pending() = 0;
  virtual void take(std::size_t n) = 0;
  /// Clients. False: not now, as the other's limit is reached.
  [[nodiscard]] virtual bool send_request(const Draft& draft) = 0;
  virtual void change_settings(std::span<const Setting> entries) = 0;
  virtual void send_ping() = 0;

  Book book;
  std::size_t max_len = 5000;  // of an answer's content
  /// The least MAX_CONCURRENT_STREAMS that can be announced without a stream on its way being
  /// refused, if the other end has eight at most.
  std::uint32_t min_streams = 1;

 protected:
  void take_fields(StreamId stream, std::string_view fields, bool is_trailers);
  void take_content(StreamId stream, ByteView content);
  void finish_letter(StreamId stream);
};

[[nodiscard]] std::unique_ptr<PairApp> make_our_app(Role role, std::span<const Setting> settings);
[[nodiscard]] std::unique_ptr<PairApp> make_nghttp2_app(Role role,
                                                        std::span<const Setting> settings);

}  // namespace apns::http2::test
