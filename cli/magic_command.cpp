#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "mock_apns/world/magic_token.h"

namespace apns::cli {

namespace {

struct MagicOptions {
  bool json = false;
};

int magic_main(const MagicOptions& options) {
  for (const mock::MagicRow& row : mock::magic_rows()) {
    if (options.json) {
      std::cout << nlohmann::ordered_json{{"prefix", row.prefix},
                                          {"draws", row.draws},
                                          {"http2", row.http2},
                                          {"argument", row.argument}}
                       .dump()
                << "\n";
    } else {
      std::cout << row.prefix << "  gateway  " << row.draws << "\n          HTTP/2   " << row.http2
                << "\n          next four digits: " << row.argument << "\n";
    }
  }
  if (!options.json) {
    std::cout << "\n32 bytes in all: what is behind the argument is yours, so that many device "
                 "tokens do the same.\nserve --no-magic takes them for ordinary ones.\n";
  }
  return 0;
}

}  // namespace

Command magic_command() {
  return Command{"magic", "magic", "device tokens that say what becomes of a push", "The rest",
                 [](Options& o) -> std::function<int()> {
                   const auto options = std::make_shared<MagicOptions>();
                   o.flag("--json", options->json, "JSON Lines");
                   o.example("apnslab push --protocol binary fa11b008 'Hello'");
                   return [options] { return magic_main(*options); };
                 }};
}

}  // namespace apns::cli
