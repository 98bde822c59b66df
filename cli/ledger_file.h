#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "mock_apns/ledger_event.h"

namespace apns::cli {

/// The ledger as JSON Lines in a file, each line there as soon as it is written: whoever reads
/// along sees whole lines only.
class LedgerFile {
 public:
  /// An existing file is emptied; "-" is standard output. No program that is started inherits it.
  /// Throws std::runtime_error naming the file, with the system's text.
  explicit LedgerFile(std::string name);

  /// One thread at a time. What cannot be written is said by close().
  void write(const mock::LedgerEvent& event);

  /// Throws std::runtime_error naming the file if a line is missing in it.
  void close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };

  void failed();

  std::string name_;
  std::unique_ptr<std::FILE, Closer> file_;
  int error_ = 0;  // of the first line that could not be written
};

}  // namespace apns::cli
