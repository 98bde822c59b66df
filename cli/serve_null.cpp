#include "cli/serve_null.h"

#include <chrono>
#include <iostream>
#include <memory>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/line_printer.h"
#include "cli/log.h"
#include "cli/service_shell.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "mock_apns/service_info.h"

namespace apns::cli {

namespace {

mock::ServiceInfo info_of(const NullServe& wanted, const mock::NullService& service) {
  mock::ServiceInfo info;
  info.version = kVersion;
  info.http2_port = service.port();
  info.state_dir = wanted.dir.string();
  info.pid = getpid();
  return info;
}

/// For a shell to read as one word.
std::string in_shell(const std::string& path) {
  const bool is_plain = path.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") ==
                        std::string::npos;
  return is_plain ? path : "'" + path + "'";
}

std::string banner(const NullServe& wanted, const mock::NullService& service,
                   std::chrono::milliseconds took) {
  const bool is_plain = wanted.service.cleartext;
  const std::string url =
      (is_plain ? "http://localhost:" : "https://localhost:") + std::to_string(service.port());
  std::string text = "  HTTP/2        " + url + "\n";
  if (!is_plain) {
    text += "  credentials   " + wanted.dir.string() +
            "\n                ca.pem; a client certificate may be shown, and need not be\n";
  }
  text += "  try           curl -i " +
          (is_plain ? std::string("--http2-prior-knowledge")
                    : "--http2 --cacert " + in_shell((wanted.dir / "ca.pem").string())) +
          " -d '{\"aps\":{\"alert\":\"Hello\"}}' " + url + "/3/device/" +
          mock::phone_device_token();
  return text + "\nEvery request is answered with 200, nothing is checked. Ready in " +
         std::to_string(took.count()) + " ms, Ctrl-C stops.";
}

/// Calls `take(id, how often)` for what was counted, in the order of the tables.
template <class Take>
void for_each_violation(const mock::NullCounters& counters, const Take& take) {
  for (const http2::RuleRow& row : http2::rule_rows()) {
    if (const auto count = counters.violations.at(static_cast<std::size_t>(row.rule)); count > 0) {
      take(row.id, count);
    }
  }
}

template <class Take>
void for_each_bound(const mock::NullCounters& counters, const Take& take) {
  for (const http2::BoundRow& row : http2::bound_rows()) {
    if (const auto count = counters.bounds.at(static_cast<std::size_t>(row.bound)); count > 0) {
      take(row.id, count);
    }
  }
}

std::string summary_line(const mock::NullCounters& counters) {
  nlohmann::ordered_json violations = nlohmann::ordered_json::object();
  nlohmann::ordered_json bounds = nlohmann::ordered_json::object();
  for_each_violation(counters, [&violations](std::string_view id, std::uint64_t count) {
    violations[std::string(id)] = count;
  });
  for_each_bound(counters, [&bounds](std::string_view id, std::uint64_t count) {
    bounds[std::string(id)] = count;
  });
  return nlohmann::ordered_json{{"connections", counters.connections},
                                {"requests", counters.requests},
                                {"resets", counters.resets},
                                {"violations", std::move(violations)},
                                {"bounds", std::move(bounds)}}
      .dump();
}

std::string summary_text(const mock::NullCounters& counters) {
  std::string text = std::to_string(counters.connections) + " connections; " +
                     std::to_string(counters.requests) + " requests, " +
                     std::to_string(counters.resets) + " streams reset";
  const auto add = [&text](std::string_view what, std::string_view id, std::uint64_t count) {
    text.append("\n").append(what).append(id).append(" ").append(std::to_string(count));
    text += count == 1 ? " time" : " times";
  };
  for_each_violation(counters, [&add](std::string_view id, std::uint64_t count) {
    add("violation: ", id, count);
  });
  for_each_bound(counters,
                 [&add](std::string_view id, std::uint64_t count) { add("bound: ", id, count); });
  return text;
}

}  // namespace

int serve_null(const NullServe& wanted) {
  const auto started = std::chrono::steady_clock::now();
  const StopSignals signals;
  const Log log;
  LinePrinter printer;
  if (const std::string raised = raise_descriptor_limit(); !raised.empty()) {
    log.info("serve", raised);
  }
  const auto service = with_free_ports([&] {
    return std::make_unique<mock::NullService>(
        wanted.service, certs::open_state_folder(wanted.dir, wanted.names),
        mock::NullServiceEvents{problem_log(log), host_log(log)});
  });
  warn_of_strangers(wanted.service.listen, log);
  const std::string info = info_of(wanted, *service).to_json();
  certs::write_file(wanted.dir / "ready.json", info, 0644);
  if (!wanted.ready_file.empty()) {
    certs::write_file(wanted.ready_file, info, 0644);
  }
  if (!wanted.quiet) {
    std::string text = banner(wanted, *service,
                              std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::steady_clock::now() - started));
    wanted.json ? void(std::cerr << text << std::endl) : printer.print(std::move(text));
  }

  (void)signals.wait();
  signals.exit_on_next();
  std::error_code ignored;
  std::filesystem::remove(wanted.dir / "ready.json", ignored);
  if (!service->shut_down(std::chrono::duration_cast<std::chrono::milliseconds>(wanted.drain))) {
    log.warn("serve", std::to_string(service->num_open_connections()) +
                          " connections were still open and are reset.");
  }
  if (!wanted.quiet) {
    const mock::NullCounters counters = service->counters();
    printer.print(wanted.json ? summary_line(counters) : summary_text(counters));
  }
  return 0;
}

}  // namespace apns::cli
