#include "mock_apns/verdict.h"

#include <array>
#include <string>

#include "apns/model/device_token.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using binary::Command;
using binary::FrameError;
using binary::FrameErrorInfo;
using binary::NotificationView;

std::size_t payload_limit(const NotificationView& n, const VerdictContext& context) {
  return n.command == Command::Framed ? context.profile.binary_payload_limit_framed
                                      : context.profile.binary_payload_limit_simple;
}

bool is_open(const VerdictContext& context) {
  return context.world == nullptr || context.world->is_open();
}

std::size_t longest_token(const VerdictContext& context) {
  return context.profile.device_token_len_max;
}

std::size_t shortest_token(const VerdictContext& context) {
  return context.profile.device_token_len_min;
}

std::string number_of(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what);
}

// What stands in a row of the tables below. Parameters that a row does not look at have no name.
using View = const NotificationView&;
using Context = const VerdictContext&;

/// One row of the verdict: when it fails, which status, and what to tell a person.
struct Check {
  std::string_view rule;
  BinaryStatus status;
  bool (*fails)(View n, Context context);
  std::string (*found)(View n, Context context);
  std::string (*fix)(View n, Context context);
};

/// In this order; the first that fails decides. The order is our choice: Apple's is not known, and
/// no client can tell, because each input below draws one status whatever stands around it.
constexpr std::array kChecks = {
    Check{"binary/device-token-is-present", BinaryStatus::MissingDeviceToken,
          [](View n, Context) { return !n.has_device_token || n.device_token_len == 0; },
          [](View n, Context) -> std::string {
            return n.has_device_token ? "a device token of length 0" : "no device token item";
          },
          [](View, Context) -> std::string {
            return "send the device token's raw bytes, usually 32";
          }},
    Check{"binary/device-token-size", BinaryStatus::InvalidTokenSize,
          [](View n, Context context) {
            return n.device_token_len > longest_token(context) ||
                   n.device_token_len < shortest_token(context);
          },
          [](View n, Context) {
            return "a device token of " + number_of(n.device_token_len, "bytes");
          },
          [](View, Context context) {
            const std::size_t low = shortest_token(context);
            const std::size_t high = longest_token(context);
            return "send " +
                   (low == high ? number_of(high, "raw bytes")
                                : std::to_string(low) + " to " + number_of(high, "raw bytes")) +
                   ", not hex text";
          }},
    Check{"binary/items-are-not-repeated", BinaryStatus::ProtocolError,
          [](View n, Context context) {
            return context.profile.strict_items && n.num_duplicate_items > 0;
          },
          [](View n, Context) { return number_of(n.num_duplicate_items, "repeated items"); },
          [](View, Context) -> std::string {
            return "send each item once, a frame for each notification";
          }},
    Check{"binary/items-are-known", BinaryStatus::ProtocolError,
          [](View n, Context context) {
            return context.profile.strict_items && n.num_unknown_items > 0;
          },
          [](View n, Context) {
            return number_of(n.num_unknown_items, "items with an id above 5, or 0");
          },
          [](View, Context) -> std::string { return "send items 1 to 5 only"; }},
    Check{"binary/payload-is-present", BinaryStatus::MissingPayload,
          [](View n, Context) { return !n.has_payload || n.payload_len == 0; },
          [](View n, Context) -> std::string {
            return n.has_payload ? "a payload of length 0" : "no payload item";
          },
          [](View, Context) -> std::string { return "send a JSON object, at least {}"; }},
    Check{"binary/payload-size", BinaryStatus::InvalidPayloadSize,
          [](View n, Context context) { return n.payload_len > payload_limit(n, context); },
          [](View n, Context) { return "a payload of " + number_of(n.payload_len, "bytes"); },
          [](View n, Context context) {
            return "send at most " + number_of(payload_limit(n, context), "bytes");
          }},
    Check{"binary/priority-is-5-or-10", BinaryStatus::ProtocolError,
          [](View n, Context) { return n.priority && *n.priority != 5 && *n.priority != 10; },
          [](View n, Context) { return "priority " + std::to_string(n.priority.value_or(0)); },
          [](View, Context) -> std::string {
            return "send priority 10 or 5, or leave the item out";
          }},
    Check{"binary/topic-is-known", BinaryStatus::MissingTopic,
          [](View, Context context) { return context.topic.empty() && !is_open(context); },
          [](View, Context) -> std::string { return "a client certificate that names no topic"; },
          [](View, Context) -> std::string {
            return "use a push certificate, with the bundle id as the subject's UID";
          }},
    Check{"binary/topic-size", BinaryStatus::InvalidTopicSize,
          [](View, Context context) { return context.topic.size() > kMaxTopicLen; },
          [](View, Context context) {
            return "a client certificate whose topic has " +
                   number_of(context.topic.size(), "bytes");
          },
          [](View, Context) {
            return "use a certificate with a topic of at most " + number_of(kMaxTopicLen, "bytes");
          }},
};

using Token = const std::optional<TokenRecord>&;

bool is_of_no_app(Token token) {
  return !token || token->trusted;
}

std::string port_of(Environment environment) {
  return environment == Environment::Production ? "the production gateway"
                                                : "the development gateway";
}

/// One row about what the world knows of the device token.
struct TokenCheck {
  std::string_view rule;
  bool (*fails)(Token token, Context context);
  std::string (*found)(Token token, Context context);
  std::string (*fix)(Token token, Context context);
};

/// Behind those of kChecks; all draw status 8. Source of the causes: samuraisam/pyapns#8 and #26,
/// node-apn/node-apn#334, grocer/grocer's README.
constexpr std::array kTokenChecks = {
    TokenCheck{
        "binary/device-token-is-known",
        [](Token token, Context context) { return !token && !is_open(context); },
        [](Token, Context) -> std::string { return "a device token that was never registered"; },
        [](Token, Context) -> std::string {
          return "register it with the world, or use an open one";
        }},
    TokenCheck{"binary/device-token-of-this-environment",
               [](Token token, Context context) {
                 return !is_of_no_app(token) && token->environment != context.environment;
               },
               [](Token token, Context) {
                 return "a device token of the " + std::string(to_string(token->environment)) +
                        " environment";
               },
               [](Token token, Context) {
                 return "send it to " + port_of(token->environment) +
                        ", or use a token of this one";
               }},
    TokenCheck{"binary/device-token-of-this-topic",
               [](Token token, Context context) {
                 return !is_of_no_app(token) && token->topic != context.topic_id;
               },
               [](Token token, Context context) {
                 return "a device token of " + context.world->topic_name(token->topic);
               },
               [](Token token, Context context) {
                 return "use a certificate for " + context.world->topic_name(token->topic) +
                        ", or a device token of this app";
               }},
    TokenCheck{"binary/device-token-is-the-newest",
               [](Token token, Context) { return token && token->state == TokenState::Replaced; },
               [](Token, Context) -> std::string {
                 return "a device token that the app has replaced by registering again";
               },
               [](Token, Context) -> std::string {
                 return "send to the token that the app gave you last";
               }},
    TokenCheck{"binary/device-token-is-active",
               [](Token token, Context) {
                 return token && (token->state == TokenState::Inactive ||
                                  token->state == TokenState::Expired);
               },
               [](Token, Context) -> std::string {
                 return "a device token whose app is no longer on the phone";
               },
               [](Token, Context) -> std::string {
                 return "read the feedback service and drop the token";
               }},
};

struct FrameRow {
  FrameError error;
  std::string_view rule;
  std::string_view found;
  std::string_view fix;
};

constexpr std::array<FrameRow, 4> kFrameRows = {{
    {FrameError::BadCommand, "binary/command-is-known", "a command byte other than 0, 1 and 2",
     "start each notification with command 2 and a frame length of four bytes"},
    {FrameError::ItemPastFrame, "binary/items-fit-the-frame", "an item that reaches past its frame",
     "make the frame length the sum of all items, each with its header of three bytes"},
    {FrameError::BadItemLength, "binary/item-lengths-are-fixed",
     "an identifier, expiration or priority item of another length than 4, 4 and 1",
     "send identifier and expiration as four bytes, the priority as one"},
    {FrameError::FrameTooLong, "binary/frame-length-is-bounded",
     "a frame length that no legal notification has", "check that the length is big-endian"},
}};

const FrameRow& frame_row(FrameError error) {
  for (const FrameRow& row : kFrameRows) {
    if (row.error == error) {
      return row;
    }
  }
  return kFrameRows.front();
}

}  // namespace

Verdict judge(const NotificationView& notification, const VerdictContext& context) {
  for (const Check& check : kChecks) {
    if (check.fails(notification, context)) {
      return Verdict{.status = check.status, .rule = check.rule};
    }
  }
  Verdict verdict;
  if (context.world == nullptr) {
    return verdict;
  }
  verdict.token = context.world->find(notification.device_token);
  if (looks_magic(notification.device_token)) {
    verdict.magic = context.world->magic(notification.device_token, verdict.token);
    if (verdict.magic) {
      return verdict;
    }
  }
  for (const TokenCheck& check : kTokenChecks) {
    if (check.fails(verdict.token, context)) {
      verdict.status = BinaryStatus::InvalidToken;
      verdict.rule = check.rule;
      return verdict;
    }
  }
  return verdict;
}

Verdict judge(const FrameErrorInfo& error) {
  return Verdict{.status = BinaryStatus::ProtocolError, .rule = frame_row(error.error).rule};
}

Why explain(const Verdict& verdict, const NotificationView& notification,
            const VerdictContext& context) {
  for (const Check& check : kChecks) {
    if (check.rule == verdict.rule) {
      return Why{std::string(check.rule), check.found(notification, context),
                 check.fix(notification, context)};
    }
  }
  for (const TokenCheck& check : kTokenChecks) {
    if (check.rule == verdict.rule) {
      return Why{std::string(check.rule), check.found(verdict.token, context),
                 check.fix(verdict.token, context)};
    }
  }
  return Why{};
}

Why explain(const Verdict& /*verdict*/, const FrameErrorInfo& error) {
  const FrameRow& row = frame_row(error.error);
  return Why{std::string(row.rule),
             std::string(row.found) + " (byte " + std::to_string(error.offset) + " of the frame)",
             std::string(row.fix)};
}

std::vector<VerdictRow> verdict_rows() {
  std::vector<VerdictRow> rows;
  rows.reserve(kFrameRows.size() + kChecks.size() + kTokenChecks.size());
  for (const FrameRow& row : kFrameRows) {
    rows.push_back(VerdictRow{row.rule, BinaryStatus::ProtocolError});
  }
  for (const Check& check : kChecks) {
    rows.push_back(VerdictRow{check.rule, check.status});
  }
  for (const TokenCheck& check : kTokenChecks) {
    rows.push_back(VerdictRow{check.rule, BinaryStatus::InvalidToken});
  }
  return rows;
}

}  // namespace apns::mock
