#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "apns/base/time.h"
#include "apns/model/device_token.h"

namespace apns::cli {

/// What the app's own database knows of registrations, as JSON Lines, read anew each time and never
/// kept: {"device_token":"a1a1…","registered_at":"2025-11-25T10:14:05Z"}. Blank lines and other
/// keys are passed over.
class Registrations {
 public:
  static constexpr std::size_t kMaxLineBytes = 65536;

  /// "-" is standard input. Throws std::runtime_error if it cannot be opened.
  explicit Registrations(std::string name);

  /// Can it be read more than once? A pipe cannot.
  [[nodiscard]] bool is_file() const { return is_file_; }

  /// Gives every line to `each`. Throws std::runtime_error, with the place and what would be right,
  /// at the first line that is no registration, and when what is no file is read again.
  void read(const std::function<void(const DeviceToken&, WorldTime)>& each);

 private:
  std::string name_;
  bool is_file_;
  bool was_read_ = false;
};

}  // namespace apns::cli
