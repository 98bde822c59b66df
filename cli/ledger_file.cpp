#include "cli/ledger_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include "mock_apns/ledger_text.h"

namespace apns::cli {

LedgerFile::LedgerFile(std::string name)
    : name_(std::move(name)),
      file_(name_ == "-" ? ::fdopen(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w")
                         : std::fopen(name_.c_str(), "we")) {
  if (!file_) {
    throw std::runtime_error("--ledger " + name_ + ": " + std::strerror(errno) +
                             ". Name a file that can be written.");
  }
}

void LedgerFile::write(const mock::LedgerEvent& event) {
  const std::string line = mock::to_json_line(event) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() ||
      std::fflush(file_.get()) != 0) {
    failed();
  }
}

void LedgerFile::close() {
  if (file_ && std::fclose(file_.release()) != 0) {
    failed();
  }
  if (error_ != 0) {
    throw std::runtime_error("--ledger " + name_ + " is not complete: " + std::strerror(error_) +
                             ". Name a file with room for it.");
  }
}

void LedgerFile::failed() {
  if (error_ == 0) {
    error_ = errno;
  }
}

}  // namespace apns::cli
