#pragma once

#include <string_view>

namespace apns::auth {

/// An error for people: what is there, and what would be right. Parts of a sentence, without a full
/// stop; they live for ever.
struct Words {
  std::string_view found;
  std::string_view fix;
};

}  // namespace apns::auth
