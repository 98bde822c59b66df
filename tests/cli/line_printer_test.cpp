#include "cli/line_printer.h"

#include <array>
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

/// Standard output through a pipe, which nobody reads before read_all().
class StdoutPipe {
 public:
  StdoutPipe() {
    (void)std::fflush(stdout);
    if (::pipe(ends_.data()) != 0) {
      throw std::runtime_error("no pipe");
    }
    before_ = ::dup(STDOUT_FILENO);
    ::dup2(ends_[1], STDOUT_FILENO);
    ::close(ends_[1]);
  }

  ~StdoutPipe() {
    restore();
    if (reader_.joinable()) {
      reader_.join();
    }
    ::close(ends_[0]);
  }

  StdoutPipe(const StdoutPipe&) = delete;
  StdoutPipe& operator=(const StdoutPipe&) = delete;

  void start_reading() {
    reader_ = std::thread([this] {
      std::array<char, 65536> buffer{};
      for (;;) {
        const ssize_t n = ::read(ends_[0], buffer.data(), buffer.size());
        if (n <= 0) {
          return;
        }
        text_.append(buffer.data(), static_cast<std::size_t>(n));
      }
    });
  }

  /// The lines of all that was written; standard output is what it was.
  std::vector<std::string> lines() {
    restore();
    reader_.join();
    std::istringstream in(text_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) {
      all.push_back(line);
    }
    return all;
  }

 private:
  void restore() {
    if (before_ >= 0) {
      (void)std::fflush(stdout);
      ::dup2(before_, STDOUT_FILENO);  // closes the pipe's last writing end
      ::close(before_);
      before_ = -1;
    }
  }

  std::array<int, 2> ends_{};
  int before_ = -1;
  std::thread reader_;
  std::string text_;
};

TEST(LinePrinter, WritesAllInOrderBeforeItIsGone) {
  StdoutPipe pipe;
  pipe.start_reading();
  {
    LinePrinter printer;
    for (int i = 0; i < 20'000; ++i) {
      printer.print("line " + std::to_string(i));
    }
  }
  const std::vector<std::string> lines = pipe.lines();
  ASSERT_EQ(lines.size(), 20'000U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_EQ(lines[i], "line " + std::to_string(i));
  }
}

TEST(LinePrinter, WritesNothingWhenThereIsNothing) {
  StdoutPipe pipe;
  pipe.start_reading();
  { const LinePrinter printer; }
  EXPECT_TRUE(pipe.lines().empty());
}

TEST(LinePrinter, SaysHowManyLinesWereLostToAPipeThatNobodyReads) {
  constexpr std::uint64_t kPrinted = 300'000;
  StdoutPipe pipe;
  {
    LinePrinter printer;
    // Never held up, though nobody reads: the queue and one batch take 200,000 at most.
    for (std::uint64_t i = 0; i < kPrinted; ++i) {
      printer.print(std::to_string(i));
    }
    pipe.start_reading();
  }
  std::uint64_t num_lines = 0;
  std::uint64_t num_lost = 0;
  std::uint64_t last = 0;
  for (const std::string& line : pipe.lines()) {
    const std::size_t words =
        line.find(" lines were not printed: standard output was not read fast enough");
    if (words != std::string::npos) {
      num_lost += std::stoull(line.substr(0, words));
      continue;
    }
    const std::uint64_t number = std::stoull(line);
    ASSERT_TRUE(num_lines == 0 || number > last) << line << " came after " << last;
    last = number;
    ++num_lines;
  }
  EXPECT_GE(num_lost, 90'000U);
  EXPECT_EQ(num_lines + num_lost, kPrinted);
}

}  // namespace
}  // namespace apns::cli
