#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace apns::scenarios::search {

/// A seed on which the provider is known to fail.
struct KnownFailure {
  std::uint64_t seed = 0;
  std::string_view kind;  // as kind_of() has it
  std::string_view reason;
};

inline constexpr std::string_view kNeverWritable =
    "a certificate alert stops the client while try_send has said Full: writable() never follows, "
    "so who waits for it waits for ever (mend: tell it, so that the next try_send says Stopped)";

inline constexpr std::string_view kTakes = "the provider takes notification";

/// In the order of seeds. One that passes is taken out: the test insists on it.
inline constexpr std::array<KnownFailure, 10> kKnownFailures = {{
    {1911, kTakes, kNeverWritable},
    {2133, kTakes, kNeverWritable},
    {2219, kTakes, kNeverWritable},
    {3447, kTakes, kNeverWritable},
    {5563, kTakes, kNeverWritable},
    {5782, kTakes, kNeverWritable},
    {6744, kTakes, kNeverWritable},
    {7711, kTakes, kNeverWritable},
    {8130, kTakes, kNeverWritable},
    {8698, kTakes, kNeverWritable},
}};

}  // namespace apns::scenarios::search
