#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "mock_apns/control/router.h"
#include "mock_apns/service.h"

namespace apns::mock::control {

/// Named worlds, each the text of a world file. Of the API's thread.
class Snapshots {
 public:
  static constexpr std::size_t kMaxSnapshots = 100;
  static constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;  // of all together

  /// Throws Problem: one of the bounds.
  void put(const std::string& name, std::string text);

  /// Throws Problem 404.
  [[nodiscard]] const std::string& get(const std::string& name) const;

  /// Throws Problem 404.
  void erase(const std::string& name);

  [[nodiscard]] const std::map<std::string, std::string>& all() const { return texts_; }

 private:
  std::map<std::string, std::string> texts_;
};

/// Back to a known state: /reset, /snapshots. `service` and `snapshots` outlive the router.
void add_reset_routes(Router& router, Service& service, Snapshots& snapshots);

}  // namespace apns::mock::control
