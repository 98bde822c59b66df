#include "apns/tls/context.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/credentials.h"

namespace apns::tls {

namespace {

using test::Credentials;

std::string what_client_says(const ClientOptions& options) {
  try {
    const Context context(options);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(TlsContext, RefusesAKeyThatIsNotTheCertificates) {
  ClientOptions options = Credentials::shared().client_options();
  options.key = Credentials::shared().server.key.get();
  EXPECT_THAT(what_client_says(options),
              testing::MatchesRegex("TLS cannot be set up: certificate and key: .+\\."));
}

TEST(TlsContext, RefusesAServerNameThatIsNoName) {
  for (const char* name : {"10.1", "1.2.3.4.5", "256.0.0.1", ":::", "[::1]"}) {
    EXPECT_THAT(
        what_client_says(Credentials::shared().client_options(name)),
        testing::HasSubstr(std::string("\"") + name + "\" is neither a name nor an address"))
        << "else no name would be verified";
  }
}

TEST(TlsContext, TellsTheServerNamesOnly) {
  EXPECT_EQ(Context(Credentials::shared().client_options("localhost")).sni(), "localhost");
  EXPECT_EQ(Context(Credentials::shared().client_options("127.0.0.1")).sni(), "");
  EXPECT_EQ(Context(Credentials::shared().client_options("::1")).sni(), "");
  EXPECT_EQ(Context(Credentials::shared().client_options("")).sni(), "");
}

TEST(AlertName, IsSpelledAsTheStandardDoes) {
  EXPECT_EQ(alert_name(0), "close_notify");
  EXPECT_EQ(alert_name(40), "handshake_failure");
  EXPECT_EQ(alert_name(45), "certificate_expired");
  EXPECT_EQ(alert_name(48), "unknown_ca");
  EXPECT_EQ(alert_name(116), "certificate_required");
  EXPECT_EQ(alert_name(200), "alert_200");
}

}  // namespace

}  // namespace apns::tls
