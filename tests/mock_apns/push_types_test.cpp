// Push types: with which topic, by which credential, at which priority, how large. What Apple's
// table says is written down here a second time; docs/wire/http2.md#push-types has it for people.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/model/push_type.h"
#include "tests/support/push_rows.h"

namespace apns::mock {
namespace {

using test::kAccepted;
using test::PushAuth;
using test::PushRow;
using test::rejected;

using enum Reason;

struct Expected {
  const char* name;
  const char* suffix;
  std::size_t limit;
  bool needs_provider_token;
};

constexpr Expected kTypes[] = {
    {"alert", "", 4096, false},
    {"background", "", 4096, false},
    {"location", ".location-query", 4096, true},
    {"voip", ".voip", 5120, false},
    {"complication", ".complication", 4096, false},
    {"fileprovider", ".pushkit.fileprovider", 4096, false},
    {"mdm", "", 4096, false},
    {"liveactivity", ".push-type.liveactivity", 4096, false},
    {"pushtotalk", ".voip-ptt", 4096, false},
    {"widgets", ".push-type.widgets", 4096, true},
    {"controls", ".push-type.controls", 4096, true},
};

const std::string kBundle = "com.example.app";

std::string topic_of(const Expected& type) {
  return kBundle + type.suffix;
}

/// A certificate for the app and all that hangs on it, as universal ones have it, and more.
std::vector<auth::CertificateIdentity::Topic> all_topics() {
  std::vector<auth::CertificateIdentity::Topic> topics = {{kBundle, {"app"}}};
  for (const Expected& type : kTypes) {
    if (*type.suffix != '\0') {
      topics.push_back({topic_of(type), {type.name}});
    }
  }
  return topics;
}

PushRow request(const Expected& type, PushAuth auth, std::string topic,
                const std::optional<std::string>& priority) {
  PushRow row{.name = std::string(type.name) + " to " + topic +
                      (auth == PushAuth::Certificate ? " by certificate" : " by provider token") +
                      (priority ? " at " + *priority : ""),
              .auth = auth,
              .fields = {{"apns-push-type", type.name}, {"apns-topic", std::move(topic)}},
              .topics = all_topics(),
              .expected = kAccepted};
  if (priority) {
    row.fields.emplace_back("apns-priority", *priority);
  }
  return row;
}

void expect_rejected(PushRow& row, Reason reason, std::string_view rule) {
  row.expected = rejected(reason);
  row.rule = rule;
}

/// The topic of every push type, and whether another type may be sent to it.
std::vector<std::string> topics_for(const Expected& type) {
  std::vector<std::string> topics = {topic_of(type)};
  for (const Expected& other : kTypes) {
    if (std::string_view(other.suffix) != type.suffix &&
        std::ranges::find(topics, topic_of(other)) == topics.end()) {
      topics.push_back(topic_of(other));
    }
  }
  return topics;
}

template <class Check>
void for_each_request(const Check& check) {
  for (const Expected& type : kTypes) {
    for (const PushAuth auth : {PushAuth::Certificate, PushAuth::ProviderToken}) {
      for (const std::string& topic : topics_for(type)) {
        for (const char* priority : {"", "10", "5", "1"}) {
          check(type, auth, topic, std::string(priority));
        }
      }
    }
  }
}

std::optional<std::string> some(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

TEST(PushTypes, AreThoseOfTheTable) {
  ASSERT_EQ(push_types().size(), std::size(kTypes));
}

/// The default profile: what Apple was not seen to reject passes, and the phone may show nothing.
TEST(PushTypes, ByTopicCredentialAndPriority) {
  std::size_t num_requests = 0;
  for_each_request([&num_requests](const Expected& type, PushAuth auth, const std::string& topic,
                                   const std::string& priority) {
    PushRow row = request(type, auth, topic, some(priority));
    if (auth == PushAuth::Certificate && type.needs_provider_token) {
      expect_rejected(row, Forbidden, "http2/push-type-needs-a-provider-token");
    } else if (std::string_view(type.name) == "liveactivity" && !topic.ends_with(type.suffix)) {
      expect_rejected(row, TopicDisallowed, "http2/topic-fits-the-push-type");
    }
    test::expect_row(row);
    ++num_requests;
  });
  EXPECT_EQ(num_requests, 11U * 2 * 9 * 4);
}

/// Who takes the documents at their word: the topic has the suffix of its push type, and a
/// background push priority 5.
TEST(PushTypes, ByTopicCredentialAndPriorityPedantically) {
  for_each_request([](const Expected& type, PushAuth auth, const std::string& topic,
                      const std::string& priority) {
    PushRow row = request(type, auth, topic, some(priority));
    row.profile = find_profile("pedantic");
    // A bundle id may end in anything, ".voip" too.
    const bool is_of_type = topic.ends_with(type.suffix);
    if (std::string_view(type.name) == "background" && priority != "5") {
      expect_rejected(row, BadPriority, "http2/background-has-priority-5");
    } else if (auth == PushAuth::Certificate && type.needs_provider_token) {
      expect_rejected(row, Forbidden, "http2/push-type-needs-a-provider-token");
    } else if (!is_of_type) {
      expect_rejected(row, TopicDisallowed, "http2/topic-fits-the-push-type");
    }
    test::expect_row(row);
  });
}

/// A push type whose topic the certificate does not list cannot be sent with it (documented).
TEST(PushTypes, ByACertificateForTheAppAlone) {
  for (const Expected& type : kTypes) {
    PushRow row = request(type, PushAuth::Certificate, topic_of(type), std::nullopt);
    row.topics.clear();
    if (*type.suffix != '\0') {
      expect_rejected(row, BadTopic, "http2/topic-of-this-certificate");
    }
    test::expect_row(row);
  }
}

TEST(PushTypes, EachHasItsLargestPayload) {
  for (const Expected& type : kTypes) {
    for (const std::size_t len : {0U, 1U, 4096U, 4097U, 5120U, 5121U}) {
      PushRow row = request(type, PushAuth::ProviderToken, topic_of(type), std::nullopt);
      row.name += " " + std::to_string(len) + " bytes";
      row.payload = std::string(len, ' ');
      if (len == 0) {
        expect_rejected(row, PayloadEmpty, "http2/payload-is-present");
      } else if (len > type.limit) {
        expect_rejected(row, PayloadTooLarge, "http2/payload-size");
      }
      test::expect_row(row);
    }
  }
}

/// Without a push type the limit is that of an alert, whatever the topic.
TEST(PushTypes, NoneIsAsLargeAsAnAlert) {
  for (const std::size_t len : {4096U, 4097U}) {
    PushRow row{.name = std::to_string(len),
                .auth = PushAuth::ProviderToken,
                .fields = {{"apns-topic", "com.example.app.voip"}},
                .payload = std::string(len, ' '),
                .expected = kAccepted};
    if (len > 4096) {
      expect_rejected(row, PayloadTooLarge, "http2/payload-size");
    }
    test::expect_row(row);
  }
}

/// What is in a payload is the phone's business: a Wallet pass is updated with "{}" (observed:
/// parse-community/node-apn#219), and what is not JSON is accepted and shown nowhere.
TEST(PushTypes, AnyBytesAreAPayload) {
  for (const char* payload : {"{}", "[]", "null", "x", "{\"aps\":", "\xFF\xFE", " "}) {
    PushRow row{.name = payload, .payload = payload, .expected = kAccepted};
    test::expect_row(row);
  }
}

}  // namespace
}  // namespace apns::mock
