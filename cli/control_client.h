#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "apns/base/time.h"
#include "cli/event_reader.h"
#include "mock_apns/control/message.h"

namespace apns::cli {

/// Where a control API is.
struct ControlAddress {
  std::string host;  // a name, or a numeric address without brackets
  std::uint16_t port = 0;
  std::string path = "/v1";  // what all its paths begin with
  std::string secret = {};   // empty: none is shown

  /// "http://localhost:2199/v1".
  [[nodiscard]] std::string url() const;
};

/// "http://localhost:2199/v1", "localhost:2199", "http://[::1]:2199/v1/sandboxes/mine". `where`
/// names it for people. Throws std::runtime_error with what would be right.
[[nodiscard]] ControlAddress parse_control_url(const std::string& text, const std::string& where);

/// One step of a path: what is not a letter, a digit or one of -._~ is percent-encoded.
[[nodiscard]] std::string path_step(std::string_view name);

/// The service is there, and says no. what(): title and detail of its problem document.
class ControlRefusal : public std::runtime_error {
 public:
  ControlRefusal(unsigned status, const std::string& what)
      : std::runtime_error(what), status_(status) {}

  [[nodiscard]] unsigned status() const { return status_; }

 private:
  unsigned status_;
};

struct ControlLimits {
  Duration answer = std::chrono::seconds(10);   // a whole answer, from connecting on
  Duration silence = std::chrono::seconds(45);  // of a stream; three of the service's keep-alives
};

/// Asks a control API, one question at a time, and waits for the answer. What goes wrong is a
/// std::runtime_error with a full sentence: nobody listens, it takes too long, it ends early, it
/// speaks something else.
///
/// Boost.Beast is behind this class and nowhere else in the program.
class ControlClient {
 public:
  explicit ControlClient(ControlAddress at, const ControlLimits& limits = {});
  ~ControlClient();
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;

  /// `path` stands behind the address's: "/devices/phone". `body` may be empty. Returns the answer,
  /// null if it has no body. Throws ControlRefusal for every status from 400 on.
  nlohmann::ordered_json ask(mock::control::Method method, const std::string& path,
                             const std::string& body = {});

  enum class StreamEnd : std::uint8_t {
    Enough,   // the listener wants no more
    Stopped,  // by stop()
    Ended,    // by the service
  };

  /// Calls `on_open` when the stream is there, then `listener` for each event of it. Throws as
  /// ask() does.
  [[nodiscard]] StreamEnd follow(const std::string& path, const std::function<void()>& on_open,
                                 const ServerEventReader::Listener& listener);

  /// Ends what is under way, and all that is asked from then on. For other threads.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace apns::cli
