// How a notification's header section is written: what enters the dynamic table, and what does not.
#include "provider/request_fields.h"

#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/http2/hpack_encoder.h"

namespace apns::provider {
namespace {

using testing::ElementsAre;

/// "apns-topic=com.example.app +": + enters the table, # is looked for in one, - is a literal.
std::string text_of(const http2::Field& field) {
  const char* how = field.representation == http2::Representation::Incremental ? " +"
                    : field.representation == http2::Representation::Indexed   ? " #"
                                                                               : " -";
  return std::string(field.name) + "=" + std::string(field.value) + how;
}

std::vector<std::string> texts_of(std::span<const http2::Field> fields) {
  std::vector<std::string> texts;
  for (const http2::Field& field : fields) {
    texts.push_back(text_of(field));
  }
  return texts;
}

Notification full() {
  Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'A')),
                            .payload = "{}",
                            .expiration = 4'294'967'295U,
                            .priority = 10,
                            .topic = "com.example.app",
                            .push_type = PushType::Alert,
                            .apns_id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7",
                            .collapse_id = "score"};
  return notification;
}

TEST(RequestFields, NamesOfWhatChangesEnterTheTableOnce) {
  RequestFields fields("localhost:2197", true);
  const std::string path = ":path=/3/device/" + std::string(64, 'a') + " -";
  EXPECT_THAT(texts_of(fields.of(full(), "bearer a.b.c")),
              ElementsAre(":method=POST #", ":scheme=https #", path, ":authority=localhost:2197 +",
                          "authorization=bearer a.b.c +", "apns-topic=com.example.app +",
                          "apns-push-type=alert +", "apns-priority=10 +",
                          "apns-expiration=4294967295 +", "apns-collapse-id=score +",
                          "apns-id=4084a6e4-9ea8-6d2a-ca49-9a344a152da7 +", "content-length=2 -"));
  EXPECT_THAT(texts_of(fields.of(full(), "bearer a.b.c")),
              ElementsAre(":method=POST #", ":scheme=https #", path, ":authority=localhost:2197 +",
                          "authorization=bearer a.b.c +", "apns-topic=com.example.app +",
                          "apns-push-type=alert +", "apns-priority=10 +",
                          "apns-expiration=4294967295 #", "apns-collapse-id=score #",
                          "apns-id=4084a6e4-9ea8-6d2a-ca49-9a344a152da7 #", "content-length=2 -"));
}

TEST(RequestFields, WhatIsAbsentIsNotSent) {
  RequestFields fields("localhost:2197", false);
  const Notification bare{.device_token = *DeviceToken::parse("a1"), .payload = "{}"};
  EXPECT_THAT(texts_of(fields.of(bare, {})),
              ElementsAre(":method=POST #", ":scheme=https #", ":path=/3/device/a1 -",
                          ":authority=localhost:2197 +"));
}

TEST(RequestFields, TheLongestDeviceTokenHasRoom) {
  RequestFields fields("localhost:2197", false);
  const Notification bare{.device_token = *DeviceToken::parse(std::string(200, 'f')),
                          .payload = "{}"};
  EXPECT_THAT(texts_of(fields.of(bare, {})),
              testing::Contains(":path=/3/device/" + std::string(200, 'f') + " -"));
}

// What a request costs once the table is filled: an index for all but the path.
TEST(RequestFields, ALaterRequestIsSmall) {
  RequestFields fields("localhost:2197", false);
  http2::HpackEncoder encoder;
  Notification notification = full();
  notification.apns_id.clear();
  const std::string authorization = "bearer " + std::string(180, 'x');
  std::size_t len = 0;
  for (int i = 0; i < 2; ++i) {
    Bytes out;
    encoder.begin_block(out);
    for (const http2::Field& field : fields.of(notification, authorization)) {
      encoder.add(out, field.name, field.value, field.representation, http2::HuffmanUse::Never);
    }
    len = out.size();
  }
  // Name and length of the path, its 74 bytes, and a byte for each of the other nine.
  EXPECT_EQ(len, 2U + 74U + 9U);
}

}  // namespace
}  // namespace apns::provider
