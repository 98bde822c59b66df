#include "apns/net/address_table.h"

#include <algorithm>

namespace apns::net {

using boost::asio::ip::tcp;

AddressTable::AddressTable(AddressOrder order, bool spread, Duration failed_for)
    : order_(order), spread_(spread), failed_for_(failed_for) {}

std::vector<tcp::endpoint> AddressTable::arrange(const std::vector<tcp::endpoint>& resolved,
                                                 TimePoint now) {
  if (resolved.empty()) {
    return {};
  }
  const bool ipv6_leads = order_ == AddressOrder::AsResolved ? resolved.front().address().is_v6()
                                                             : order_ == AddressOrder::Ipv6First;
  const std::lock_guard lock(mutex_);
  std::vector<Candidate> candidates = look_up(resolved);
  if (spread_) {
    std::ranges::stable_sort(candidates, {},
                             [](const Candidate& c) { return c.memory.last_tried; });
  }
  // Not std::ranges: clang 14 cannot use the subrange that it returns.
  const auto failed =
      std::stable_partition(candidates.begin(), candidates.end(),
                            [now](const Candidate& c) { return c.memory.failed_until <= now; });
  std::stable_sort(failed, candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.memory.failed_until < b.memory.failed_until;
  });

  std::vector<tcp::endpoint> leading;
  std::vector<tcp::endpoint> following;
  for (auto c = candidates.begin(); c != failed; ++c) {
    (c->address.address().is_v6() == ipv6_leads ? leading : following).push_back(c->address);
  }
  std::vector<tcp::endpoint> arranged;
  for (std::size_t i = 0; i < std::max(leading.size(), following.size()); ++i) {
    if (i < leading.size()) {
      arranged.push_back(leading[i]);
    }
    if (i < following.size()) {
      arranged.push_back(following[i]);
    }
  }
  for (auto c = failed; c != candidates.end(); ++c) {
    arranged.push_back(c->address);
  }
  mark_tried(arranged.front());
  return arranged;
}

void AddressTable::tried(const tcp::endpoint& address) {
  const std::lock_guard lock(mutex_);
  mark_tried(address);
}

void AddressTable::failed(const tcp::endpoint& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  // One that was forgotten meanwhile stays so: the table does not grow here.
  if (const auto found = memories_.find(address); found != memories_.end()) {
    found->second.failed_until = now + failed_for_;
  }
}

void AddressTable::answered(const tcp::endpoint& address) {
  const std::lock_guard lock(mutex_);
  if (const auto found = memories_.find(address); found != memories_.end()) {
    found->second.failed_until = TimePoint{};
  }
}

std::size_t AddressTable::size() const {
  const std::lock_guard lock(mutex_);
  return memories_.size();
}

std::vector<AddressTable::Candidate> AddressTable::look_up(
    const std::vector<tcp::endpoint>& resolved) const {
  std::vector<Candidate> candidates;
  for (const tcp::endpoint& address : resolved) {
    if (std::ranges::find(candidates, address, &Candidate::address) != candidates.end()) {
      continue;
    }
    const auto known = memories_.find(address);
    candidates.push_back(Candidate{address, known == memories_.end() ? Memory{} : known->second});
  }
  return candidates;
}

void AddressTable::mark_tried(const tcp::endpoint& address) {
  memories_[address].last_tried = ++num_tried_;
  if (memories_.size() > kMaxLen) {
    memories_.erase(std::ranges::min_element(
        memories_, {}, [](const auto& entry) { return entry.second.last_tried; }));
  }
}

}  // namespace apns::net
