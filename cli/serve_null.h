#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "mock_apns/null_service.h"

namespace apns::cli {

/// What `serve --null` is told.
struct NullServe {
  mock::NullServiceOptions service;
  std::filesystem::path dir;       // state folder, made if it is not there
  std::vector<std::string> names;  // more ones for the server certificate
  std::string ready_file;          // one more place for ready.json; empty: none
  Duration drain{};
  bool json = false;
  bool quiet = false;
};

/// Serves until a signal, then drains and sums up. Returns the exit code; throws std::runtime_error
/// with a full sentence.
[[nodiscard]] int serve_null(const NullServe& wanted);

}  // namespace apns::cli
