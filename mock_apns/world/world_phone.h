#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "mock_apns/world/world.h"

/// Inside of world.h: how the world keeps a phone.
namespace apns::mock {

/// A phone with its lock, and what its apps are registered as. Whoever has a pointer to it may find
/// it removed.
struct World::Box {
  const std::uint32_t number;
  const std::string name;
  std::mutex mutex;  // over all below
  bool is_removed = false;
  std::uint64_t num_tokens_made = 0;
  Phone phone;
  std::unordered_map<std::string, DeviceToken> tokens;  // by bundle id, the newest

  Box(std::uint32_t its_number, Phone its_phone)
      : number(its_number), name(its_phone.options().name), phone(std::move(its_phone)) {}
};

/// A phone that is there, and stays so as long as this object lives.
class World::Locked {
 public:
  explicit Locked(std::shared_ptr<Box> box) : box_(std::move(box)), lock_(box_->mutex) {}

  Box& operator*() const { return *box_; }

  Box* operator->() const { return box_.get(); }

 private:
  std::shared_ptr<Box> box_;
  std::unique_lock<std::mutex> lock_;
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
