#include "mock_apns/provider_token_memory.h"

namespace apns::mock {

namespace {

template <class Key, class Value>
void drop_oldest(std::map<Key, Value>& all, std::deque<Key>& by_age, std::size_t limit) {
  while (all.size() > limit) {
    all.erase(by_age.front());
    by_age.pop_front();
  }
}

}  // namespace

WorldTime::duration ProviderTokenMemory::first_offset(const TokenDigest& token,
                                                      WorldTime::duration offset) const {
  const std::lock_guard lock(mutex_);
  const auto found = sights_.find(token);
  return found == sights_.end() ? offset : found->second;
}

void ProviderTokenMemory::note_sight(const TokenDigest& token, WorldTime::duration offset) {
  const std::lock_guard lock(mutex_);
  if (sights_.try_emplace(token, offset).second) {
    sights_by_age_.push_back(token);
    drop_oldest(sights_, sights_by_age_, kMaxSights);
  }
}

TokenUpdateLimiter::Decision ProviderTokenMemory::decide(const auth::TenCharacterId& team,
                                                         const TokenDigest& token, WorldTime now,
                                                         const ProviderTokenPolicy& policy) const {
  const std::lock_guard lock(mutex_);
  const auto found = teams_.find(team);
  return found == teams_.end() ? TokenUpdateLimiter::Decision::New
                               : found->second.decide(token, now, policy);
}

void ProviderTokenMemory::note(const auth::TenCharacterId& team,
                               TokenUpdateLimiter::Decision decision, const TokenDigest& token,
                               bool is_valid, WorldTime now, const ProviderTokenPolicy& policy) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = teams_.try_emplace(team);
  place->second.note(decision, token, is_valid, now, policy);
  if (is_new) {
    teams_by_age_.push_back(team);
    drop_oldest(teams_, teams_by_age_, kMaxTeams);
  }
}

WorldTime ProviderTokenMemory::free_at(const auth::TenCharacterId& team,
                                       const ProviderTokenPolicy& policy) const {
  const std::lock_guard lock(mutex_);
  const auto found = teams_.find(team);
  return found == teams_.end() ? WorldTime() : found->second.free_at(policy);
}

void ProviderTokenMemory::reset() {
  const std::lock_guard lock(mutex_);
  sights_.clear();
  sights_by_age_.clear();
  teams_.clear();
  teams_by_age_.clear();
}

}  // namespace apns::mock
