#include "notifier.h"

#include <chrono>
#include <string>
#include <vector>

#include "mock_apns/testing/push_test.h"

namespace {

using namespace std::chrono_literals;

class NotifierTest : public apns::mock::PushTest {
 protected:
  const std::string phone_ = info().device_token;
  std::vector<std::string> gone_;
  shop::Notifier notifier_{
      {info().host, info().gateway_port, file("ca.pem"), file("cert.pem"), file("key.pem")},
      [this](const std::string& device_token) { gone_.push_back(device_token); }};
};

TEST_F(NotifierTest, ThePhoneShowsThatTheOrderIsOnItsWay) {
  notifier_.shipped(phone_, 4711);
  EXPECT_TRUE(
      expect(R"({"event": "notification", "outcome": "accepted", "payload": {"order": 4711}})"));
  EXPECT_TRUE(expect(R"({
    "event": "delivery", "outcome": "delivered", "device": "phone",
    "shown": {"place": "lock-screen", "body": "Order 4711 is on its way", "badge": 1}})"));
}

TEST_F(NotifierTest, ADeviceTokenThatIsNoGoodIsReported) {
  arm("nth=1: reject=8 times=1");
  notifier_.shipped(phone_, 4712);
  ASSERT_TRUE(notifier_.settle(2s));
  EXPECT_EQ(gone_, std::vector{phone_});
}

TEST_F(NotifierTest, WhatWasSentBehindABadOneIsSentAgain) {
  arm("nth=2: reject=8 times=1");
  for (const int order : {1, 2, 3, 4}) {
    notifier_.shipped(phone_, order);
  }
  ASSERT_TRUE(notifier_.settle(2s));
  const char* accepted = R"({"event": "notification", "outcome": "accepted"})";
  EXPECT_TRUE(expect(accepted, {.count = 3}));
  std::vector<std::string> orders;
  for (const auto& event : events(accepted)) {
    orders.push_back(event.payload.substr(event.payload.find("\"order\"")));
  }
  EXPECT_EQ(orders, (std::vector<std::string>{"\"order\":1}", "\"order\":3}", "\"order\":4}"}));
}

TEST_F(NotifierTest, APhoneThatIsOfflineGetsTheNewestWhenItComesBack) {
  change(R"({"device": "phone", "set": {"online": false}})");
  notifier_.shipped(phone_, 1);
  notifier_.shipped(phone_, 2);
  EXPECT_TRUE(expect(R"({"event": "delivery", "outcome": "replaced"})"));
  change(R"({"device": "phone", "set": {"online": true}})");
  EXPECT_TRUE(expect(
      R"({"event": "delivery", "outcome": "delivered", "shown": {"body": "Order 2 is on its way"}})"));
}

}  // namespace
