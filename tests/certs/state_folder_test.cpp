#include "certs/state_folder.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/certificate_identity.h"
#include "certs/certificate_factory.h"
#include "tests/certs/temporary_folder.h"

namespace apns::certs {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::array kFiles{"AuthKey_KEY0000001.p8",
                            "ca-bundle.pem",
                            "ca.crl.pem",
                            "ca.key",
                            "ca.pem",
                            "cert.pem",
                            "key.pem",
                            "provider.p12",
                            "server.key",
                            "server.pem",
                            "truststore.p12"};

class StateFolderTest : public ::testing::Test {
 protected:
  StateFolderTest() : dir(folder.file("state")) {}

  [[nodiscard]] StateFolder open(const std::vector<std::string>& more_names = {}) const {
    return open_state_folder(dir, more_names);
  }

  /// What opening says; empty when it works.
  [[nodiscard]] std::string error_of_open() const {
    try {
      static_cast<void>(open());
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const char* name : kFiles) {
      all[name] = text(name);
    }
    return all;
  }

  /// The names of the files that differ from `before`.
  [[nodiscard]] std::vector<std::string> changed_since(
      const std::map<std::string, std::string>& before) const {
    std::vector<std::string> names;
    for (const auto& [name, old_text] : before) {
      if (text(name) != old_text) {
        names.push_back(name);
      }
    }
    return names;
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    return read_file(dir / name).value_or("(missing)");
  }

  void put(const std::string& name, std::string_view new_text) const {
    write_file(dir / name, new_text, 0600);
  }

  void remove(const std::string& name) const { ASSERT_TRUE(fs::remove(dir / name)) << name; }

  [[nodiscard]] std::string path_of(const std::string& name) const { return (dir / name).string(); }

  TemporaryFolder folder;
  fs::path dir;
};

bool are_equal(const Credential& a, const Credential& b) {
  return X509_cmp(a.certificate.get(), b.certificate.get()) == 0 &&
         EVP_PKEY_eq(a.key.get(), b.key.get()) == 1;
}

TEST_F(StateFolderTest, IsMadeWithAllFiles) {
  const StateFolder made = open();
  for (const char* name : kFiles) {
    EXPECT_TRUE(fs::exists(made.file(name))) << name;
  }
  const auto identity = auth::read_certificate_identity(made.provider.certificate.get());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->uid, "com.example.app");
  EXPECT_EQ(identity->team_id, "TEAM000001");
  EXPECT_EQ(identity->topics.size(), 3U);
  EXPECT_EQ(X509_verify(made.server.certificate.get(),
                        X509_get0_pubkey(made.authority.certificate.get())),
            1);
}

TEST_F(StateFolderTest, FilesHoldWhatWasReturned) {
  const StateFolder made = open();
  EXPECT_EQ(text("ca.pem"), to_pem(made.authority.certificate.get()));
  EXPECT_EQ(text("ca.key"), to_pem(made.authority.key.get()));
  EXPECT_EQ(text("ca.crl.pem"), to_pem(made.crl.get()));
  EXPECT_EQ(text("server.pem"), to_pem(made.server.certificate.get()));
  EXPECT_EQ(text("server.key"), to_pem(made.server.key.get()));
  EXPECT_EQ(text("cert.pem"), to_pem(made.provider.certificate.get()));
  EXPECT_EQ(text("key.pem"), to_pem(made.provider.key.get()));
  EXPECT_EQ(text("AuthKey_KEY0000001.p8"), to_pem(made.token_key.get()));
  EXPECT_THAT(text("ca-bundle.pem"),
              AllOf(StartsWith("# "), EndsWith(to_pem(made.authority.certificate.get()))));
  const P12Contents p12 = parse_p12(text("provider.p12"), "apnslab");
  EXPECT_TRUE(are_equal(p12.credential, made.provider));
  const P12Contents truststore = parse_p12(text("truststore.p12"), "apnslab");
  ASSERT_EQ(truststore.others.size(), 1U);
  EXPECT_EQ(X509_cmp(truststore.others[0].get(), made.authority.certificate.get()), 0);
}

TEST_F(StateFolderTest, KeysAreForTheOwnerOnly) {
  static_cast<void>(open());
  EXPECT_EQ(fs::status(dir).permissions(), fs::perms(0700));
  for (const char* name :
       {"ca.key", "key.pem", "server.key", "provider.p12", "AuthKey_KEY0000001.p8"}) {
    EXPECT_EQ(fs::status(dir / name).permissions(), fs::perms(0600)) << name;
  }
  for (const char* name :
       {"ca.pem", "ca.crl.pem", "cert.pem", "server.pem", "ca-bundle.pem", "truststore.p12"}) {
    EXPECT_EQ(fs::status(dir / name).permissions(), fs::perms(0644)) << name;
  }
}

TEST_F(StateFolderTest, IsReopenedUnchanged) {
  const StateFolder first = open();
  const auto before = contents();
  const StateFolder second = open();
  EXPECT_THAT(changed_since(before), ElementsAre());
  EXPECT_TRUE(are_equal(first.authority, second.authority));
  EXPECT_TRUE(are_equal(first.server, second.server));
  EXPECT_TRUE(are_equal(first.provider, second.provider));
  EXPECT_EQ(EVP_PKEY_eq(first.token_key.get(), second.token_key.get()), 1);
}

TEST_F(StateFolderTest, TakesAPathWithASlashBehind) {
  const StateFolder made = open_state_folder(dir / "");
  EXPECT_EQ(made.dir, dir);
  EXPECT_EQ(fs::status(dir).permissions(), fs::perms(0700));
}

TEST_F(StateFolderTest, KeepsAFoldersMode) {
  fs::create_directory(dir);
  fs::permissions(dir, fs::perms(0750));
  static_cast<void>(open());
  EXPECT_EQ(fs::status(dir).permissions(), fs::perms(0750));
}

TEST_F(StateFolderTest, InAFilesPlaceIsAnError) {
  write_file(dir, "a file", 0600);
  EXPECT_THAT(error_of_open(), StartsWith("cannot make the folder " + dir.string() + ": "));
}

struct MissingCase {
  const char* name;
  std::vector<std::string> removed;
  std::vector<std::string> changed;  // in the order of the alphabet
};

class MissingFile : public StateFolderTest, public ::testing::WithParamInterface<MissingCase> {};

TEST_P(MissingFile, IsMadeAnewWithWhatDependsOnIt) {
  static_cast<void>(open());
  const auto before = contents();
  for (const std::string& name : GetParam().removed) {
    remove(name);
  }
  static_cast<void>(open());
  EXPECT_EQ(changed_since(before), GetParam().changed);
  const auto repaired = contents();
  static_cast<void>(open());
  EXPECT_THAT(changed_since(repaired), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(
    Each, MissingFile,
    ::testing::Values(
        MissingCase{"TokenKey", {"AuthKey_KEY0000001.p8"}, {"AuthKey_KEY0000001.p8"}},
        MissingCase{"Bundle", {"ca-bundle.pem"}, {}},  // the same again, byte for byte
        MissingCase{"RevocationList", {"ca.crl.pem"}, {"ca.crl.pem"}},
        MissingCase{"Truststore", {"truststore.p12"}, {"truststore.p12"}},
        MissingCase{"ProviderP12", {"provider.p12"}, {"provider.p12"}},
        MissingCase{"ProviderCertificate", {"cert.pem"}, {"cert.pem", "provider.p12"}},
        MissingCase{"ProviderKey", {"key.pem"}, {"cert.pem", "key.pem", "provider.p12"}},
        MissingCase{"ServerCertificate", {"server.pem"}, {"server.pem"}},
        MissingCase{"ServerKey", {"server.key"}, {"server.key", "server.pem"}},
        MissingCase{"AuthorityCertificate",
                    {"ca.pem"},
                    {"ca-bundle.pem", "ca.pem", "provider.p12", "truststore.p12"}},
        MissingCase{"AuthorityAndWhatItSigned",
                    {"ca.key", "ca.pem", "ca.crl.pem", "server.pem", "cert.pem"},
                    {"ca-bundle.pem", "ca.crl.pem", "ca.key", "ca.pem", "cert.pem", "provider.p12",
                     "server.pem", "truststore.p12"}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(StateFolderTest, MissingAuthorityKeyIsAnErrorWhoseRemedyWorks) {
  static_cast<void>(open());
  remove("ca.key");
  EXPECT_EQ(error_of_open(),
            path_of("ca.key") +
                ": is missing, and without it ca.pem can sign nothing. Remove ca.key, ca.pem, "
                "ca.crl.pem, server.pem and cert.pem, and they are made anew.");
  for (const char* name : {"ca.pem", "ca.crl.pem", "server.pem", "cert.pem"}) {
    remove(name);
  }
  EXPECT_EQ(error_of_open(), "");
}

struct DamageCase {
  const char* name;
  const char* file;
  std::string text;
  const char* error;  // behind the file's path
};

class DamagedFile : public StateFolderTest, public ::testing::WithParamInterface<DamageCase> {};

TEST_P(DamagedFile, IsAnErrorNamingItWhoseRemedyWorks) {
  static_cast<void>(open());
  put(GetParam().file, GetParam().text);
  const auto before = contents();
  EXPECT_EQ(error_of_open(), path_of(GetParam().file) + GetParam().error);
  EXPECT_THAT(changed_since(before), ElementsAre());
  remove(GetParam().file);
  EXPECT_EQ(error_of_open(), "");
}

std::string other_certificate() {
  return to_pem(CertificateFactory().make_provider(ProviderCertificate()).certificate.get());
}

std::string other_key() {
  return to_pem(make_p256_key().get());
}

std::string other_crl() {
  return to_pem(CertificateFactory().make_crl().get());
}

std::string key_of_other_kind() {
  return to_pem(auth::KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")).get());
}

INSTANTIATE_TEST_SUITE_P(
    Each, DamagedFile,
    ::testing::Values(
        DamageCase{"EmptyAuthority", "ca.pem", "",
                   ": cannot read a certificate (PEM routines: no start line (Expecting: "
                   "CERTIFICATE)). Remove it and it is made anew."},
        DamageCase{"HalfCertificate", "cert.pem", other_certificate().substr(0, 300),
                   ": cannot read a certificate (PEM routines: bad end line). Remove it and it is "
                   "made anew."},
        DamageCase{"OtherAuthority", "ca.pem",
                   to_pem(CertificateFactory().authority().certificate.get()),
                   ": is not the certificate of ca.key. Remove it and it is made anew."},
        DamageCase{"OtherCertificate", "cert.pem", other_certificate(),
                   ": was not signed by ca.pem. Remove it and it is made anew."},
        DamageCase{"OtherRevocationList", "ca.crl.pem", other_crl(),
                   ": was not signed by ca.pem. Remove it and it is made anew."},
        DamageCase{"CertificateAsRevocationList", "ca.crl.pem", other_certificate(),
                   ": cannot read a list of revoked certificates (PEM routines: no start line "
                   "(Expecting: X509 CRL)). Remove it and it is made anew."},
        DamageCase{"OtherProviderKey", "key.pem", other_key(),
                   ": is not the key of cert.pem. Remove it and it is made anew."},
        DamageCase{"OtherServerKey", "server.key", other_key(),
                   ": is not the key of server.pem. Remove it and it is made anew."},
        DamageCase{"KeyOfOtherKind", "AuthKey_KEY0000001.p8", key_of_other_kind(),
                   ": is not a P-256 key. Remove it and it is made anew."},
        DamageCase{"ForeignBundle", "ca-bundle.pem", "-----BEGIN CERTIFICATE-----",
                   ": was not written by apnslab. Remove it and it is made anew."}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(StateFolderTest, DamagedAuthorityKeyIsAnErrorWithItsOwnRemedy) {
  static_cast<void>(open());
  put("ca.key", "");
  EXPECT_THAT(
      error_of_open(),
      AllOf(StartsWith(path_of("ca.key") + ": cannot read a private key ("),
            EndsWith("). Remove ca.key, ca.pem, ca.crl.pem, server.pem and cert.pem, and they "
                     "are made anew.")));
}

TEST_F(StateFolderTest, LeafInTheAuthoritysPlaceIsAnError) {
  static_cast<void>(open());
  put("ca.pem", text("cert.pem"));
  put("ca.key", text("key.pem"));
  EXPECT_EQ(error_of_open(), path_of("ca.pem") +
                                 ": is not the certificate of a root authority. Remove it and it "
                                 "is made anew.");
}

TEST_F(StateFolderTest, HalfP12IsAnErrorNamingIt) {
  static_cast<void>(open());
  put("provider.p12", text("provider.p12").substr(0, 200));
  EXPECT_THAT(error_of_open(),
              AllOf(StartsWith(path_of("provider.p12") + ": cannot open a PKCS#12 file ("),
                    EndsWith("). Remove it and it is made anew.")));
}

TEST_F(StateFolderTest, P12WithAnotherPasswordIsNotReplaced) {
  const StateFolder made = open();
  put("truststore.p12", to_truststore(made.authority.certificate.get(), "changeit"));
  EXPECT_THAT(error_of_open(),
              AllOf(StartsWith(path_of("truststore.p12")), HasSubstr("mac verify failure")));
}

TEST_F(StateFolderTest, P12OfAnotherAuthorityIsReplaced) {
  const StateFolder made = open();
  const CertificateFactory other;
  put("truststore.p12", to_truststore(other.authority().certificate.get(), kDefaultPassword));
  EXPECT_EQ(error_of_open(), "");
  const P12Contents contents = parse_p12(text("truststore.p12"), kDefaultPassword);
  ASSERT_EQ(contents.others.size(), 1U);
  EXPECT_EQ(X509_cmp(contents.others[0].get(), made.authority.certificate.get()), 0);
}

TEST_F(StateFolderTest, ForeignFilesAreNotReplacedInAFolderWithoutAuthority) {
  fs::create_directory(dir);
  const std::string foreign = other_certificate();
  put("cert.pem", foreign);
  EXPECT_EQ(error_of_open(),
            path_of("cert.pem") + ": was not signed by ca.pem. Remove it and it is made anew.");
  EXPECT_EQ(text("cert.pem"), foreign);
}

TEST_F(StateFolderTest, ServerCertificateIsMadeAnewForMoreNames) {
  static_cast<void>(open());
  const auto before = contents();
  const StateFolder second = open({"push.test"});
  EXPECT_THAT(changed_since(before), ElementsAre("server.pem"));
  EXPECT_TRUE(carries_names(second.server.certificate.get(), server_names({"push.test"})));
  const auto renewed = contents();
  static_cast<void>(open({"push.test"}));
  static_cast<void>(open());
  EXPECT_THAT(changed_since(renewed), ElementsAre());
}

TEST_F(StateFolderTest, TwoThreadsGetOneAuthority) {
  std::future<StateFolder> other = std::async(std::launch::async, [this] { return open(); });
  const StateFolder first = open();
  const StateFolder second = other.get();
  EXPECT_TRUE(are_equal(first.authority, second.authority));
  EXPECT_TRUE(are_equal(first.server, second.server));
  EXPECT_TRUE(are_equal(first.provider, second.provider));
  EXPECT_EQ(EVP_PKEY_eq(first.token_key.get(), second.token_key.get()), 1);
}

/// Sets a variable of the environment, or removes it; the destructor puts the old state back.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name); old != nullptr) {
      old_ = old;
    }
    set(value);
  }

  ~Variable() { set(old_ ? old_->c_str() : nullptr); }

  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }

  const char* name_;
  std::optional<std::string> old_;
};

TEST(DefaultStateDir, FollowsXdgStateHome) {
  const Variable state("XDG_STATE_HOME", "/var/state");
  EXPECT_EQ(default_state_dir(), "/var/state/apnslab");
}

TEST(DefaultStateDir, IsBelowHomeWithoutAnAbsoluteXdgStateHome) {
  const Variable home("HOME", "/home/someone");
  for (const char* value : {static_cast<const char*>(nullptr), "", "relative"}) {
    const Variable state("XDG_STATE_HOME", value);
    EXPECT_EQ(default_state_dir(), "/home/someone/.local/state/apnslab");
  }
}

TEST(DefaultStateDir, IsAnErrorWithoutBoth) {
  const Variable home("HOME", nullptr);
  const Variable state("XDG_STATE_HOME", nullptr);
  try {
    static_cast<void>(default_state_dir());
    FAIL() << "found";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), StartsWith("neither XDG_STATE_HOME nor HOME is set."));
  }
}

}  // namespace
}  // namespace apns::certs
