#include "provider/registered_since.h"

#include <algorithm>

namespace apns::provider {

bool has_registered_since(WorldTime gone_since, const std::optional<WorldTime>& registered_at) {
  return registered_at && *registered_at >= gone_since;
}

WorldTime newest_registration(const std::optional<WorldTime>& known, WorldTime at) {
  return known ? std::max(*known, at) : at;
}

}  // namespace apns::provider
