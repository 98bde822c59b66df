#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "mock_apns/world/world.h"

/// Inside of world.h: how the world keeps a phone.
namespace apns::mock {

/// A phone with its lock, and what its apps are registered as.
struct World::Box {
  std::uint32_t number = 0;
  std::uint64_t num_tokens_made = 0;
  mutable std::mutex mutex;  // over all below
  Phone phone;
  std::unordered_map<std::string, DeviceToken> tokens;  // by bundle id, the newest

  Box(std::uint32_t its_number, Phone its_phone)
      : number(its_number), phone(std::move(its_phone)) {}
};

/// Writes what comes of a push into the ledger, and takes note of apps that are gone. Lives for one
/// call, under the phone's lock.
class World::Recorder final : public DeliverySink {
 public:
  Recorder(World& world, unsigned ring) : world_(world), ring_(ring) {}

  void delivered(const Delivery& delivery) override;
  void app_is_gone(std::string_view bundle_id, const DeviceToken& device_token,
                   std::uint64_t of) override;

 private:
  World& world_;
  unsigned ring_;
};

}  // namespace apns::mock
