#include "mock_apns/service_info.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

ServiceInfo filled() {
  ServiceInfo info;
  info.version = "0.1.0";
  info.http2_port = 2197;
  info.http2_port_development = 3197;
  info.gateway_port = 2195;
  info.gateway_port_development = 3195;
  info.feedback_port = 2196;
  info.feedback_port_development = 3196;
  info.control_url = "http://localhost:2199/v1";
  info.state_dir = "/state";
  info.device_token = phone_device_token();
  info.pid = 812;
  return info;
}

TEST(ServiceInfo, AVariableIsTheKeyInUpperCase) {
  const ServiceInfo::Variables variables = filled().variables();
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_CONTROL_URL", "http://localhost:2199/v1")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_URL", "https://localhost:2197")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_HTTP2_PORT", "2197")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_HTTP2_PORT_DEVELOPMENT", "3197")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_GATEWAY_PORT", "2195")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_FEEDBACK_PORT_DEVELOPMENT", "3196")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_CA_FILE", "/state/ca.pem")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_PASSWORD", "apnslab")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_P8_FILE", "/state/AuthKey_KEY0000001.p8")));
  EXPECT_THAT(variables, Contains(Pair("APNSLAB_DEVICE_TOKEN", phone_device_token())));
}

TEST(ServiceInfo, WhatIsNotKnownIsNoVariable) {
  const ServiceInfo::Variables variables = filled().variables();
  EXPECT_THAT(variables, Not(Contains(Key("APNSLAB_DEVICE_TOKEN_DEVELOPMENT"))));
  ServiceInfo bare;
  EXPECT_THAT(bare.variables(), Not(Contains(Key("NODE_EXTRA_CA_CERTS"))));
  EXPECT_THAT(bare.variables(), Not(Contains(Key("APNSLAB_GATEWAY_PORT"))));
}

// Node adds to what it trusts; the others would lose the system's CAs.
TEST(ServiceInfo, TheTestsOtherCallsKeepWhatTheyTrust) {
  const ServiceInfo::Variables variables = filled().variables();
  EXPECT_THAT(variables, Contains(Pair("NODE_EXTRA_CA_CERTS", "/state/ca.pem")));
  EXPECT_THAT(variables, Contains(Pair("SSL_CERT_FILE", "/state/ca-bundle.pem")));
  EXPECT_THAT(variables, Contains(Pair("REQUESTS_CA_BUNDLE", "/state/ca-bundle.pem")));
  EXPECT_THAT(variables, Contains(Pair("CURL_CA_BUNDLE", "/state/ca-bundle.pem")));
}

TEST(ServiceInfo, ComesBackAsItWasWritten) {
  const ServiceInfo wrote = filled();
  const ServiceInfo read = ServiceInfo::read(json::parse(wrote.to_json(), "info"));
  EXPECT_EQ(read.to_json(), wrote.to_json());
}

TEST(ServiceInfo, AServiceWithoutGatewaysIsOneOfHttp2) {
  ServiceInfo wrote;
  wrote.http2_port = 2197;
  wrote.state_dir = "/state";
  const ServiceInfo read = ServiceInfo::read(json::parse(wrote.to_json(), "info"));
  EXPECT_EQ(read.http2_port, 2197);
  EXPECT_EQ(read.gateway_port, 0);
  EXPECT_THAT(read.variables(), Contains(Pair("APNSLAB_HTTP2_PORT", "2197")));
  EXPECT_THROW((void)ServiceInfo::read(json::parse(ServiceInfo().to_json(), "info")), json::Error);
}

TEST(ServiceInfo, AShellChangesNothingInAValue) {
  const ServiceInfo::Variables odd = {{"APNSLAB_CA_FILE", "/a $HOME `b` 'c'\" d"}};
  EXPECT_EQ(to_shell(odd), "export APNSLAB_CA_FILE='/a $HOME `b` '\\''c'\\''\" d'\n");
  EXPECT_EQ(to_dotenv(odd), "APNSLAB_CA_FILE='/a $HOME `b` '\\''c'\\''\" d'\n");
}

}  // namespace
}  // namespace apns::mock
