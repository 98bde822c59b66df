#include "mock_apns/push_verdict.h"

#include <algorithm>
#include <array>
#include <string>

#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using auth::CertificateIdentity;

// What stands in a row of the tables below. Parameters that a row does not look at have no name.
using View = const PushHead&;
using Body = const PushBody&;
using Context = const PushContext&;

/// One row: when it fails, which reason, and what to tell a person.
template <class Subject>
struct Check {
  std::string_view rule;
  Reason reason;
  Reason Http2Profile::*by_profile;  // the profile's instead; null: none
  bool (*fails)(Subject subject, Context context);
  std::string (*found)(Subject subject, Context context);
  std::string (*fix)(Subject subject, Context context);

  [[nodiscard]] Reason reason_for(Context context) const {
    return by_profile == nullptr ? reason : context.profile.http2.*by_profile;
  }
};

bool is_open(Context context) {
  return context.world == nullptr || context.world->is_open();
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 100;
  return "\"" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "…\"" : "\"");
}

std::string header_text(View head, PushField field) {
  return std::string(name_of(field)) + ": " + std::string(head.text(field).substr(0, 100));
}

// ---- What needs no credential ----

constexpr std::array kLineChecks = {
    Check<View>{"http2/method-is-post", Reason::MethodNotAllowed, nullptr,
                [](View head, Context) { return head.method != "POST"; },
                [](View head, Context) { return "the method " + std::string(head.method); },
                [](View, Context) -> std::string { return "use POST"; }},
    Check<View>{
        "http2/path-is-a-device", Reason::BadPath, nullptr,
        [](View head, Context) {
          // "/3/device" is the one without a device token.
          return !head.is_device_path && head.path != "/3/device";
        },
        [](View head, Context) { return "the path " + quoted(head.path); },
        [](View, Context) -> std::string { return "use /3/device/ and the device token in hex"; }},
    Check<View>{"http2/device-token-is-in-the-path", Reason::MissingDeviceToken, nullptr,
                [](View head, Context) { return head.device_token.empty(); },
                [](View, Context) -> std::string { return "a path without a device token"; },
                [](View, Context) -> std::string {
                  return "put the device token in hex behind /3/device/";
                }},
    Check<View>{"http2/headers-are-not-repeated", Reason::DuplicateHeaders, nullptr,
                [](View head, Context) { return head.has_repeated(); },
                [](View head, Context) {
                  std::string names;
                  for (std::size_t i = 0; i < kNumPushFields; ++i) {
                    const auto field = static_cast<PushField>(i);
                    if (head.is_repeated(field)) {
                      names += (names.empty() ? "" : ", ") + std::string(name_of(field));
                    }
                  }
                  return names + " more than once";
                },
                [](View, Context) -> std::string { return "send each header once"; }},
};

// ---- The other fields ----

/// A topic as Apple has them: reverse-DNS names. What else draws is observed for one that stands in
/// angle brackets (node-apn/node-apn#479, #559).
bool is_topic(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

bool may_send_to(const CertificateIdentity& certificate, std::string_view topic, bool is_open) {
  if (certificate.topics.empty()) {
    // One that names no topic is taken on trust, or is for none.
    return certificate.default_topic() == topic || (is_open && certificate.default_topic().empty());
  }
  return std::ranges::any_of(certificate.topics,
                             [topic](const auto& entry) { return entry.topic == topic; });
}

std::string topics_of(const CertificateIdentity& certificate) {
  if (certificate.topics.empty()) {
    return std::string(certificate.default_topic());
  }
  std::string names;
  for (const auto& entry : certificate.topics) {
    names += (names.empty() ? "" : ", ") + entry.topic;
  }
  return names;
}

bool checks_topic_of(PushType type, Context context) {
  const Http2Profile& profile = context.profile.http2;
  return profile.topic_fits_push_type ||
         (profile.topic_fits_live_activity && type == PushType::LiveActivity);
}

constexpr std::array kFieldChecks = {
    Check<View>{"http2/apns-id-is-a-uuid", Reason::BadMessageId, nullptr,
                [](View head, Context) { return head.has(PushField::Id) && !head.is_id_uuid; },
                [](View head, Context) { return header_text(head, PushField::Id); },
                [](View, Context) -> std::string {
                  return "send a UUID of 32 hex digits, 8-4-4-4-12, or leave the header out";
                }},
    Check<View>{
        "http2/expiration-is-in-seconds", Reason::BadExpirationDate, nullptr,
        [](View head, Context) { return head.has(PushField::Expiration) && !head.expiration; },
        [](View head, Context) { return header_text(head, PushField::Expiration); },
        [](View, Context) -> std::string {
          return "send whole UNIX seconds, 0 for one attempt, or leave the header out";
        }},
    Check<View>{"http2/priority-is-10-5-or-1", Reason::BadPriority, nullptr,
                [](View head, Context) { return head.has(PushField::Priority) && !head.priority; },
                [](View head, Context) { return header_text(head, PushField::Priority); },
                [](View, Context) -> std::string {
                  return "send 10, 5 or 1, or leave the header out for 10";
                }},
    Check<View>{"http2/collapse-id-size", Reason::BadCollapseId, nullptr,
                [](View head, Context) {
                  return head.text(PushField::CollapseId).size() > kMaxCollapseIdLen;
                },
                [](View head, Context) {
                  return "an apns-collapse-id of " +
                         std::to_string(head.text(PushField::CollapseId).size()) + " bytes";
                },
                [](View, Context) {
                  return "send at most " + std::to_string(kMaxCollapseIdLen) + " bytes";
                }},
    Check<View>{"http2/push-type-is-known", Reason::InvalidPushType, nullptr,
                [](View head, Context) { return head.has(PushField::PushType) && !head.push_type; },
                [](View head, Context) { return header_text(head, PushField::PushType); },
                [](View, Context) {
                  std::string names;
                  for (const PushTypeRow& row : push_types()) {
                    names += (names.empty() ? "" : ", ") + std::string(row.name);
                  }
                  return "send one of " + names;
                }},
    Check<View>{"http2/background-has-priority-5", Reason::BadPriority, nullptr,
                [](View head, Context context) {
                  return context.profile.http2.background_needs_priority_5 &&
                         head.push_type == PushType::Background && head.priority.value_or(10) != 5;
                },
                [](View head, Context) {
                  return "a background notification with priority " +
                         std::to_string(head.priority.value_or(10));
                },
                [](View, Context) -> std::string { return "send apns-priority: 5"; }},
    Check<View>{
        "http2/topic-is-named", Reason::MissingTopic, nullptr,
        [](View head, Context context) { return topic_of(head, context.certificate).empty(); },
        [](View, Context context) -> std::string {
          if (context.certificate == nullptr) {
            return "no apns-topic beside a provider token";
          }
          return context.certificate->topics.size() > 1
                     ? "no apns-topic, and a certificate for " + topics_of(*context.certificate)
                     : "no apns-topic, and a certificate that names none";
        },
        [](View, Context) -> std::string { return "send apns-topic, usually the bundle id"; }},
    Check<View>{"http2/topic-is-a-name", Reason::TopicDisallowed, nullptr,
                [](View head, Context context) {
                  const std::string_view topic = topic_of(head, context.certificate);
                  return !is_topic(topic) || topic.size() > kMaxTopicLen;
                },
                [](View head, Context context) {
                  return "the topic " + quoted(topic_of(head, context.certificate));
                },
                [](View, Context) -> std::string {
                  return "send the bundle id as it is, with the suffix of its push type";
                }},
    Check<View>{"http2/topic-of-this-certificate", Reason::BadTopic,
                &Http2Profile::topic_of_other_app,
                [](View head, Context context) {
                  return context.certificate != nullptr &&
                         !may_send_to(*context.certificate, topic_of(head, context.certificate),
                                      is_open(context));
                },
                [](View head, Context context) {
                  const std::string its = topics_of(*context.certificate);
                  return "the topic " + quoted(topic_of(head, context.certificate)) +
                         " with a certificate for " + (its.empty() ? "none" : its);
                },
                [](View, Context) -> std::string {
                  return "use a certificate that lists the topic, or a provider token";
                }},
    Check<View>{"http2/push-type-needs-a-provider-token", Reason::Forbidden, nullptr,
                [](View head, Context context) {
                  return context.certificate != nullptr && head.push_type &&
                         row_of(*head.push_type).needs_provider_token;
                },
                [](View head, Context) {
                  return "push type " + std::string(row_of(*head.push_type).name) +
                         " with a certificate";
                },
                [](View, Context) -> std::string { return "send it with a provider token"; }},
    Check<View>{"http2/topic-fits-the-push-type", Reason::TopicDisallowed, nullptr,
                [](View head, Context context) {
                  return head.push_type && checks_topic_of(*head.push_type, context) &&
                         !topic_of(head, context.certificate)
                              .ends_with(row_of(*head.push_type).topic_suffix);
                },
                [](View head, Context context) {
                  return "push type " + std::string(row_of(*head.push_type).name) +
                         " with the topic " + quoted(topic_of(head, context.certificate));
                },
                [](View head, Context context) {
                  return "send the topic " +
                         std::string(bundle_id_of(topic_of(head, context.certificate))) +
                         std::string(row_of(*head.push_type).topic_suffix);
                }},
};

// ---- Payload ----

constexpr std::array kPayloadChecks = {
    Check<Body>{"http2/payload-is-present", Reason::PayloadEmpty, nullptr,
                [](Body body, Context) { return body.payload_len == 0; },
                [](Body, Context) -> std::string { return "a request without a body"; },
                [](Body, Context) -> std::string { return "send a JSON object, at least {}"; }},
    Check<Body>{
        "http2/payload-size", Reason::PayloadTooLarge, nullptr,
        [](Body body, Context) { return body.payload_len > row_of(body.push_type).payload_limit; },
        [](Body body, Context) {
          return "a payload of " + std::to_string(body.payload_len) + " bytes";
        },
        [](Body body, Context) {
          return "send at most " + std::to_string(row_of(body.push_type).payload_limit) + " bytes";
        }},
};

constexpr std::array kPathChecks = {
    Check<Body>{"http2/device-token-is-hex", Reason::BadDeviceToken, nullptr,
                [](Body body, Context) { return !body.device_token; },
                [](Body, Context) -> std::string {
                  return "a path whose last part is not a device token in hex";
                },
                [](Body, Context) -> std::string {
                  return "send the device token's bytes as hex digits, at most 100 bytes";
                }},
};

// ---- The device token ----

using Token = const std::optional<TokenRecord>&;

struct TokenCheck {
  std::string_view rule;
  Reason reason;
  Reason Http2Profile::*by_profile;  // as in Check
  bool (*fails)(Token token, Body body, Context context);
  std::string (*found)(Token token, Body body, Context context);
  std::string (*fix)(Token token, Body body, Context context);

  [[nodiscard]] Reason reason_for(Context context) const {
    return by_profile == nullptr ? reason : context.profile.http2.*by_profile;
  }
};

/// Such an answer says since when.
bool token_is_gone(Reason reason) {
  constexpr std::uint16_t kGone = 410;
  return row_of(reason).status == kGone;
}

bool is_of_no_app(Token token) {
  return !token || token->trusted;
}

/// Source of the order: KnuffApp/Knuff#76 (observed: environment before topic).
constexpr std::array kTokenChecks = {
    TokenCheck{"http2/device-token-is-known", Reason::BadDeviceToken, nullptr,
               [](Token token, Body, Context context) { return !token && !is_open(context); },
               [](Token, Body, Context) -> std::string {
                 return "a device token that was never registered";
               },
               [](Token, Body, Context) -> std::string {
                 return "register it with the world, or use an open one";
               }},
    TokenCheck{"http2/device-token-of-this-environment", Reason::BadDeviceToken, nullptr,
               [](Token token, Body, Context context) {
                 return !is_of_no_app(token) && token->environment != context.environment;
               },
               [](Token token, Body, Context) {
                 return "a device token of the " + std::string(to_string(token->environment)) +
                        " environment";
               },
               [](Token token, Body, Context) {
                 return "send it to the " + std::string(to_string(token->environment)) +
                        " port, or use a token of this environment";
               }},
    TokenCheck{"http2/device-token-of-this-topic", Reason::DeviceTokenNotForTopic, nullptr,
               [](Token token, Body body, Context) {
                 return !is_of_no_app(token) && token->topic != body.topic_id;
               },
               [](Token token, Body body, Context context) {
                 return "a device token of " + context.world->topic_name(token->topic) +
                        " with the topic " + std::string(body.topic);
               },
               [](Token token, Body, Context context) {
                 return "send apns-topic: " + context.world->topic_name(token->topic) +
                        ", or use a device token of this topic";
               }},
    TokenCheck{
        "http2/device-token-is-the-newest", Reason::Unregistered,
        &Http2Profile::replaced_device_token,
        [](Token token, Body, Context) { return token && token->state == TokenState::Replaced; },
        [](Token, Body, Context) -> std::string {
          return "a device token that the app has replaced by registering again";
        },
        [](Token, Body, Context) -> std::string {
          return "send to the token that the app gave you last";
        }},
    TokenCheck{
        "http2/device-token-is-active", Reason::Unregistered, nullptr,
        [](Token token, Body, Context) { return token && token->state == TokenState::Inactive; },
        [](Token, Body, Context) -> std::string {
          return "a device token whose app is no longer on the phone";
        },
        [](Token, Body, Context) -> std::string {
          return "drop the token, unless the app registered it again after the timestamp";
        }},
    TokenCheck{
        "http2/device-token-has-not-expired", Reason::ExpiredToken, nullptr,
        [](Token token, Body, Context) { return token && token->state == TokenState::Expired; },
        [](Token, Body, Context) -> std::string {
          return "the device token of a Live Activity that has ended";
        },
        [](Token, Body, Context) -> std::string {
          return "drop the token: each Live Activity has one of its own";
        }},
};

template <class Subject, std::size_t kNum>
PushVerdict run(const std::array<Check<Subject>, kNum>& checks, Subject subject, Context context,
                Why* why) {
  for (const auto& check : checks) {
    if (check.fails(subject, context)) {
      if (why != nullptr) {
        *why = Why{std::string(check.rule), check.found(subject, context),
                   check.fix(subject, context)};
      }
      return PushVerdict{.reason = check.reason_for(context), .rule = check.rule};
    }
  }
  return PushVerdict{};
}

}  // namespace

PushVerdict judge_line(const PushHead& head, const PushContext& context, Why* why) {
  return run<View>(kLineChecks, head, context, why);
}

PushVerdict judge_fields(const PushHead& head, const PushContext& context, Why* why) {
  return run<View>(kFieldChecks, head, context, why);
}

PushVerdict judge_body(const PushBody& body, const PushContext& context, Why* why) {
  const PushVerdict verdict = run<Body>(kPayloadChecks, body, context, why);
  return verdict.accepted() ? judge_device_token(body, context, why) : verdict;
}

PushVerdict judge_device_token(const PushBody& body, const PushContext& context, Why* why) {
  PushVerdict verdict = run<Body>(kPathChecks, body, context, why);
  if (!verdict.accepted() || context.world == nullptr) {
    return verdict;
  }
  const ByteView device_token = body.device_token->bytes();
  verdict.token = context.world->find(device_token);
  if (looks_magic(device_token)) {
    verdict.magic = context.world->magic(device_token, verdict.token);
    if (verdict.magic) {
      return verdict;
    }
  }
  for (const TokenCheck& check : kTokenChecks) {
    if (check.fails(verdict.token, body, context)) {
      verdict.reason = check.reason_for(context);
      verdict.rule = check.rule;
      if (token_is_gone(*verdict.reason)) {
        verdict.timestamp_ms = std::uint64_t{verdict.token->since} * 1000;
      }
      if (why != nullptr) {
        *why = Why{std::string(check.rule), check.found(verdict.token, body, context),
                   check.fix(verdict.token, body, context)};
      }
      return verdict;
    }
  }
  return verdict;
}

std::string_view topic_of(const PushHead& head, const CertificateIdentity* certificate) {
  if (!head.text(PushField::Topic).empty() || certificate == nullptr ||
      certificate->topics.size() > 1) {
    return head.text(PushField::Topic);
  }
  return certificate->default_topic();
}

std::string_view bundle_id_of(std::string_view topic) {
  for (const PushTypeRow& row : push_types()) {
    if (!row.topic_suffix.empty() && topic.ends_with(row.topic_suffix)) {
      return topic.substr(0, topic.size() - row.topic_suffix.size());
    }
  }
  return topic;
}

std::vector<PushVerdictRow> push_verdict_rows() {
  std::vector<PushVerdictRow> rows;
  const auto add = [&rows](const auto& checks, PushStage stage) {
    for (const auto& check : checks) {
      rows.push_back(PushVerdictRow{check.rule, check.reason, stage});
    }
  };
  add(kLineChecks, PushStage::Line);
  add(kFieldChecks, PushStage::Fields);
  add(kPayloadChecks, PushStage::Body);
  add(kPathChecks, PushStage::Body);
  add(kTokenChecks, PushStage::Body);
  return rows;
}

}  // namespace apns::mock
