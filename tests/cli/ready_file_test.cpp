#include "cli/ready_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/whole_file.h"
#include "tests/certs/temporary_folder.h"

namespace apns::cli {
namespace {

using testing::HasSubstr;

mock::ServiceInfo filled() {
  mock::ServiceInfo ready;
  ready.host = "192.0.2.7";
  ready.gateway_port = 2195;
  ready.gateway_port_development = 65535;
  ready.feedback_port = 2196;
  ready.feedback_port_development = 3196;
  ready.state_dir = "/tmp/a \"folder\"";
  ready.device_token = mock::phone_device_token();
  ready.pid = 4711;
  return ready;
}

class ReadyFileTest : public testing::Test {
 public:
  [[nodiscard]] mock::ServiceInfo read(const std::string& text) const {
    certs::write_file(path(), text, 0600);
    return read_ready_file(path());
  }

  [[nodiscard]] std::string problem_of(const std::string& text) const {
    try {
      (void)read(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }

  [[nodiscard]] std::filesystem::path path() const { return folder.file("ready.json"); }

  certs::TemporaryFolder folder;
};

TEST_F(ReadyFileTest, ComesBackAsItWasWritten) {
  const mock::ServiceInfo wrote = filled();
  const mock::ServiceInfo ready = read(wrote.to_json());
  EXPECT_EQ(ready.host, wrote.host);
  EXPECT_EQ(ready.gateway_port, wrote.gateway_port);
  EXPECT_EQ(ready.gateway_port_development, wrote.gateway_port_development);
  EXPECT_EQ(ready.feedback_port, wrote.feedback_port);
  EXPECT_EQ(ready.feedback_port_development, wrote.feedback_port_development);
  EXPECT_EQ(ready.state_dir, wrote.state_dir);
  EXPECT_EQ(ready.device_token, wrote.device_token);
  EXPECT_EQ(ready.pid, wrote.pid);
}

TEST_F(ReadyFileTest, HasTheFilesOfTheStateFolder) {
  mock::ServiceInfo ready = filled();
  ready.state_dir = "/state";
  const std::string text = ready.to_json();
  EXPECT_THAT(text, testing::StartsWith("{\n  \"format\": 1,\n  \"host\": \"192.0.2.7\",\n"));
  EXPECT_THAT(text, HasSubstr("\"ca_file\": \"/state/ca.pem\""));
  EXPECT_THAT(text, HasSubstr("\"cert_file\": \"/state/cert.pem\""));
  EXPECT_THAT(text, HasSubstr("\"p8_file\": \"/state/AuthKey_KEY0000001.p8\""));
  EXPECT_THAT(text, HasSubstr("\"topic\": \"com.example.app\""));
  EXPECT_EQ(text.back(), '\n');
}

TEST_F(ReadyFileTest, KeysThatAreNotKnownYetAreIgnored) {
  const mock::ServiceInfo ready =
      read(R"({"format":1,"gateway_port":1,"gateway_port_development":2,"control_url":"x"})");
  EXPECT_EQ(ready.gateway_port, 1);
  EXPECT_EQ(ready.gateway_port_development, 2);
  EXPECT_EQ(ready.host, "localhost");
}

TEST_F(ReadyFileTest, OfAServiceWithoutFeedbackIsReadToo) {
  const mock::ServiceInfo ready = read(R"({"gateway_port":1,"gateway_port_development":2})");
  EXPECT_EQ(ready.feedback_port, 0);
  EXPECT_EQ(ready.feedback_port_development, 0);
}

TEST_F(ReadyFileTest, SaysWhatIsWrongAndWhere) {
  const std::string file = path().string();
  try {
    (void)read_ready_file(path());
    FAIL() << "there is no file";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "no service is running that I know of: " + file +
                  " is not there. Start `apnslab serve`, or name one with --to HOST:PORT.");
  }
  EXPECT_THAT(problem_of("{"), testing::StartsWith(file + ":1:2: "));
  EXPECT_EQ(problem_of("[]"), file + ":1:1: the ready file must be an object, not an array.");
  EXPECT_EQ(problem_of("{\"gateway_port\":0}"),
            file + ":1:17: gateway_port must be a whole number from 1 to 65535, not 0.");
  // A port of 0 would only be refused by the network, much later.
  EXPECT_EQ(problem_of("{\"gateway_port\":1}"),
            file + ":1:1: the ready file has no \"gateway_port_development\". It needs one.");
  EXPECT_EQ(problem_of(R"({"gateway_port":1,"gateway_port_development":2,"feedback_port":0})"),
            file + ":1:64: feedback_port must be a whole number from 1 to 65535, not 0.");
  EXPECT_EQ(problem_of("{\"gateway_port_development\":1}"),
            file + ":1:1: the ready file has no \"gateway_port\". It needs one.");
}

TEST(PhoneDeviceToken, IsThirtyTwoTimesA1) {
  EXPECT_EQ(mock::phone_device_token(),
            "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
}

}  // namespace
}  // namespace apns::cli
