#pragma once

#include <string>

#include "mock_apns/world/preview.h"

namespace apns::cli {

/// For people: what is seen, why something is missing, the size, and the findings with their
/// places, as "hello.json:3:14: ...". Control characters of the payload do not reach the terminal.
[[nodiscard]] std::string preview_text(const mock::Preview& preview,
                                       const mock::PreviewRequest& request,
                                       const std::string& file);

/// One line of JSON, with the line break. What is not known or not sent is absent.
[[nodiscard]] std::string preview_json(const mock::Preview& preview,
                                       const mock::PreviewRequest& request,
                                       const std::string& file);

}  // namespace apns::cli
