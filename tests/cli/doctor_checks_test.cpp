#include "cli/doctor_checks.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/version.h"

namespace apns::cli {
namespace {

using namespace std::chrono;
using Level = Diagnosis::Level;

/// A machine on which nothing is wrong.
DoctorFacts healthy() {
  DoctorFacts facts;
  facts.ports = {PortFact{.port = 2195, .what = "gateway"}};
  facts.descriptors_soft = 1024;
  facts.descriptors_hard = 20'000;
  facts.state.dir = "/state";
  facts.state.is_there = true;
  facts.state.files = {{"ca.key", 0600}, {"ca.pem", 0644}, {"key.pem", 0600}};
  facts.state.certificates = {CertificateFact{.name = "server.pem",
                                              .not_before = sys_days(year(2009) / 1 / 1),
                                              .not_after = sys_days(year(2119) / 12 / 31)}};
  facts.now = sys_days(year(2026) / 1 / 1);
  facts.newest_file = facts.now;
  facts.localhost = {"::1", "127.0.0.1"};
  facts.system_bundle = "/etc/ssl/certs/ca-certificates.crt";
  return facts;
}

const Diagnosis* find(const std::vector<Diagnosis>& all, const std::string& check) {
  const auto found = std::ranges::find(all, check, &Diagnosis::check);
  return found == all.end() ? nullptr : &*found;
}

TEST(Doctor, FindsNothingWrongWithAHealthyMachine) {
  for (const Diagnosis& diagnosis : diagnose(healthy())) {
    EXPECT_TRUE(diagnosis.level == Level::Ok || diagnosis.level == Level::Info)
        << diagnosis.check << ": " << diagnosis.found;
    EXPECT_EQ(diagnosis.fix, "") << diagnosis.check;
  }
}

struct Case {
  const char* name;
  std::function<void(DoctorFacts&)> spoil;
  const char* check;
  Level level;
  std::string found;
};

class DoctorFinds : public testing::TestWithParam<Case> {};

TEST_P(DoctorFinds, OneThingAndSaysWhatWouldBeRight) {
  const Case& row = GetParam();
  DoctorFacts facts = healthy();
  row.spoil(facts);
  const std::vector<Diagnosis> all = diagnose(facts);
  const Diagnosis* found = find(all, row.check);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(to_string(found->level), to_string(row.level));
  EXPECT_EQ(found->found, row.found);
  EXPECT_NE(found->fix, "");
  for (const Diagnosis& other : all) {
    if (other.check != row.check) {
      EXPECT_TRUE(other.level == Level::Ok || other.level == Level::Info)
          << other.check << ": " << other.found;
    }
  }
}

const Case kCases[] = {
    {"PortOfAnother",
     [](DoctorFacts& f) {
       f.ports[0].is_free = false;
       f.ports[0].owner = PortOwner{812, "nginx"};
     },
     "port 2195", Level::Fail, "is in use (gateway): pid 812, nginx"},
    {"PortOfAnotherUser",
     [](DoctorFacts& f) {
       f.ports[0].is_free = false;
       f.ports[0].owner = PortOwner{};
     },
     "port 2195", Level::Fail, "is in use (gateway): a process of another user"},
    {"PortThatIsForbidden",
     [](DoctorFacts& f) {
       f.ports[0].is_free = false;
       f.ports[0].refusal = "Permission denied";
     },
     "port 2195", Level::Fail, "cannot be used (gateway): Permission denied"},
    {"ReadyFileThatIsBroken",
     [](DoctorFacts& f) {
       f.service.is_told = true;
       f.service.problem = "ready.json: not JSON";
     },
     "running service", Level::Fail, "ready.json: not JSON"},
    {"ReadyFileLeftOver",
     [](DoctorFacts& f) {
       f.service.is_told = true;
       f.service.pid = 812;
     },
     "running service", Level::Warn, "ready.json is left over: there is no process 812"},
    {"ServiceThatIsStuck",
     [](DoctorFacts& f) {
       f.service = {.is_told = true, .problem = {}, .version = kVersion, .pid = 812, .runs = true};
     },
     "running service", Level::Fail, "pid 812 does not answer"},
    {"ServiceOfAnotherVersion",
     [](DoctorFacts& f) {
       f.service = {.is_told = true,
                    .problem = {},
                    .version = "0.0.1",
                    .pid = 812,
                    .runs = true,
                    .answers = true};
     },
     "running service", Level::Warn,
     std::string("pid 812 answers, but is version 0.0.1 and this is ") + kVersion},
    {"NoHttp2",
     [](DoctorFacts& f) {
       f.http2 = {{"HTTP/2", 2197, {.problem = "localhost:2197 refused"}}};
     },
     "HTTP/2", Level::Fail, "localhost:2197 refused"},
    {"ProviderTokenThatIsRefused",
     [](DoctorFacts& f) {
       f.http2 = {{"HTTP/2", 2197, {.status = 403, .reason = "InvalidProviderToken"}}};
     },
     "provider token", Level::Fail, "403 InvalidProviderToken"},
    {"KeyThatCannotSign",
     [](DoctorFacts& f) {
       f.http2 = {{"HTTP/2",
                   2197,
                   {.status = 403,
                    .reason = "MissingProviderToken",
                    .token_problem = "AuthKey_KEY0000001.p8 is a key of another kind"}}};
     },
     "provider token", Level::Fail, "AuthKey_KEY0000001.p8 is a key of another kind"},
    {"CurlWithoutHttp2",
     [](DoctorFacts& f) {
       f.tools = {{"curl", "curl 7.29.0", false}};
     },
     "curl", Level::Warn, "curl 7.29.0, without HTTP/2"},
    {"OldNode",
     [](DoctorFacts& f) {
       f.tools = {{"node", "v18.19.0"}};
     },
     "node", Level::Warn, "v18.19.0, too old for many provider libraries"},
    {"FewDescriptors", [](DoctorFacts& f) { f.descriptors_hard = 1024; }, "descriptors",
     Level::Warn, "1024, which serve raises to 1024"},
    {"NoDescriptors", [](DoctorFacts& f) { f.descriptors_soft = f.descriptors_hard = 64; },
     "descriptors", Level::Fail, "64, which serve raises to 64"},
    {"ClockBehindItsFiles", [](DoctorFacts& f) { f.newest_file = f.now + hours(48); }, "clock",
     Level::Warn, "2026-01-01T00:00:00Z, but there are files of 2026-01-03T00:00:00Z"},
    {"NoIpv4", [](DoctorFacts& f) { f.has_ipv4_loopback = false; }, "loopback", Level::Fail,
     "there is no 127.0.0.1"},
    {"NoIpv6", [](DoctorFacts& f) { f.has_ipv6_loopback = false; }, "loopback", Level::Warn,
     "there is no ::1, so that 127.0.0.1 alone is served"},
    {"LocalhostIsNobody", [](DoctorFacts& f) { f.localhost.clear(); }, "localhost", Level::Fail,
     "the name has no address"},
    {"LocalhostIsElsewhere", [](DoctorFacts& f) { f.localhost.emplace_back("10.0.0.7"); },
     "localhost", Level::Fail, "leads to 10.0.0.7"},
    {"FolderOpenToOthers", [](DoctorFacts& f) { f.state.mode = 0755; }, "state folder", Level::Warn,
     "/state is open to others (0755)"},
    {"FolderOfAnother", [](DoctorFacts& f) { f.state.is_ours = false; }, "state folder",
     Level::Fail, "/state is another user's"},
    {"FolderThatIsNone", [](DoctorFacts& f) { f.state.is_folder = false; }, "state folder",
     Level::Fail, "/state is no folder"},
    {"KeyOpenToOthers", [](DoctorFacts& f) { f.state.files[0].mode = 0640; }, "keys", Level::Fail,
     "others may read ca.key (0640)"},
    {"StrangeFile",
     [](DoctorFacts& f) {
       f.state.files.push_back({"notes.txt", 0644});
     },
     "other files", Level::Warn, "apnslab did not make notes.txt"},
    {"CertificateThatIsBroken",
     [](DoctorFacts& f) { f.state.certificates[0].problem = "cannot read a certificate"; },
     "server.pem", Level::Fail, "cannot read a certificate"},
    {"CertificateNotYetValid",
     [](DoctorFacts& f) { f.state.certificates[0].not_before = sys_days(year(2030) / 1 / 1); },
     "server.pem", Level::Fail, "is not valid before 2030-01-01T00:00:00Z"},
    {"CertificateExpired",
     [](DoctorFacts& f) { f.state.certificates[0].not_after = sys_days(year(2012) / 1 / 1); },
     "server.pem", Level::Fail, "has been invalid since 2012-01-01T00:00:00Z"},
    {"CertificateOfAnotherAuthority",
     [](DoctorFacts& f) { f.state.certificates[0].is_of_authority = false; }, "server.pem",
     Level::Fail, "ca.pem has not signed it"},
    {"CertificateWithoutItsKey", [](DoctorFacts& f) { f.state.certificates[0].has_key = false; },
     "server.pem", Level::Fail, "its key file is another one's, or not there"},
    {"CertificateWithoutAName",
     [](DoctorFacts& f) { f.state.certificates[0].missing_names = {"gateway.push.apple.com"}; },
     "server.pem", Level::Warn, "lacks gateway.push.apple.com"},
    {"TrustInAFileThatIsNotThere",
     [](DoctorFacts& f) {
       f.trust = {{"SSL_CERT_FILE", "/nope", false, false}};
     },
     "SSL_CERT_FILE", Level::Fail, "/nope is not there"},
    {"TrustInOthers",
     [](DoctorFacts& f) {
       f.trust = {{"SSL_CERT_FILE", "/other", true, false}};
     },
     "SSL_CERT_FILE", Level::Warn, "/other has not the authority of this state folder"},
    {"TrustInEverybody", [](DoctorFacts& f) { f.node_trusts_everything = true; },
     "NODE_TLS_REJECT_UNAUTHORIZED", Level::Warn,
     "is 0: Node trusts everybody, so that tests of trust prove nothing"},
    {"NoSystemBundle", [](DoctorFacts& f) { f.system_bundle.clear(); }, "system's CAs", Level::Warn,
     "no bundle found, so that ca-bundle.pem has our authority alone"},
    {"NoNamespaces", [](DoctorFacts& f) { f.namespaces_forbidden = "the system forbids it."; },
     "namespaces", Level::Warn, "the system forbids it."},
};

INSTANTIATE_TEST_SUITE_P(Machines, DoctorFinds, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(Doctor, AClockOutsideOfTheCertificatesIsNotPlausible) {
  for (const int wrong : {1970, 2008, 2100}) {
    DoctorFacts facts = healthy();
    facts.now = sys_days(year(wrong) / 6 / 1);
    facts.newest_file = facts.now;
    const auto all = diagnose(facts);
    EXPECT_EQ(find(all, "clock")->level, Level::Fail) << wrong;
  }
}

TEST(Doctor, ThePortsOfTheRunningServiceAreInOrder) {
  DoctorFacts facts = healthy();
  facts.service = {.is_told = true,
                   .problem = {},
                   .version = kVersion,
                   .pid = 812,
                   .runs = true,
                   .answers = true};
  facts.ports[0].is_free = false;
  facts.ports[0].owner = PortOwner{812, "apnslab"};
  const auto all = diagnose(facts);
  EXPECT_EQ(*find(all, "port 2195"),
            (Diagnosis{Level::Ok, "port 2195", "of the running service (gateway)", ""}));
  EXPECT_EQ(find(all, "running service")->level, Level::Ok);
}

TEST(Doctor, AFolderThatIsNotThereYetIsNoFault) {
  DoctorFacts facts = healthy();
  facts.state = StateFact{.dir = "/state"};
  EXPECT_EQ(*find(diagnose(facts), "state folder"),
            (Diagnosis{Level::Info, "state folder", "/state is not there; serve makes it", ""}));
}

TEST(Doctor, ToolsAreForInformation) {
  DoctorFacts facts = healthy();
  facts.tools = {{"openssl", "OpenSSL 3.0.11"}, {"node", "v22.1.0"}, {"curl", "curl 7.88.1"}};
  auto all = diagnose(facts);
  EXPECT_EQ(*find(all, "openssl"), (Diagnosis{Level::Info, "openssl", "OpenSSL 3.0.11", ""}));
  EXPECT_EQ(*find(all, "node"),
            (Diagnosis{Level::Info, "node",
                       "v22.1.0; trusts the service with NODE_EXTRA_CA_CERTS=/state/ca.pem", ""}));
  EXPECT_EQ(*find(all, "curl"),
            (Diagnosis{Level::Info, "curl",
                       "curl 7.88.1; trusts the service with --cacert /state/ca.pem", ""}));

  facts.trust = {{"NODE_EXTRA_CA_CERTS", "/state/ca.pem", true, true},
                 {"CURL_CA_BUNDLE", "/state/ca-bundle.pem", true, true}};
  all = diagnose(facts);
  EXPECT_EQ(find(all, "node")->found, "v22.1.0");
  EXPECT_EQ(find(all, "curl")->found, "curl 7.88.1");

  facts.tools = {{"curl", ""}};
  EXPECT_EQ(*find(diagnose(facts), "curl"), (Diagnosis{Level::Info, "curl", "not found", ""}));
}

TEST(Doctor, AnHttp2PortThatAnswersIsInOrder) {
  DoctorFacts facts = healthy();
  facts.http2 = {{"HTTP/2", 2197, {.status = 400, .reason = "BadMessageId"}},
                 {"HTTP/2, development", 3197, {.status = 200}}};
  auto all = diagnose(facts);
  EXPECT_EQ(*find(all, "HTTP/2"),
            (Diagnosis{Level::Ok, "HTTP/2", "port 2197 speaks it, over TLS by ALPN", ""}));
  EXPECT_EQ(*find(all, "provider token"),
            (Diagnosis{Level::Ok, "provider token", "is accepted", ""}));
  EXPECT_EQ(find(all, "HTTP/2, development")->level, Level::Ok);
  EXPECT_EQ(
      *find(all, "provider token, development"),
      (Diagnosis{Level::Info, "provider token, development", "the service looks at none", ""}));

  facts.http2 = {{"HTTP/2", 2197, {.status = 503, .reason = "ServiceUnavailable"}}};
  all = diagnose(facts);
  EXPECT_EQ(*find(all, "provider token"),
            (Diagnosis{Level::Info, "provider token",
                       "cannot be told: the service answers 503 ServiceUnavailable", ""}));
}

}  // namespace
}  // namespace apns::cli
