#include "tests/apns/binary/notification_recorder.h"

#include <string_view>

namespace apns::binary::test {

namespace {

std::string field_text(bool skipped, std::size_t len, const Bytes& bytes) {
  constexpr std::size_t kShownLen = 16;
  if (skipped) {
    return std::to_string(len) + " skipped";
  }
  if (len == 0) {
    return "empty";
  }
  return len > kShownLen ? std::to_string(len) + " bytes" : to_hex(bytes);
}

std::string notification_text(const SeenNotification& seen) {
  std::string text = std::to_string(static_cast<unsigned>(seen.command));
  const auto add = [&text](std::string_view name, const std::string& value) {
    text.append(" ").append(name).append("=").append(value);
  };
  if (seen.identifier) {
    add("identifier", std::to_string(*seen.identifier));
  }
  if (seen.expiration) {
    add("expiration", std::to_string(*seen.expiration));
  }
  if (seen.priority) {
    add("priority", std::to_string(*seen.priority));
  }
  if (seen.has_device_token) {
    add("token", field_text(seen.device_token.size() != seen.device_token_len,
                            seen.device_token_len, seen.device_token));
  }
  if (seen.has_payload) {
    add("payload",
        field_text(seen.payload.size() != seen.payload_len, seen.payload_len, seen.payload));
  }
  add("wire", std::to_string(seen.wire_len));
  if (seen.num_duplicate_items > 0) {
    add("duplicates", std::to_string(seen.num_duplicate_items));
  }
  if (seen.num_unknown_items > 0) {
    add("unknown", std::to_string(seen.num_unknown_items));
  }
  return text;
}

std::string error_text(const FrameErrorInfo& info) {
  std::string text(to_string(info.error));
  text += " at " + std::to_string(info.offset);
  if (info.identifier) {
    text += ", identifier=" + std::to_string(*info.identifier);
  }
  return text;
}

}  // namespace

SeenNotification::SeenNotification(const NotificationView& view)
    : command(view.command),
      identifier(view.identifier),
      expiration(view.expiration),
      priority(view.priority),
      has_device_token(view.has_device_token),
      has_payload(view.has_payload),
      device_token_len(view.device_token_len),
      payload_len(view.payload_len),
      device_token(view.device_token.begin(), view.device_token.end()),
      payload(view.payload.begin(), view.payload.end()),
      wire_len(view.wire_len),
      num_duplicate_items(view.num_duplicate_items),
      num_unknown_items(view.num_unknown_items) {}

std::string to_text(const DecodeLog& log) {
  std::vector<std::string> parts;
  for (const SeenNotification& seen : log.notifications) {
    parts.push_back(notification_text(seen));
  }
  if (log.error) {
    parts.push_back(error_text(*log.error));
  } else if (!log.at_boundary) {
    parts.emplace_back("partial");
  }
  if (!log.broken_promise.empty()) {
    parts.push_back("BROKEN PROMISE: " + log.broken_promise);
  }
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : "; ") + part;
  }
  return text;
}

void PrintTo(const DecodeLog& log, std::ostream* out) {
  *out << to_text(log);
}

NotificationRecorder::NotificationRecorder(std::size_t payload_keep_limit)
    : decoder_(payload_keep_limit), payload_keep_limit_(payload_keep_limit) {}

void NotificationRecorder::feed(ByteView part) {
  ++num_feeds_;
  ByteReader in(part);
  while (true) {
    const auto outcome = decoder_.next(in);
    if (decoder_.held_bytes() > payload_keep_limit_) {
      log_.broken_promise = "more storage held than payload_keep_limit";
    }
    if (outcome.has_value()) {
      check_promises(outcome.value());
      log_.notifications.emplace_back(outcome.value());
      continue;
    }
    if (outcome.need_more()) {
      if (in.left() > 0) {
        log_.broken_promise = "need more, with input left";
      }
      if (decoder_.at_boundary() && decoder_.held_bytes() > 0) {
        log_.broken_promise = "storage held between notifications";
      }
      return;
    }
    if (!log_.error) {
      num_feeds_to_error_ = num_feeds_;
      log_.error = outcome.error();
    } else if (outcome.error() != *log_.error) {
      log_.broken_promise = "another error after the first";
    }
    const std::size_t left = in.left();
    if (const auto again = decoder_.next(in);
        !again.has_error() || again.error() != *log_.error || in.left() != left) {
      log_.broken_promise = "the error did not stay";
    }
    return;
  }
}

DecodeLog NotificationRecorder::finish() const {
  DecodeLog log = log_;
  log.at_boundary = decoder_.at_boundary();
  return log;
}

void NotificationRecorder::check_promises(const NotificationView& view) {
  const bool token_kept = view.device_token_len <= DeviceToken::kMaxLen;
  const bool payload_kept = view.payload_len <= payload_keep_limit_;
  if (view.device_token.size() != (token_kept ? view.device_token_len : 0) ||
      view.payload.size() != (payload_kept ? view.payload_len : 0)) {
    log_.broken_promise = "a field is kept above its limit, or not kept below it";
  }
}

}  // namespace apns::binary::test
