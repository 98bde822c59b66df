#include "cli/target.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/ready_file.h"
#include "tests/certs/temporary_folder.h"
#include "tests/support/variables.h"

namespace apns::cli {
namespace {

using testing::StartsWith;

class FindTarget : public testing::Test {
 public:
  FindTarget() { variables.set("XDG_STATE_HOME", home.path().string()); }

  /// A state folder with the ready file of a running service.
  struct Running {
    certs::StateFolder state;
    std::string cert_pem;
    std::string ca_pem;
  };

  static Running run_in(const std::filesystem::path& dir, const std::string& host,
                        std::uint16_t port) {
    Running running;
    running.state = certs::open_state_folder(dir);
    running.cert_pem = certs::to_pem(running.state.provider.certificate.get());
    running.ca_pem = certs::to_pem(running.state.authority.certificate.get());
    mock::ServiceInfo ready;
    ready.host = host;
    ready.gateway_port = port;
    ready.gateway_port_development = static_cast<std::uint16_t>(port + 1000);
    ready.feedback_port = static_cast<std::uint16_t>(port + 1);
    ready.feedback_port_development = static_cast<std::uint16_t>(port + 1001);
    ready.control_url = "http://localhost:" + std::to_string(port + 4) + "/v1";
    ready.state_dir = dir.string();
    ready.device_token = "0102";
    certs::write_file(dir / "ready.json", ready.to_json(), 0600);
    return running;
  }

  Running run_at_home() {
    std::filesystem::create_directories(home.path() / "apnslab");
    return run_in(home.path() / "apnslab", "localhost", 2195);
  }

  Running run_elsewhere() { return run_in(other.path(), "192.0.2.7", 5000); }

  static std::string problem_of(const TargetOptions& options) {
    try {
      (void)find_target(options);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "none";
  }

  static std::string pem_of(const Target& target) {
    return certs::to_pem(target.credential.certificate.get());
  }

  test::Variables variables = {
      "HOME",
      "XDG_STATE_HOME",
      "APNSLAB_HOST",
      "APNSLAB_GATEWAY_PORT",
      "APNSLAB_GATEWAY_PORT_DEVELOPMENT",
      "APNSLAB_FEEDBACK_PORT",
      "APNSLAB_FEEDBACK_PORT_DEVELOPMENT",
      "APNSLAB_HTTP2_PORT",
      "APNSLAB_HTTP2_PORT_DEVELOPMENT",
      "APNSLAB_CONTROL_URL",
      "APNSLAB_CA_FILE",
      "APNSLAB_CERT_FILE",
      "APNSLAB_KEY_FILE",
      "APNSLAB_PASSWORD",
      "APNSLAB_DEVICE_TOKEN",
      "APNSLAB_DEVICE_TOKEN_DEVELOPMENT",
  };
  certs::TemporaryFolder home;
  certs::TemporaryFolder other;
  TargetOptions options;
};

TEST_F(FindTarget, FindsTheRunningServiceByItself) {
  const Running running = run_at_home();
  const Target target = find_target(options);
  EXPECT_EQ(target.at, (Endpoint{"localhost", 2195}));
  EXPECT_EQ(pem_of(target), running.cert_pem);
  ASSERT_EQ(target.authorities.size(), 1U);
  EXPECT_EQ(certs::to_pem(target.authorities[0].get()), running.ca_pem);
  EXPECT_NE(target.credential.key, nullptr);
  EXPECT_EQ(target.phone_device_token, "0102");

  options.environment = "development";
  EXPECT_EQ(find_target(options).at, (Endpoint{"localhost", 3195}));
}

TEST_F(FindTarget, FindsTheFeedbackServiceTheSameWay) {
  run_at_home();
  EXPECT_EQ(find_target(options, TargetPort::Feedback).at, (Endpoint{"localhost", 2196}));
  options.environment = "development";
  EXPECT_EQ(find_target(options, TargetPort::Feedback).at, (Endpoint{"localhost", 3196}));

  variables.set("APNSLAB_GATEWAY_PORT", "1");
  variables.set("APNSLAB_GATEWAY_PORT_DEVELOPMENT", "2");
  variables.set("APNSLAB_FEEDBACK_PORT_DEVELOPMENT", "4242");
  EXPECT_EQ(find_target(options, TargetPort::Feedback).at, (Endpoint{"localhost", 4242}));
  options.environment = "production";
  EXPECT_EQ(find_target(options, TargetPort::Feedback).at, (Endpoint{"localhost", 2196}))
      << "the gateway's variable says nothing of it";
  options.to = "feedback.example:7";
  EXPECT_EQ(find_target(options, TargetPort::Feedback).at, (Endpoint{"feedback.example", 7}));
}

TEST_F(FindTarget, KnowsTheControlApiOfTheSameServiceOnly) {
  (void)run_at_home();
  EXPECT_EQ(find_target(options).control_url, "http://localhost:2199/v1");
  variables.set("APNSLAB_CONTROL_URL", "http://localhost:1/v1");
  EXPECT_EQ(find_target(options).control_url, "http://localhost:2199/v1");
  variables.set("APNSLAB_GATEWAY_PORT", "4242");
  EXPECT_EQ(find_target(options).control_url, "http://localhost:1/v1");
  options.to = "localhost:2195";
  EXPECT_EQ(find_target(options).control_url, "");
}

TEST_F(FindTarget, KnowsWhetherAVariableToldTheDeviceToken) {
  (void)run_at_home();
  EXPECT_FALSE(find_target(options).is_phone_device_token_told);
  variables.set("APNSLAB_DEVICE_TOKEN", "0304");
  EXPECT_TRUE(find_target(options).is_phone_device_token_told);
}

TEST_F(FindTarget, SaysThatTheServiceHasToldOfNoFeedback) {
  run_at_home();
  const auto file = home.path() / "apnslab" / "ready.json";
  certs::write_file(file, R"({"gateway_port": 2195, "gateway_port_development": 3195})", 0600);
  try {
    (void)find_target(options, TargetPort::Feedback);
    FAIL() << "it was found";
  } catch (const std::exception& error) {
    EXPECT_EQ(error.what(),
              file.string() +
                  " names no feedback service of the production environment. Start `apnslab serve` "
                  "again, or name one with --to HOST:PORT.");
  }
}

TEST_F(FindTarget, FindsTheHttp2PortByVariableAndReadyFile) {
  run_at_home();
  const auto file = home.path() / "apnslab" / "ready.json";
  certs::write_file(
      file, R"({"http2_port": 2197, "http2_port_development": 3197, "host": "192.0.2.7"})", 0600);
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"192.0.2.7", 2197}));
  options.environment = "development";
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"192.0.2.7", 3197}));
  variables.set("APNSLAB_HTTP2_PORT", "4242");
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"192.0.2.7", 3197}))
      << "that variable says nothing of it";
  variables.set("APNSLAB_HTTP2_PORT_DEVELOPMENT", "4243");
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"localhost", 4243}));
  options.environment = "production";
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"localhost", 4242}));
  options.to = "api.example:443";
  EXPECT_EQ(find_target(options, TargetPort::Http2).at, (Endpoint{"api.example", 443}));
}

TEST_F(FindTarget, SaysWhatToDoWhereTheServiceHasNoHttp2) {
  run_at_home();
  const auto file = home.path() / "apnslab" / "ready.json";
  certs::write_file(file, R"({"gateway_port": 2195, "gateway_port_development": 3195})", 0600);
  try {
    (void)find_target(options, TargetPort::Http2);
    FAIL() << "it was found";
  } catch (const std::exception& error) {
    EXPECT_EQ(error.what(),
              file.string() +
                  " names no HTTP/2 port of the production environment. Use --protocol binary, "
                  "start an `apnslab serve` that has one, or name one with --to HOST:PORT.");
  }
}

// While a service's CA changes both are good.
TEST_F(FindTarget, TrustsEachAuthorityOfAFile) {
  const Running first = run_at_home();
  const Running second = run_elsewhere();
  const auto both = other.path() / "both.pem";
  certs::write_file(both, first.ca_pem + "# and\n" + second.ca_pem, 0600);
  options.ca = both.string();
  const Target target = find_target(options);
  ASSERT_EQ(target.authorities.size(), 2U);
  EXPECT_EQ(certs::to_pem(target.authorities[0].get()), first.ca_pem);
  EXPECT_EQ(certs::to_pem(target.authorities[1].get()), second.ca_pem);
}

TEST_F(FindTarget, SaysHowToStartOneWhereNoneRuns) {
  EXPECT_EQ(
      problem_of(options),
      "no service is running that I know of: " + (home.path() / "apnslab" / "ready.json").string() +
          " is not there. Start `apnslab serve`, or name one with --to HOST:PORT.");
}

TEST_F(FindTarget, TakesTheVariablesBeforeTheReadyFile) {
  run_at_home();
  const Running running = run_elsewhere();
  variables.set("APNSLAB_GATEWAY_PORT", "4242");
  variables.set("APNSLAB_GATEWAY_PORT_DEVELOPMENT", "4243");
  variables.set("APNSLAB_DEVICE_TOKEN", "aa");
  variables.set("APNSLAB_DEVICE_TOKEN_DEVELOPMENT", "bb");
  variables.set("APNSLAB_CERT_FILE", running.state.file("cert.pem").string());
  variables.set("APNSLAB_KEY_FILE", running.state.file("key.pem").string());
  variables.set("APNSLAB_CA_FILE", running.state.file("ca.pem").string());
  Target target = find_target(options);
  EXPECT_EQ(target.at, (Endpoint{"localhost", 4242}));
  EXPECT_EQ(target.phone_device_token, "aa");
  EXPECT_EQ(pem_of(target), running.cert_pem);
  EXPECT_EQ(certs::to_pem(target.authorities[0].get()), running.ca_pem);

  options.environment = "development";
  variables.set("APNSLAB_HOST", "192.0.2.1");
  target = find_target(options);
  EXPECT_EQ(target.at, (Endpoint{"192.0.2.1", 4243}));
  EXPECT_EQ(target.phone_device_token, "bb");
}

TEST_F(FindTarget, TakesTheOptionsBeforeTheVariables) {
  run_at_home();
  const Running running = run_elsewhere();
  variables.set("APNSLAB_GATEWAY_PORT", "4242");
  variables.set("APNSLAB_CERT_FILE", "/not/there");
  variables.set("APNSLAB_KEY_FILE", "/not/there");
  variables.set("APNSLAB_CA_FILE", "/not/there");
  options.to = "gateway.example:1";
  options.credential.cert = running.state.file("cert.pem").string();
  options.credential.key = running.state.file("key.pem").string();
  options.ca = running.state.file("ca.pem").string();
  const Target target = find_target(options);
  EXPECT_EQ(target.at, (Endpoint{"gateway.example", 1}));
  EXPECT_EQ(pem_of(target), running.cert_pem);
}

TEST_F(FindTarget, AStateFolderThatIsNamedGoesBeforeTheVariablesAltogether) {
  // As in a shell below `apnslab exec` whose user means another service.
  run_at_home();
  const Running running = run_elsewhere();
  variables.set("APNSLAB_HOST", "192.0.2.1");
  variables.set("APNSLAB_GATEWAY_PORT", "4242");
  variables.set("APNSLAB_DEVICE_TOKEN", "aa");
  variables.set("APNSLAB_CERT_FILE", "/not/there");
  variables.set("APNSLAB_KEY_FILE", "/not/there");
  variables.set("APNSLAB_CA_FILE", "/not/there");
  options.state = other.path().string();
  const Target target = find_target(options);
  EXPECT_EQ(target.at, (Endpoint{"192.0.2.7", 5000}));
  EXPECT_EQ(target.phone_device_token, "0102");
  EXPECT_EQ(pem_of(target), running.cert_pem);
  EXPECT_EQ(certs::to_pem(target.authorities[0].get()), running.ca_pem);
}

TEST_F(FindTarget, NeedsNoReadyFileWhereToIsGiven) {
  std::filesystem::create_directories(home.path() / "apnslab");
  (void)certs::open_state_folder(home.path() / "apnslab");
  options.to = "localhost:2195";
  const Target target = find_target(options);
  EXPECT_EQ(target.phone_device_token, mock::phone_device_token());
}

struct ToCase {
  const char* name;
  const char* to;
  Endpoint endpoint;
  const char* problem;
};

class FindTargetAt : public FindTarget, public testing::WithParamInterface<ToCase> {};

TEST_P(FindTargetAt, UnderstandsHostAndPort) {
  const ToCase& row = GetParam();
  std::filesystem::create_directories(home.path() / "apnslab");
  (void)certs::open_state_folder(home.path() / "apnslab");
  options.to = row.to;
  EXPECT_EQ(problem_of(options), row.problem);
  if (std::string(row.problem) == "none") {
    EXPECT_EQ(find_target(options).at, row.endpoint);
  }
}

const ToCase kToCases[] = {
    {"Name", "localhost:2195", {"localhost", 2195}, "none"},
    {"LastPort", "localhost:65535", {"localhost", 65535}, "none"},
    {"Ipv4", "127.0.0.1:1", {"127.0.0.1", 1}, "none"},
    {"Ipv6", "[::1]:2195", {"::1", 2195}, "none"},
    {"NoPort", "localhost", {}, "--to must be HOST:PORT, not \"localhost\"."},
    {"NoHost", ":2195", {}, "--to must be HOST:PORT, not \":2195\"."},
    {"Ipv6WithoutBrackets", "::1", {}, "--to must be HOST:PORT, not \"::1\"."},
    {"Ipv6WithoutPort", "[::1]", {}, "--to must be HOST:PORT, not \"[::1]\"."},
    {"EmptyBrackets", "[]:1", {}, "--to must be HOST:PORT, not \"[]:1\"."},
    {"EmptyPort", "localhost:", {}, "--to: \"\" is not a port (1 to 65535)."},
    {"PortZero", "localhost:0", {}, "--to: \"0\" is not a port (1 to 65535)."},
    {"PortTooLarge", "localhost:65536", {}, "--to: \"65536\" is not a port (1 to 65535)."},
    {"PortInWords", "localhost:http", {}, "--to: \"http\" is not a port (1 to 65535)."},
    {"PortAndMore", "localhost:1x", {}, "--to: \"1x\" is not a port (1 to 65535)."},
};

INSTANTIATE_TEST_SUITE_P(To, FindTargetAt, testing::ValuesIn(kToCases),
                         [](const auto& row) { return row.param.name; });

TEST_F(FindTarget, SaysWhichVariableIsNoPort) {
  variables.set("APNSLAB_GATEWAY_PORT", "abc");
  EXPECT_EQ(problem_of(options), "APNSLAB_GATEWAY_PORT: \"abc\" is not a port (1 to 65535).");
  options.environment = "development";
  variables.set("APNSLAB_GATEWAY_PORT_DEVELOPMENT", "0");
  EXPECT_EQ(problem_of(options),
            "APNSLAB_GATEWAY_PORT_DEVELOPMENT: \"0\" is not a port (1 to 65535).");
}

TEST_F(FindTarget, SaysWhichFileIsMissing) {
  run_at_home();
  options.credential.cert = "/not/there.pem";
  EXPECT_EQ(problem_of(options), "the client certificate /not/there.pem is not there.");
  options.credential.cert = (home.path() / "apnslab" / "cert.pem").string();
  options.credential.key = "/not/there.key";
  EXPECT_EQ(problem_of(options), "the client certificate's key /not/there.key is not there.");
  options.credential.key = (home.path() / "apnslab" / "key.pem").string();
  options.ca = "/not/ca.pem";
  EXPECT_EQ(problem_of(options), "the CA /not/ca.pem is not there.");
  options.credential.p12 = "/not/there.p12";
  EXPECT_EQ(problem_of(options), "--p12 /not/there.p12 is not there.");
}

TEST_F(FindTarget, SaysWhichFileIsNoGood) {
  run_at_home();
  const std::string bad = other.file("bad.pem").string();
  certs::write_file(bad, "nothing of use\n", 0600);
  options.credential.cert = bad;
  EXPECT_THAT(problem_of(options),
              StartsWith("the client certificate " + bad + ": cannot read a certificate ("));
  options.credential.cert = (home.path() / "apnslab" / "cert.pem").string();
  options.credential.key = bad;
  EXPECT_THAT(problem_of(options),
              StartsWith("the client certificate's key " + bad + ": cannot read a "));
  options.credential.key = (home.path() / "apnslab" / "key.pem").string();
  options.ca = bad;
  EXPECT_THAT(problem_of(options), StartsWith("the CA " + bad + ": cannot read a certificate ("));
  options.credential.p12 = bad;
  EXPECT_THAT(problem_of(options), StartsWith("--p12 " + bad + ": cannot "));
}

TEST_F(FindTarget, AFileWithCertificateAndKeyNeedsNoOther) {
  const Running home_service = run_at_home();
  const Running running = run_elsewhere();
  const std::string both = other.file("both.pem").string();
  certs::write_file(both, running.cert_pem + certs::to_pem(running.state.provider.key.get()), 0600);
  options.credential.cert = both;
  const Target target = find_target(options);
  EXPECT_EQ(pem_of(target), running.cert_pem);
  EXPECT_EQ(certs::to_pem(target.credential.key.get()),
            certs::to_pem(running.state.provider.key.get()));
}

TEST_F(FindTarget, OpensAPkcs12FileWithThePassword) {
  run_at_home();
  const Running running = run_elsewhere();
  options.credential.p12 = running.state.file("provider.p12").string();
  options.credential.password = certs::kDefaultPassword;
  EXPECT_EQ(pem_of(find_target(options)), running.cert_pem);

  options.credential.password = "wrong";
  EXPECT_THAT(problem_of(options), StartsWith("--p12 " + options.credential.p12 + ": cannot "));
  options.credential.password.clear();
  variables.set("APNSLAB_PASSWORD", std::string(certs::kDefaultPassword));
  EXPECT_EQ(pem_of(find_target(options)), running.cert_pem);

  options.credential.p12 = running.state.file("truststore.p12").string();
  EXPECT_EQ(problem_of(options),
            "--p12 " + options.credential.p12 + " holds no certificate with its key.");
}

}  // namespace
}  // namespace apns::cli
