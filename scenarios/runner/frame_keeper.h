#pragma once

#include <string>
#include <vector>

#include "apns/base/bytes.h"

namespace apns::scenarios {

/// The last frames that went one way on a connection, for the report of a failure.
class FrameKeeper {
 public:
  virtual ~FrameKeeper() = default;

  virtual void add(ByteView bytes) = 0;

  /// Oldest first, each in hex with named fields: "08 08 00 00 00 04   error packet, status 8
  /// (invalid token), identifier 4".
  [[nodiscard]] virtual std::vector<std::string> lines() const = 0;
};

/// A line of it; of the bytes the first 24.
[[nodiscard]] std::string frame_line(ByteView bytes, const std::string& fields);

}  // namespace apns::scenarios
