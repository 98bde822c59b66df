#include "certs/whole_file.h"

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/certs/temporary_folder.h"

namespace apns::certs {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class WholeFile : public ::testing::Test {
 protected:
  [[nodiscard]] int num_files() const {
    int num = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) {
      ++num;
    }
    return num;
  }

  TemporaryFolder folder;
};

TEST_F(WholeFile, IsReadAsWritten) {
  std::string text(200'000, 'x');
  text[100] = '\0';
  write_file(folder.file("a"), text, 0644);
  EXPECT_EQ(read_file(folder.file("a")), text);
  EXPECT_EQ(num_files(), 1);
}

TEST_F(WholeFile, IsReplaced) {
  write_file(folder.file("a"), "first, longer", 0644);
  write_file(folder.file("a"), "second", 0600);
  EXPECT_EQ(read_file(folder.file("a")), "second");
  EXPECT_EQ(fs::status(folder.file("a")).permissions(), fs::perms(0600));
}

TEST_F(WholeFile, ThatIsMissingIsNothing) {
  EXPECT_EQ(read_file(folder.file("a")), std::nullopt);
}

TEST_F(WholeFile, InAMissingFolderIsAnErrorNamingIt) {
  try {
    write_file(folder.file("no/a"), "text", 0644);
    FAIL() << "written";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot write " + folder.file("no/a").string() + ": No such file or directory");
  }
}

TEST_F(WholeFile, InAFoldersPlaceIsAnErrorAndLeavesNothing) {
  fs::create_directory(folder.file("a"));
  EXPECT_THROW(write_file(folder.file("a"), "text", 0644), std::runtime_error);
  EXPECT_EQ(num_files(), 1);
  EXPECT_THROW(static_cast<void>(read_file(folder.file("a"))), std::runtime_error);
}

TEST_F(WholeFile, LockKeepsOthersOut) {
  constexpr int kRounds = 200;
  std::atomic<int> counter = 0;  // read and written in two steps: only the lock makes them one
  const auto count = [this, &counter] {
    for (int i = 0; i < kRounds; ++i) {
      const FileLock lock(folder.file(".lock"));
      const int before = counter.load();
      std::this_thread::yield();
      counter.store(before + 1);
    }
  };
  std::thread other(count);
  count();
  other.join();
  EXPECT_EQ(counter.load(), 2 * kRounds);
}

TEST_F(WholeFile, LockInAMissingFolderIsAnErrorNamingIt) {
  try {
    const FileLock lock(folder.file("no/.lock"));
    FAIL() << "locked";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("cannot lock"), HasSubstr("no/.lock")));
  }
}

}  // namespace
}  // namespace apns::certs
