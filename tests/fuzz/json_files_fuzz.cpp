#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/json/document.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/world/world.h"
#include "mock_apns/world/world_file.h"
#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/scenario_loader.h"
#include "tests/support/checked_engine.h"

// The files that people write: scenarios, worlds, faults, the rule catalogue. Input: the text,
// which is read as each of them. Checked: what is no such file is refused with a place in it and a
// reason, and nothing else is thrown; a world that was read can be made, or says why not; and what
// was read is read again the same.

namespace {

using apns::test::require;

constexpr std::string_view kFile = "scenarios/fuzz/input.json";

/// The place is in the text, at most one behind the end of its line.
void check_error(const apns::json::Error& error, std::string_view text) {
  const std::string prefix = std::string(kFile) + ":" + std::to_string(error.position().line) +
                             ":" + std::to_string(error.position().column) + ": ";
  require(std::string_view(error.what()).starts_with(prefix), "an error begins with its place");
  require(!error.reason().empty(), "an error has a reason");
  std::size_t begin = 0;
  for (std::size_t line = 1; line < error.position().line; ++line) {
    begin = text.find('\n', begin);
    require(begin != std::string_view::npos, "the line is in the text");
    ++begin;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  require(error.position().column >= 1 && error.position().column <= end - begin + 1,
          "the column is in the line");
}

/// True: `read` took the text.
template <class Read>
bool is_taken(std::string_view text, Read read) {
  try {
    read();
    return true;
  } catch (const apns::json::Error& error) {
    check_error(error, text);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    require(false, "only json::Error is thrown");
  }
  return false;
}

void make_world(const apns::mock::WorldPlan& plan) {
  const apns::ManualClock clock;
  apns::mock::World world(apns::mock::WorldOptions{}, clock, nullptr);
  try {
    apns::mock::carry_out(plan, world, 0);
  } catch (const apns::mock::WorldError& error) {
    require(std::string_view(error.what()).size() > 1, "a world that cannot be made says why");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = apns::as_text(std::as_bytes(std::span(data, size)));
  (void)is_taken(text, [text] {
    const apns::scenarios::Scenario scenario = apns::scenarios::load_scenario(text, kFile);
    require(scenario.id == "fuzz/input", "the id is the file's");
    require(apns::scenarios::load_scenario(text, kFile).notifications.size() ==
                scenario.notifications.size(),
            "a scenario is read again the same");
  });
  (void)is_taken(text, [text] { (void)apns::scenarios::RuleCatalogue::load(text, kFile); });
  (void)is_taken(text, [text] { (void)apns::mock::read_faults(apns::json::parse(text, kFile)); });
  (void)is_taken(text, [text] {
    const apns::json::Value value = apns::json::parse(text, kFile);
    require(apns::json::parse(value.dump(), kFile).dump() == value.dump(),
            "what was read is written the same");
    make_world(apns::mock::read_world(value));
  });
  return 0;
}
