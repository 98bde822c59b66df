#pragma once

#include <string>

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"

namespace apns::test {

/// What the command line is told, without the rule itself: ": ..." or " can never fire: ...".
inline std::string error_of_text(const std::string& text) {
  try {
    (void)mock::parse_fault(text);
  } catch (const mock::FaultError& error) {
    const std::string prefix = "--fault '" + text + "'";
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with(prefix)) << what;
    EXPECT_LE(error.offset(), text.size()) << what;
    return what.substr(prefix.size());
  }
  return "no error";
}

}  // namespace apns::test
