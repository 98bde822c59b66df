#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock_apns/ledger_event.h"
#include "mock_apns/world/payload_request.h"

namespace apns::mock {

/// What a phone reads in a payload. Values of another type than the key has are as good as absent;
/// lint() tells of them. Source: "Generating a remote notification"; "Creating the Remote
/// Notification Payload".
struct Payload {
  enum class Form : std::uint8_t {
    NotJson,
    Unreadable,  // JSON by its grammar, but `flaw` makes a phone give up
    NotAnObject,
    NoAps,       // an object whose aps is absent, or no dictionary
    Dictionary,  // there is an aps
    Management,  // {"mdm": ...}: for the device management client
    WalletPass,  // {}: a pass that is to be fetched again
  };

  struct Alert {
    // What is to be read. For an alert that only names texts of the app: the name, with the
    // arguments put in. The app's texts are not known here; where both are given, the plain text
    // is taken (our choice; a phone prefers what it finds under the name).
    std::string title;
    std::string subtitle;
    std::string body;  // an alert that is a text is its body
    std::string loc_key;
    std::string launch_image;

    [[nodiscard]] bool has_text() const {
      return !title.empty() || !subtitle.empty() || !body.empty();
    }

    [[nodiscard]] bool operator==(const Alert&) const = default;
  };

  struct Sound {
    std::string name;  // "default"; empty: silent
    bool is_critical = false;
    std::optional<double> volume;  // 0 to 1

    [[nodiscard]] bool operator==(const Sound&) const = default;
  };

  /// What is for a Live Activity: aps has an event. Times are the provider's, in UNIX seconds.
  /// Source: "Starting and updating Live Activities with ActivityKit push notifications".
  struct Activity {
    std::string event;  // as sent; "start", "update", "end"
    std::optional<std::int64_t>
        timestamp;              // of its content: what is older than the last is ignored
    std::string content_state;  // JSON without blanks; empty: absent
    std::string attributes_type;
    bool has_attributes = false;
    std::optional<std::int64_t> stale_date;
    std::optional<std::int64_t> dismissal_date;

    [[nodiscard]] bool operator==(const Activity&) const = default;
  };

  Form form = Form::NotJson;
  std::string flaw;            // Unreadable: "a lone surrogate"
  std::optional<Alert> alert;  // present also when it has no text
  std::optional<std::int64_t> badge;
  std::optional<Sound> sound;
  bool content_available = false;
  bool mutable_content = false;
  std::string thread_id;
  std::string category;
  std::string target_content_id;
  std::string interruption_level;  // as sent
  std::optional<double> relevance_score;
  std::vector<std::string> url_args;  // Safari website push
  std::string mdm;                    // the PushMagic
  std::optional<Activity> activity;
  bool content_changed = false;      // widgets and controls: true, and nothing else
  std::string container_identifier;  // fileprovider: what has changed

  /// Is there anything for the eyes or ears of a person?
  [[nodiscard]] bool is_alert() const {
    return alert.has_value() || badge.has_value() || sound.has_value();
  }

  /// Only wakes its app.
  [[nodiscard]] bool is_background() const { return content_available && !is_alert(); }

  [[nodiscard]] bool operator==(const Payload&) const = default;
};

/// Reads payloads of any content and size; keeps one parser, as large as its largest payload. One
/// per thread. Nothing that it returns points into the payload.
class PayloadReader {
 public:
  PayloadReader();
  ~PayloadReader();

  /// Legal JSON that no phone can read (our choice which, after what common readers refuse) is
  /// Unreadable: lone surrogates, numbers beyond a double, more than 1,024 levels. Of a key that is
  /// there twice the first counts.
  [[nodiscard]] Payload read(std::string_view json);

  /// What is wrong with it or will be ignored, at most one finding for each of payload_rules(),
  /// then what does not fit the request, at most one for each of push_type_rules(), in their order;
  /// empty: nothing. They have no place.
  [[nodiscard]] std::vector<PayloadFinding> lint(std::string_view json,
                                                 const PayloadRequest& request = {});

  /// For people: what lint() finds, each with its place in `json`. Several times as slow.
  [[nodiscard]] std::vector<PayloadFinding> examine(std::string_view json,
                                                    const PayloadRequest& request);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace apns::mock
