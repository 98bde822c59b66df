#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "certs/state_folder.h"
#include "cli/commands.h"
#include "cli/doctor_checks.h"

namespace apns::cli {

namespace {

struct DoctorOptions {
  std::string state;
  bool json = false;
};

void print(const Diagnosis& diagnosis) {
  std::cout << fmt::format("{:<5} {:<18} {}\n", to_string(diagnosis.level), diagnosis.check,
                           diagnosis.found);
  if (!diagnosis.fix.empty()) {
    std::cout << fmt::format("{:<24} right: {}\n", "", diagnosis.fix);
  }
}

void print_json(const Diagnosis& diagnosis) {
  nlohmann::ordered_json line{{"level", to_string(diagnosis.level)},
                              {"check", diagnosis.check},
                              {"found", diagnosis.found}};
  if (!diagnosis.fix.empty()) {
    line["fix"] = diagnosis.fix;
  }
  std::cout << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

int doctor_main(const DoctorOptions& options) {
  const std::filesystem::path dir =
      options.state.empty() ? certs::default_state_dir() : std::filesystem::absolute(options.state);
  const std::vector<Diagnosis> all = diagnose(gather_facts(dir));
  for (const Diagnosis& diagnosis : all) {
    options.json ? print_json(diagnosis) : print(diagnosis);
  }
  const auto num = [&all](Diagnosis::Level level) {
    return std::ranges::count(all, level, &Diagnosis::level);
  };
  const auto num_failed = num(Diagnosis::Level::Fail);
  if (!options.json) {
    std::cout << fmt::format("{} ok, {} warnings, {} failed\n", num(Diagnosis::Level::Ok),
                             num(Diagnosis::Level::Warn), num_failed);
  }
  return num_failed == 0 ? 0 : 1;
}

}  // namespace

Command doctor_command() {
  return Command{"doctor", "doctor", "what stands in the way on this machine", "The rest",
                 [](Options& o) -> std::function<int()> {
                   const auto options = std::make_shared<DoctorOptions>();
                   o.folder("--state", options->state,
                            "state folder to look at (default: ~/.local/state/apnslab)");
                   o.flag("--json", options->json, "JSON Lines");
                   o.example("apnslab doctor --json");
                   return [options] { return doctor_main(*options); };
                 }};
}

}  // namespace apns::cli
