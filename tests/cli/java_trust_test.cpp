#include "cli/java_trust.h"

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

TEST(JavaToolOptions, NameTheTrustStoreBehindWhatWasThere) {
  const std::string ours =
      "-Djavax.net.ssl.trustStore=/state/truststore.p12 "
      "-Djavax.net.ssl.trustStorePassword=apnslab -Djavax.net.ssl.trustStoreType=PKCS12";
  EXPECT_EQ(java_tool_options("", "/state"), ours);
  EXPECT_EQ(java_tool_options("-Xmx64m", "/state"), "-Xmx64m " + ours);
}

TEST(JavaToolOptions, QuoteAPathWithBlanks) {
  EXPECT_EQ(java_tool_options("", "/my state"),
            "\"-Djavax.net.ssl.trustStore=/my state/truststore.p12\" "
            "-Djavax.net.ssl.trustStorePassword=apnslab -Djavax.net.ssl.trustStoreType=PKCS12");
}

}  // namespace
}  // namespace apns::cli
