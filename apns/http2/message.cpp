#include "apns/http2/message.h"

#include <algorithm>
#include <charconv>

namespace apns::http2 {

namespace {

/// `word` is in lower case, `value` in any (RFC 5234 section 2.3).
bool is_word(std::string_view value, std::string_view word) {
  return std::ranges::equal(value, word, [](char is, char wanted) {
    return is == wanted || (is >= 'A' && is <= 'Z' && is - 'A' + 'a' == wanted);
  });
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return length;
}

/// One pass over the fields, then what only the whole can tell.
class Checker {
 public:
  Checker(MessageKind kind, MessageHead& head, FlawSink& sink)
      : kind_(kind), head_(head), sink_(sink) {}

  bool take(const Field& field) {
    using namespace field_name;
    if (field.name_id >= kMethod && field.name_id <= kStatus) {
      return take_pseudo(field) && take_value(field);
    }
    if (field.name_id == kOther) {
      if (field.name.starts_with(':')) {
        return flaw(Rule::PseudoUnknown, field.name) && take_value(field);
      }
      if (!field.is_legal && !is_field_name(field.name) &&
          !flaw(Rule::FieldNameIllegal, field.name)) {
        return false;
      }
    }
    is_pseudo_over_ = true;
    return take_known(field) && take_value(field);
  }

  bool finish(bool end_stream, MessageKind& kind) {
    switch (kind_) {
      case MessageKind::Trailers:
        return end_stream || flaw(Rule::TrailersWithoutEnd, "");
      case MessageKind::Request:
      case MessageKind::Promise:
        return finish_request();
      case MessageKind::Informational:
      case MessageKind::Response:
        return finish_response(end_stream, kind);
    }
    return true;
  }

 private:
  bool flaw(Rule rule, std::string_view field) { return sink_.passes(MessageFlaw{rule, field}); }

  bool take_value(const Field& field) {
    return field.is_legal || is_field_value(field.value) ||
           flaw(Rule::FieldValueIllegal, field.name);
  }

  bool take_pseudo(const Field& field) {
    if (kind_ == MessageKind::Trailers) {
      return flaw(Rule::PseudoInTrailers, field.name);
    }
    if (is_pseudo_over_ && !flaw(Rule::PseudoAfterField, field.name)) {
      return false;
    }
    const bool is_of_response = field.name_id == field_name::kStatus;
    if (is_of_response != (kind_ == MessageKind::Response)) {
      return flaw(Rule::PseudoOfOtherMessage, field.name);
    }
    const auto bit = static_cast<std::uint8_t>(1U << field.name_id);
    if ((seen_ & bit) != 0) {
      return flaw(Rule::PseudoRepeated, field.name);
    }
    seen_ |= bit;
    switch (field.name_id) {
      case field_name::kMethod:
        head_.method = field.value;
        break;
      case field_name::kScheme:
        head_.scheme = field.value;
        break;
      case field_name::kAuthority:
        head_.authority = field.value;
        break;
      case field_name::kPath:
        head_.path = field.value;
        break;
      case field_name::kProtocol:
        head_.protocol = field.value;
        break;
      default:
        return take_status(field.value);
    }
    return true;
  }

  bool take_status(std::string_view value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (value.size() != 3 || !std::ranges::all_of(value, is_digit) || value[0] == '0') {
      return flaw(Rule::StatusIllegal, ":status");
    }
    (void)std::from_chars(value.data(), value.data() + value.size(), head_.status);
    return true;
  }

  bool take_known(const Field& field) {
    using namespace field_name;
    if (field.name_id >= kConnection && field.name_id <= kUpgrade) {
      return flaw(Rule::ConnectionSpecificField, field.name);
    }
    if (field.name_id == kTe && !is_word(field.value, "trailers")) {
      return flaw(Rule::TeNotTrailers, field.name);
    }
    if (field.name_id == kContentLength) {
      const std::optional<std::uint64_t> length = parse_length(field.value);
      if (!length || (head_.content_length && *head_.content_length != *length)) {
        return flaw(Rule::ContentLengthIllegal, field.name);
      }
      head_.content_length = length;
    }
    return true;
  }

  [[nodiscard]] bool has(std::uint16_t name_id) const { return (seen_ & (1U << name_id)) != 0; }

  bool finish_request() {
    using namespace field_name;
    const auto needs = [this](std::uint16_t name_id, std::string_view name) {
      return has(name_id) || flaw(Rule::PseudoMissing, name);
    };
    if (!needs(kMethod, ":method")) {
      return false;
    }
    // With a :protocol it is RFC 8441's, which has all of them.
    if (head_.method == "CONNECT" && !has(kProtocol)) {
      return (!has(kScheme) && !has(kPath) && has(kAuthority)) ||
             flaw(Rule::ConnectPseudo, ":method");
    }
    if (!needs(kScheme, ":scheme") || !needs(kPath, ":path")) {
      return false;
    }
    const bool is_http = is_word(head_.scheme, "http") || is_word(head_.scheme, "https");
    if (is_http && has(kPath) && !head_.path.starts_with('/') &&
        !(head_.path == "*" && head_.method == "OPTIONS") && !flaw(Rule::PathIllegal, ":path")) {
      return false;
    }
    return !is_http || head_.authority.find('@') == std::string_view::npos ||
           flaw(Rule::AuthorityUserinfo, ":authority");
  }

  bool finish_response(bool end_stream, MessageKind& kind) {
    if (!has(field_name::kStatus) && !flaw(Rule::PseudoMissing, ":status")) {
      return false;
    }
    if (head_.status == 101 && !flaw(Rule::SwitchingProtocols, ":status")) {
      return false;
    }
    if (head_.status >= 100 && head_.status < 200) {
      kind = MessageKind::Informational;
      return !end_stream || flaw(Rule::InformationalEndsStream, ":status");
    }
    return true;
  }

  MessageKind kind_;
  MessageHead& head_;
  FlawSink& sink_;
  std::uint8_t seen_ = 0;  // pseudo-header fields, a bit for each name_id
  bool is_pseudo_over_ = false;
};

}  // namespace

bool check_message(std::span<const Field> fields, bool end_stream, MessageKind& kind,
                   MessageHead& head, FlawSink& sink) {
  Checker checker(kind, head, sink);
  for (const Field& field : fields) {
    if (!checker.take(field)) {
      return false;
    }
  }
  return checker.finish(end_stream, kind);
}

}  // namespace apns::http2
