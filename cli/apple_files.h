#pragma once

#include <filesystem>
#include <vector>

#include "cli/apple_names.h"

namespace apns::cli {

/// Lets Apple's names lead to `names`, and ours be trusted, for this process and its children:
/// files made in `folder` lie over /etc/hosts and, where they exist, /etc/nsswitch.conf and the
/// name cache's folder; `bundle` lies over each of the system's bundles of authorities. After
/// enter_namespaces(). Throws std::runtime_error with a full sentence.
void lay_over_system_files(const std::filesystem::path& folder, const std::filesystem::path& bundle,
                           const std::vector<AppleName>& names);

}  // namespace apns::cli
