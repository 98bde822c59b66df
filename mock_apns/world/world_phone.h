#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
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
  std::map<TokenName, DeviceToken> tokens;  // the newest of each name

  Box(std::uint32_t its_number, Phone its_phone)
      : number(its_number), name(its_phone.options().name), phone(std::move(its_phone)) {}

  /// Null: it has none of this name.
  [[nodiscard]] const DeviceToken* find(const TokenName& token_name) const {
    const auto token = tokens.find(token_name);
    return token == tokens.end() ? nullptr : &token->second;
  }

  /// Null: no app of this phone has it now.
  [[nodiscard]] const TokenName* name_of(const DeviceToken& token) const {
    for (const auto& [token_name, its] : tokens) {
      if (its == token) {
        return &token_name;
      }
    }
    return nullptr;
  }
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
  Recorder(World& world, Box& box, unsigned ring) : world_(world), box_(box), ring_(ring) {}

  void delivered(const Delivery& delivery) override;
  void app_is_gone(std::string_view bundle_id, const DeviceToken& device_token,
                   std::uint64_t of) override;
  void activity_started(std::string_view bundle_id, std::string_view activity) override;
  void activity_ended(std::string_view bundle_id, std::string_view activity) override;

 private:
  World& world_;
  Box& box_;
  unsigned ring_;
};

}  // namespace apns::mock
