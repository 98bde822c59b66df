#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace apns::cli {

/// A `delivery` of the ledger as serve prints it, from the object that the control API gives: what
/// was shown, and why not more. Throws nlohmann::json::exception: it is none.
///
///   10:14:09.801  delivered binary #2  com.example.app  a1a1…a1a1  phone: lock screen "Hello"
[[nodiscard]] std::string delivery_line(const nlohmann::ordered_json& event);

}  // namespace apns::cli
