#include "cli/proxy_option.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_proxy(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(ProxyOption, IsAUrlOrHostAndPort) {
  for (const char* text : {"http://proxy.example.com:3128", "proxy.example.com:3128",
                           "http://proxy.example.com:3128/"}) {
    const provider::Proxy proxy = parse_proxy(text);
    EXPECT_EQ(proxy.at, (Endpoint{"proxy.example.com", 3128})) << text;
    EXPECT_EQ(proxy.user, "") << text;
  }
  EXPECT_EQ(parse_proxy("http://[::1]:3128").at, (Endpoint{"::1", 3128}));
}

TEST(ProxyOption, HasAUserAndAPassword) {
  const provider::Proxy proxy = parse_proxy("http://me:p%40ss:%25@proxy:1");
  EXPECT_EQ(proxy.user, "me");
  EXPECT_EQ(proxy.password, "p@ss:%");
  EXPECT_EQ(proxy.at, (Endpoint{"proxy", 1}));
  EXPECT_EQ(parse_proxy("me@proxy:1").password, "");
}

TEST(ProxyOption, SaysWhatWouldBeRight) {
  EXPECT_EQ(error_of("socks5://proxy:1080"),
            "--proxy: a proxy of \"socks5://\" is none that can be used; http:// is.");
  EXPECT_EQ(error_of("http://proxy"), "--proxy must be HOST:PORT, not \"proxy\".");
  EXPECT_EQ(error_of("proxy:0"), "--proxy: \"0\" is not a port (1 to 65535).");
  EXPECT_EQ(error_of("http://a%2:b@proxy:1"),
            "--proxy: in user and password % stands before two hexadecimal digits; the character "
            "itself is %25.");
}

}  // namespace
}  // namespace apns::cli
