#include "apns/auth/openssl_ptr.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace apns::auth {
namespace {

using ::testing::HasSubstr;

TEST(OpensslErrors, AreTextWithoutNumbersAndEmptyTheQueue) {
  ERR_clear_error();
  const std::string text = "no certificate in here";
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ASSERT_EQ(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(take_openssl_errors(), "PEM routines: no start line (Expecting: CERTIFICATE)");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(OpensslErrors, JoinsSeveralOldestFirst) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  ERR_raise(ERR_LIB_PEM, PEM_R_BAD_END_LINE);
  EXPECT_EQ(take_openssl_errors(), "PEM routines: no start line; PEM routines: bad end line");
}

TEST(OpensslErrors, SpellOutTheSystemsErrors) {
  ERR_clear_error();
  ASSERT_EQ(BIO_new_file("/nonexistent/file", "r"), nullptr);
  EXPECT_THAT(take_openssl_errors(), HasSubstr("No such file or directory"));
}

TEST(OpensslErrors, SayThatThereIsNone) {
  ERR_clear_error();
  EXPECT_EQ(take_openssl_errors(), "unknown OpenSSL error");
}

}  // namespace
}  // namespace apns::auth
