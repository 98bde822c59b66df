#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/doctor_facts.h"
#include "tests/certs/temporary_folder.h"

namespace apns::cli {
namespace {

namespace fs = std::filesystem;

class StateFacts : public testing::Test {
 protected:
  StateFacts() { (void)certs::open_state_folder(dir); }

  static const CertificateFact& find(const StateFact& state, const std::string& name) {
    return *std::ranges::find(state.certificates, name, &CertificateFact::name);
  }

  certs::TemporaryFolder folder;
  fs::path dir = folder.path() / "state";
};

TEST_F(StateFacts, AFolderOfOursIsInOrder) {
  const StateFact state = gather_state(dir);
  EXPECT_TRUE(state.is_there && state.is_folder && state.is_ours);
  EXPECT_EQ(state.mode, 0700U);
  ASSERT_EQ(state.certificates.size(), 3U);
  for (const CertificateFact& certificate : state.certificates) {
    EXPECT_EQ(certificate.problem, "");
    EXPECT_TRUE(certificate.is_of_authority && certificate.has_key) << certificate.name;
    EXPECT_TRUE(certificate.missing_names.empty());
    EXPECT_LT(certificate.not_before,
              SystemTime(std::chrono::sys_days(std::chrono::year(2010) / 1 / 1)));
    EXPECT_GT(certificate.not_after,
              SystemTime(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)));
  }
  const auto key = std::ranges::find(state.files, "key.pem", &FileFact::name);
  ASSERT_NE(key, state.files.end());
  EXPECT_EQ(key->mode, 0600U);
}

TEST_F(StateFacts, LookingMendsNothing) {
  fs::remove(dir / "server.pem");
  certs::write_file(dir / "cert.pem", "garbage", 0644);
  const StateFact state = gather_state(dir);
  EXPECT_EQ(state.certificates.size(), 2U);
  EXPECT_NE(find(state, "cert.pem").problem, "");
  EXPECT_FALSE(fs::exists(dir / "server.pem"));
  EXPECT_EQ(*certs::read_file(dir / "cert.pem"), "garbage");
}

TEST_F(StateFacts, ACertificateOfAnotherAuthorityIsSeen) {
  const fs::path other = folder.path() / "other";
  (void)certs::open_state_folder(other);
  for (const char* name : {"server.pem", "server.key"}) {
    fs::copy_file(other / name, dir / name, fs::copy_options::overwrite_existing);
  }
  const StateFact state = gather_state(dir);
  EXPECT_FALSE(find(state, "server.pem").is_of_authority);
  EXPECT_TRUE(find(state, "server.pem").has_key);
  EXPECT_TRUE(find(state, "cert.pem").is_of_authority);
}

TEST_F(StateFacts, AKeyThatDoesNotBelongIsSeen) {
  fs::copy_file(dir / "server.key", dir / "key.pem", fs::copy_options::overwrite_existing);
  EXPECT_FALSE(find(gather_state(dir), "cert.pem").has_key);
  fs::remove(dir / "key.pem");
  EXPECT_FALSE(find(gather_state(dir), "cert.pem").has_key);
}

TEST_F(StateFacts, WhatIsNoServerCertificateLacksItsNames) {
  fs::copy_file(dir / "cert.pem", dir / "server.pem", fs::copy_options::overwrite_existing);
  const StateFact state = gather_state(dir);
  const auto& names = find(state, "server.pem").missing_names;
  EXPECT_NE(std::ranges::find(names, "localhost"), names.end());
}

TEST_F(StateFacts, AFolderThatIsNotThereHasNothing) {
  const StateFact state = gather_state(folder.path() / "nowhere");
  EXPECT_FALSE(state.is_there);
  EXPECT_TRUE(state.files.empty());
}

TEST_F(StateFacts, ABundleHasOurAuthorityAndAnothersHasNot) {
  const fs::path other = folder.path() / "other";
  (void)certs::open_state_folder(other);
  EXPECT_TRUE(has_authority(dir / "ca-bundle.pem", dir));
  EXPECT_TRUE(has_authority(dir / "ca.pem", dir));
  EXPECT_FALSE(has_authority(other / "ca-bundle.pem", dir));
  EXPECT_FALSE(has_authority(dir / "nowhere.pem", dir));
}

}  // namespace
}  // namespace apns::cli
