#pragma once

#include <string>

namespace apns::net {

/// Names the calling thread, for `top -H`, debuggers and who measures it: at most 15 letters.
void name_thread(const std::string& name);

}  // namespace apns::net
