#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "apns/model/push_family.h"

namespace apns::mock {

/// Where a device token is in its life.
enum class TokenState : std::uint8_t {
  Registered,
  AppGone,   // the app was removed, and the service does not know yet
  Inactive,  // the service knows: a push found the app gone
  Replaced,  // the app registered again and has a newer one
  Expired,   // of a Live Activity that has ended
};

/// What the service knows of a device token; 16 bytes, since there may be ten million of them.
struct TokenRecord {
  std::uint32_t topic = 0;  // World's number of its topic; means nothing for a trusted one
  std::uint32_t phone = 0;  // World's number of the simulated phone; 0: a phone nobody looks at
  std::uint32_t since = 0;  // UNIX seconds: when it became Inactive, Replaced or Expired
  Environment environment = Environment::Production;
  TokenState state = TokenState::Registered;
  bool trusted : 1 = false;  // never registered, taken on trust: fits any app and environment
  bool listed : 1 = false;   // waits in a feedback list
  PushFamily family : 4 = PushFamily::Alert;
  std::uint8_t num_drawn = 0;  // how often a magic one drew what it draws; stays at 255

  [[nodiscard]] bool operator==(const TokenRecord&) const = default;
};

/// Every device token that the service knows, in 256 shards by hash with a lock each. Thread safe;
/// a lock is held for one look-up, or for one shard's growth (about a millisecond at 10^7 tokens).
///
/// What was taken on trust is bounded: one more evicts an older one of the same shard. What was
/// registered is kept.
class TokenTable {
 public:
  static constexpr std::size_t kNumShards = 256;

  explicit TokenTable(std::size_t max_trusted);

  /// A copy; nullopt: unknown. `token` is 1 to DeviceToken::kMaxLen bytes (assert).
  [[nodiscard]] std::optional<TokenRecord> find(ByteView token) const;

  /// Adds it, or replaces what is known of it.
  void put(ByteView token, const TokenRecord& record);

  /// Calls `change(record)` under the shard's lock, for one that is known or, with `trust`, made
  /// now as a trusted one. `change` must not call the table. False: unknown, nothing was called.
  template <class Change>
  bool update(ByteView token, bool trust, const Change& change) {
    const std::uint64_t hash = hash_of(token);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    TokenRecord* record = find_or_trust(shard, token, hash, trust);
    if (record == nullptr) {
      return false;
    }
    change(*record);
    return true;
  }

  /// False: it was unknown.
  bool erase(ByteView token);

  /// Forgets all, and gives their memory back.
  void clear();

  /// Calls `look(token, record)` for each, in no order, under its shard's lock. `look` must not
  /// call the table.
  template <class Look>
  void visit(const Look& look) const {
    for (std::size_t i = 0; i < kNumShards; ++i) {
      const Shard& shard = shards_[i];
      const std::lock_guard lock(shard.mutex);
      for (std::size_t slot = 0; slot < shard.tags.size(); ++slot) {
        if (shard.tags[slot] != 0) {
          look(*DeviceToken::from_bytes(shard.slots[slot].token), shard.slots[slot].record);
        }
      }
      for (const auto& [token, record] : shard.others) {
        look(token, record);
      }
    }
  }

  /// Makes room for so many in all, so that no shard has to grow on the way there.
  void reserve(std::size_t num_tokens);

  [[nodiscard]] std::size_t size() const;

  [[nodiscard]] std::uint64_t num_evicted() const { return num_evicted_.load(); }

  /// Heap bytes of all shards.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kInlineLen = 32;

  /// A token of 32 bytes, which nearly all are, with its record. The rest is in Shard::others.
  struct Slot {
    std::array<std::byte, kInlineLen> token;
    TokenRecord record;
  };

  static_assert(sizeof(TokenRecord) == 16);

  /// Open addressing with linear probing; `tags` says of each slot whether it is empty (0) or seven
  /// bits of its hash, so that a look-up touches one line of tags and one slot. At least an eighth
  /// of the slots is empty. An erased slot is filled from behind: there are no tombstones.
  struct alignas(64) Shard {
    mutable std::mutex mutex;  // over all below
    std::vector<std::uint8_t> tags;
    std::vector<Slot> slots;  // as many as tags: a power of two, or none
    std::size_t num_used = 0;
    std::size_t num_trusted = 0;  // in slots and others
    std::size_t hand = 0;         // where the search for one to evict goes on
    std::unordered_map<DeviceToken, TokenRecord> others;  // of another length than kInlineLen
  };

  [[nodiscard]] static const TokenRecord* find_in(const Shard& shard, ByteView token,
                                                  std::uint64_t hash);
  static TokenRecord& insert_into(Shard& shard, ByteView token, std::uint64_t hash);
  static void erase_slot(Shard& shard, std::size_t index);
  static void rehash(Shard& shard, std::size_t capacity);
  TokenRecord* find_or_trust(Shard& shard, ByteView token, std::uint64_t hash, bool trust);
  void evict_trusted(Shard& shard);

  [[nodiscard]] static std::uint64_t hash_of(ByteView token);

  [[nodiscard]] Shard& shard_of(std::uint64_t hash) const { return shards_[hash >> 56U]; }

  std::unique_ptr<Shard[]> shards_;
  std::size_t max_trusted_per_shard_;
  std::atomic<std::uint64_t> num_evicted_{0};
};

}  // namespace apns::mock
