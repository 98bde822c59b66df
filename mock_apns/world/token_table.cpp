#include "mock_apns/world/token_table.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

namespace apns::mock {

namespace {

constexpr std::size_t kFirstCapacity = 16;
constexpr std::uint8_t kEmpty = 0;

// The parts of a hash: 8 bits choose the shard, the next 7 are the tag, the lowest the slot.
std::uint8_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint8_t>(0x80U | (hash >> 49U));
}

// Any odd numbers with as many ones as zeros: the first digits of pi, in fours.
constexpr std::array<std::uint64_t, 4> kOdd{0x243F6A8885A308D3U, 0x13198A2E03707345U,
                                            0xA4093822299F31D1U, 0x082EFA98EC4E6C89U};

/// The two halves of the product.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

bool is_too_full(std::size_t num_used, std::size_t capacity) {
  return num_used * 8 >= capacity * 7;
}

}  // namespace

TokenTable::TokenTable(std::size_t max_trusted)
    : shards_(std::make_unique<Shard[]>(kNumShards)),
      max_trusted_per_shard_(std::max<std::size_t>(1, max_trusted / kNumShards)) {}

// Both halves of a block are multiplied side by side, so that the processor need not wait for one
// to begin the other.
std::uint64_t TokenTable::hash_of(ByteView token) {
  std::uint64_t hash = token.size();
  for (std::size_t at = 0; at < token.size(); at += kInlineLen) {
    std::array<std::uint64_t, 4> words{};
    std::memcpy(words.data(), token.data() + at, std::min(kInlineLen, token.size() - at));
    hash ^=
        fold(words[0] ^ kOdd[0], words[1] ^ kOdd[1]) ^ fold(words[2] ^ kOdd[2], words[3] ^ kOdd[3]);
    hash = fold(hash ^ kOdd[1], kOdd[0]);
  }
  return hash;
}

const TokenRecord* TokenTable::find_in(const Shard& shard, ByteView token, std::uint64_t hash) {
  assert(!token.empty() && token.size() <= DeviceToken::kMaxLen);
  if (token.size() != kInlineLen) {
    const auto other = shard.others.find(*DeviceToken::from_bytes(token));
    return other == shard.others.end() ? nullptr : &other->second;
  }
  if (shard.tags.empty()) {
    return nullptr;
  }
  const std::size_t mask = shard.tags.size() - 1;
  const std::uint8_t tag = tag_of(hash);
  for (std::size_t i = hash & mask; shard.tags[i] != kEmpty; i = (i + 1) & mask) {
    if (shard.tags[i] == tag &&
        std::memcmp(shard.slots[i].token.data(), token.data(), kInlineLen) == 0) {
      return &shard.slots[i].record;
    }
  }
  return nullptr;
}

void TokenTable::rehash(Shard& shard, std::size_t capacity) {
  const std::vector<std::uint8_t> tags = std::exchange(shard.tags, {});
  const std::vector<Slot> slots = std::exchange(shard.slots, {});
  shard.tags.resize(capacity, kEmpty);
  shard.slots.resize(capacity);
  const std::size_t mask = capacity - 1;
  for (std::size_t from = 0; from < tags.size(); ++from) {
    if (tags[from] == kEmpty) {
      continue;
    }
    std::size_t to = hash_of(slots[from].token) & mask;
    while (shard.tags[to] != kEmpty) {
      to = (to + 1) & mask;
    }
    shard.tags[to] = tags[from];
    shard.slots[to] = slots[from];
  }
}

TokenRecord& TokenTable::insert_into(Shard& shard, ByteView token, std::uint64_t hash) {
  if (token.size() != kInlineLen) {
    return shard.others[*DeviceToken::from_bytes(token)];
  }
  if (is_too_full(shard.num_used + 1, shard.tags.size())) {
    rehash(shard, std::max(kFirstCapacity, shard.tags.size() * 2));
  }
  const std::size_t mask = shard.tags.size() - 1;
  std::size_t i = hash & mask;
  while (shard.tags[i] != kEmpty) {
    i = (i + 1) & mask;
  }
  ++shard.num_used;
  shard.tags[i] = tag_of(hash);
  std::memcpy(shard.slots[i].token.data(), token.data(), kInlineLen);
  shard.slots[i].record = TokenRecord{};
  return shard.slots[i].record;
}

void TokenTable::erase_slot(Shard& shard, std::size_t index) {
  const std::size_t mask = shard.tags.size() - 1;
  std::size_t hole = index;
  for (std::size_t i = (hole + 1) & mask; shard.tags[i] != kEmpty; i = (i + 1) & mask) {
    const std::size_t wanted = hash_of(shard.slots[i].token) & mask;
    if (((i - wanted) & mask) >= ((i - hole) & mask)) {  // it may stand in the hole
      shard.tags[hole] = shard.tags[i];
      shard.slots[hole] = shard.slots[i];
      hole = i;
    }
  }
  shard.tags[hole] = kEmpty;
  --shard.num_used;
}

void TokenTable::evict_trusted(Shard& shard) {
  for (std::size_t looked = 0; looked < shard.tags.size(); ++looked) {
    shard.hand = (shard.hand + 1) & (shard.tags.size() - 1);
    if (shard.tags[shard.hand] != kEmpty && shard.slots[shard.hand].record.trusted) {
      erase_slot(shard, shard.hand);
      --shard.num_trusted;
      ++num_evicted_;
      return;
    }
  }
  const auto other = std::ranges::find_if(
      shard.others, [](const auto& entry) -> bool { return entry.second.trusted; });
  if (other != shard.others.end()) {
    shard.others.erase(other);
    --shard.num_trusted;
    ++num_evicted_;
  }
}

TokenRecord* TokenTable::find_or_trust(Shard& shard, ByteView token, std::uint64_t hash,
                                       bool trust) {
  if (const TokenRecord* known = find_in(shard, token, hash)) {
    return const_cast<TokenRecord*>(known);  // the shard is the caller's, and not const
  }
  if (!trust) {
    return nullptr;
  }
  if (shard.num_trusted >= max_trusted_per_shard_) {
    evict_trusted(shard);
  }
  TokenRecord& made = insert_into(shard, token, hash);
  made.trusted = true;
  ++shard.num_trusted;
  return &made;
}

std::optional<TokenRecord> TokenTable::find(ByteView token) const {
  const std::uint64_t hash = hash_of(token);
  const Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  const TokenRecord* known = find_in(shard, token, hash);
  return known == nullptr ? std::nullopt : std::optional(*known);
}

void TokenTable::put(ByteView token, const TokenRecord& record) {
  const std::uint64_t hash = hash_of(token);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  TokenRecord* known = find_or_trust(shard, token, hash, false);
  if (known == nullptr) {
    known = &insert_into(shard, token, hash);
  } else if (known->trusted) {
    --shard.num_trusted;
  }
  *known = record;
  shard.num_trusted += record.trusted ? 1 : 0;
}

bool TokenTable::erase(ByteView token) {
  const std::uint64_t hash = hash_of(token);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  const TokenRecord* known = find_in(shard, token, hash);
  if (known == nullptr) {
    return false;
  }
  shard.num_trusted -= known->trusted ? 1 : 0;
  if (token.size() != kInlineLen) {
    shard.others.erase(*DeviceToken::from_bytes(token));
    return true;
  }
  std::size_t i = hash & (shard.tags.size() - 1);
  while (&shard.slots[i].record != known) {
    i = (i + 1) & (shard.tags.size() - 1);
  }
  erase_slot(shard, i);
  return true;
}

void TokenTable::clear() {
  for (std::size_t i = 0; i < kNumShards; ++i) {
    Shard& shard = shards_[i];
    const std::lock_guard lock(shard.mutex);
    shard.tags = {};
    shard.slots = {};
    shard.num_used = shard.num_trusted = shard.hand = 0;
    shard.others.clear();
  }
}

void TokenTable::reserve(std::size_t num_tokens) {
  // Shards are not filled evenly: six standard deviations above the average are enough for all.
  const double average = static_cast<double>(num_tokens) / kNumShards;
  const auto per_shard = static_cast<std::size_t>(average + 6 * std::sqrt(average)) + 1;
  std::size_t capacity = kFirstCapacity;
  while (is_too_full(per_shard, capacity)) {
    capacity *= 2;
  }
  for (std::size_t i = 0; i < kNumShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    if (shards_[i].tags.size() < capacity) {
      rehash(shards_[i], capacity);
    }
  }
}

std::size_t TokenTable::size() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kNumShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    sum += shards_[i].num_used + shards_[i].others.size();
  }
  return sum;
}

std::size_t TokenTable::memory_bytes() const {
  // What a node of an unordered_map holds besides its value, and its share of the buckets.
  constexpr std::size_t kNodeBytes = 4 * sizeof(void*);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kNumShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    sum += shards_[i].tags.size() * (sizeof(std::uint8_t) + sizeof(Slot));
    sum += shards_[i].others.size() * (sizeof(DeviceToken) + sizeof(TokenRecord) + kNodeBytes);
  }
  return sum;
}

}  // namespace apns::mock
