#include "cli/control_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/whole_file.h"
#include "mock_apns/service_info.h"
#include "tests/certs/temporary_folder.h"
#include "tests/support/variables.h"

namespace apns::cli {
namespace {

class FindControl : public testing::Test {
 protected:
  FindControl() {
    variables.set("XDG_STATE_HOME", home.path().string());
    std::filesystem::create_directories(home.path() / "apnslab");
  }

  static void run_in(const std::filesystem::path& dir, const std::string& control_url) {
    mock::ServiceInfo ready;
    ready.gateway_port = 1;
    ready.gateway_port_development = 2;
    ready.control_url = control_url;
    certs::write_file(dir / "ready.json", ready.to_json(), 0600);
  }

  [[nodiscard]] std::string found() const {
    try {
      const ControlAddress at = find_control(options);
      return at.url() + (at.secret.empty() ? "" : " " + at.secret);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  test::Variables variables = {"HOME", "XDG_STATE_HOME", "APNSLAB_CONTROL_URL", "APNSLAB_SECRET"};
  certs::TemporaryFolder home;
  certs::TemporaryFolder other;
  ControlTargetOptions options;
};

TEST_F(FindControl, TakesTheOptionThenTheVariableThenTheReadyFile) {
  run_in(home.path() / "apnslab", "http://localhost:1/v1");
  EXPECT_EQ(found(), "http://localhost:1/v1");
  variables.set("APNSLAB_CONTROL_URL", "http://localhost:2/v1");
  EXPECT_EQ(found(), "http://localhost:2/v1");
  options.control = "localhost:3";
  EXPECT_EQ(found(), "http://localhost:3/v1");
}

TEST_F(FindControl, AStateFolderThatIsNamedGoesBeforeTheVariable) {
  run_in(other.path(), "http://localhost:4/v1");
  variables.set("APNSLAB_CONTROL_URL", "http://localhost:2/v1");
  options.state = other.path().string();
  EXPECT_EQ(found(), "http://localhost:4/v1");
}

TEST_F(FindControl, TakesTheSecretOfTheOptionOrOfTheVariable) {
  options.control = "localhost:3";
  variables.set("APNSLAB_SECRET", "open");
  EXPECT_EQ(found(), "http://localhost:3/v1 open");
  options.secret = "sesame";
  EXPECT_EQ(found(), "http://localhost:3/v1 sesame");
}

TEST_F(FindControl, SaysWhatIsMissing) {
  const std::string file = (home.path() / "apnslab/ready.json").string();
  EXPECT_EQ(found(), "no service is running that I know of: " + file +
                         " is not there. Start `apnslab serve`, or name one with --control URL.");
  run_in(home.path() / "apnslab", "");
  EXPECT_THAT(found(), testing::StartsWith(file + " names no control API."));
  run_in(home.path() / "apnslab", "nonsense:x");
  EXPECT_EQ(found(), file +
                         ": control_url must be a URL like http://localhost:2199/v1, not "
                         "\"nonsense:x\".");
  variables.set("APNSLAB_CONTROL_URL", "https://localhost");
  EXPECT_THAT(found(), testing::StartsWith("APNSLAB_CONTROL_URL must be a URL like "));
}

}  // namespace
}  // namespace apns::cli
