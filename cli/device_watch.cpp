#include "cli/device_watch.h"

#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/delivery_line.h"
#include "cli/signals.h"

namespace apns::cli {

namespace {

using Json = nlohmann::ordered_json;

/// One of the feed's events; true if it was a delivery.
bool print(const ServerEvent& event, bool json) {
  if (event.name == "dropped") {
    const Json dropped = Json::parse(event.data);
    std::cerr << dropped.at("dropped").get<std::uint64_t>()
              << " events fell out of the ledger before they could be read; see serve --keep\n";
    return false;
  }
  std::cout << (json ? event.data : delivery_line(Json::parse(event.data))) << "\n" << std::flush;
  return true;
}

}  // namespace

int watch_deliveries(ControlClient& client, const WatchOptions& options) {
  const StopSignals signals;
  const StopWatcher watcher(signals, [&client] { client.stop(); });
  const std::string of_one = options.name.empty() ? "" : "&device=" + path_step(options.name);
  if (!options.name.empty()) {  // says it when there is no such phone
    client.ask(mock::control::Method::Get, "/devices/" + path_step(options.name));
  }
  std::uint64_t num_seen = 0;
  const auto end = client.follow(
      "/ledger/stream?event=delivery" + of_one,
      [&options] {
        std::cerr << "watching " << (options.name.empty() ? "every phone" : options.name)
                  << ", Ctrl-C stops\n";
      },
      [&options, &num_seen](const ServerEvent& event) {
        num_seen += print(event, options.json) ? 1U : 0U;
        return std::cout && (options.count == 0 || num_seen < options.count);
      });
  if (end == ControlClient::StreamEnd::Ended) {
    std::cerr << "apnslab device: the service has ended.\n";
    return 1;
  }
  return std::cout && num_seen >= options.count ? 0 : 1;
}

}  // namespace apns::cli
