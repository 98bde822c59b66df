#pragma once

#include "mock_apns/world/world_file.h"

/// A world taken down as a plan, and made anew from one.
namespace apns::mock {

/// More device tokens are not taken down.
inline constexpr std::size_t kMaxPlannedTokens = 100'000;

/// What carry_out() makes this world of: phones with their options, apps, settings and device
/// tokens, and the registered device tokens without phones. Not: its faults, which are not the
/// world's; what was taken on trust; what became of device tokens that are no longer registered;
/// what is stored, shown and in feedback lists. Throws WorldError: more than kMaxPlannedTokens.
[[nodiscard]] WorldPlan make_plan(const World& world);

/// Throws WorldError if the plan cannot be carried out in a world like this one.
void rehearse(const World& world, const WorldPlan& plan);

/// The world as it is at a start with this plan, but for what was counted: the same device tokens
/// are drawn again, magic ones draw from the beginning, and nothing is stored or listed. Whether it
/// is open stays as it is. Only while no other thread brings it pushes (SocketHost::run_alone).
/// Throws WorldError, and then nothing has changed.
void reset(World& world, const WorldPlan& plan, unsigned ring);

}  // namespace apns::mock
