#include "cli/apple_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using testing::ElementsAre;

const std::vector<AppleName> kNames = {AppleName{"gateway.push.apple.com", "127.87.0.1"},
                                       AppleName{"api.push.apple.com", "127.87.0.5"}};

constexpr const char* kFirst =
    "127.87.0.1 gateway.push.apple.com\n"
    "127.87.0.5 api.push.apple.com\n";

TEST(AppleNames, HaveAnAddressEach) {
  const std::vector<AppleName> names = apple_names(3);
  EXPECT_EQ(names.size(), 9U);
  EXPECT_EQ(names[0].name, "gateway.push.apple.com");
  EXPECT_EQ(names[0].address, "127.87.3.1");
  EXPECT_EQ(names[6].name, "api.development.push.apple.com");
  EXPECT_EQ(names[6].address, "127.87.3.7");
}

TEST(AppleNames, TellEnvironmentsApartByAddress) {
  mock::ServiceOptions options;
  listen_as_apple(options, apple_names());
  EXPECT_THAT(options.also_at.http2,
              ElementsAre(Endpoint{"127.87.0.5", 443}, Endpoint{"127.87.0.5", 2197}));
  EXPECT_THAT(options.also_at.http2_development,
              ElementsAre(Endpoint{"127.87.0.6", 443}, Endpoint{"127.87.0.7", 443},
                          Endpoint{"127.87.0.6", 2197}, Endpoint{"127.87.0.7", 2197}));
  EXPECT_THAT(options.also_at.gateway, ElementsAre(Endpoint{"127.87.0.1", 2195}));
  EXPECT_THAT(options.also_at.gateway_development, ElementsAre(Endpoint{"127.87.0.2", 2195}));
  EXPECT_THAT(options.also_at.feedback, ElementsAre(Endpoint{"127.87.0.3", 2196}));
  EXPECT_THAT(options.also_at.feedback_development, ElementsAre(Endpoint{"127.87.0.4", 2196}));
}

TEST(HostsWith, PutsTheNamesFirstAndKeepsTheRest) {
  EXPECT_EQ(hosts_with(kNames, ""), kFirst);
  EXPECT_EQ(hosts_with(kNames, "# mine\n127.0.0.1 localhost\n\n10.0.0.7\tdb db.local # ours"),
            std::string(kFirst) + "# mine\n127.0.0.1 localhost\n\n10.0.0.7\tdb db.local # ours\n");
}

TEST(HostsWith, TakesTheNamesFromWhoeverHadThem) {
  EXPECT_EQ(hosts_with(kNames,
                       "17.0.0.1 gateway.push.apple.com\n"
                       "17.0.0.2 api.push.apple.com other.apple.com # api\n"
                       "17.0.0.3 gateway.push.apple.com.example.org\n"
                       "# 17.0.0.4 api.push.apple.com\n"),
            std::string(kFirst) +
                "17.0.0.2 other.apple.com\n"
                "17.0.0.3 gateway.push.apple.com.example.org\n"
                "# 17.0.0.4 api.push.apple.com\n");
}

TEST(WithFilesFirst, ChangesTheLineOfHostsAlone) {
  EXPECT_EQ(with_files_first("passwd: files\nhosts: resolve [!UNAVAIL=return] files dns\n"),
            "passwd: files\nhosts: files resolve [!UNAVAIL=return] files dns\n");
  const std::string usual = "passwd:  files\nhosts:   files dns\n# hosts: dns\n";
  EXPECT_EQ(with_files_first(usual), usual);
}

}  // namespace
}  // namespace apns::cli
