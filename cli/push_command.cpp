#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "apns/auth/certificate_identity.h"
#include "apns/json/document.h"
#include "certs/whole_file.h"
#include "cli/commands.h"
#include "cli/device_finder.h"
#include "cli/progress.h"
#include "cli/push_session.h"
#include "cli/signals.h"
#include "cli/target.h"

namespace apns::cli {

namespace {

constexpr std::uint64_t kNotGiven = UINT64_MAX;
constexpr const char* kAsResolved = "as-resolved";
constexpr const char* kIpv6First = "ipv6-first";
constexpr const char* kIpv4First = "ipv4-first";

struct PushOptions {
  TargetOptions target;
  std::string device;
  std::string text;
  std::string payload;
  std::string input;
  std::uint64_t priority = kNotGiven;
  std::uint64_t expiration = kNotGiven;
  Duration settle_after = std::chrono::seconds(1);
  Duration drain = std::chrono::seconds(30);
  Duration give_up_after = std::chrono::seconds(10);
  std::uint64_t connections = 1;
  std::string addresses = kAsResolved;
  bool resend_unknown = false;
  bool json = false;
};

/// Counts and prints results; used from the client's thread until it is drained.
class Report {
 public:
  Report(bool json, bool each, Progress& progress)
      : json_(json), each_(each), progress_(progress) {}

  void add(const PushResult& result) {
    ++counts_[static_cast<std::size_t>(result.kind)];
    if (result.kind != provider::OutcomeKind::Sent) {
      ++reasons_[result.reason];
    }
    if (json_) {
      std::cout << to_json(result) << '\n';
    } else if (each_ || result.kind != provider::OutcomeKind::Sent) {
      progress_.clear();
      std::cout << to_text(result) << '\n';
    }
    progress_.advance();
  }

  void add_bad_line(std::uint64_t line, const std::string& what) {
    ++num_bad_;
    progress_.clear();
    std::cerr << "apnslab push: " << what << "\n";
    if (json_) {
      std::cout
          << nlohmann::ordered_json{{"n", line}, {"outcome", "rejected"}, {"reason", what}}.dump()
          << '\n';
    }
  }

  [[nodiscard]] std::uint64_t count(provider::OutcomeKind kind) const {
    return counts_[static_cast<std::size_t>(kind)];
  }

  [[nodiscard]] bool all_sent() const {
    return count(provider::OutcomeKind::Rejected) == 0 &&
           count(provider::OutcomeKind::Unknown) == 0 && num_bad_ == 0;
  }

  [[nodiscard]] std::string summary(double seconds,
                                    const provider::ClientStats& stats) const {
    const std::uint64_t rejected = count(provider::OutcomeKind::Rejected) + num_bad_;
    const std::uint64_t total =
        count(provider::OutcomeKind::Sent) + rejected + count(provider::OutcomeKind::Unknown);
    std::string text =
        std::to_string(total) + (total == 1 ? " notification: " : " notifications: ") +
        std::to_string(count(provider::OutcomeKind::Sent)) + " sent, " + std::to_string(rejected) +
        " rejected, " + std::to_string(count(provider::OutcomeKind::Unknown)) + " unknown";
    for (const auto& [reason, n] : reasons_) {
      text += "; " + std::to_string(n) + " x " + reason;
    }
    char tail[96];
    (void)std::snprintf(tail, sizeof tail, ". %.1f s, %llu connection%s, %llu sent again.", seconds,
                        static_cast<unsigned long long>(stats.connections),
                        stats.connections == 1 ? "" : "s",
                        static_cast<unsigned long long>(stats.resent));
    text += tail;
    if (stats.misreported > 0) {
      text += " " + std::to_string(stats.misreported) +
              " reported sent and rejected later: --settle-after is too short for this gateway.";
    }
    return text;
  }

 private:
  static std::string to_json(const PushResult& result) {
    nlohmann::ordered_json json = {{"n", result.n},
                                   {"outcome", to_string(result.kind)},
                                   {"device_token", result.device_token}};
    if (result.status != 0) {
      json["status"] = result.status;
    }
    if (!result.reason.empty()) {
      json["reason"] = result.reason;
    }
    return json.dump();
  }

  static std::string to_text(const PushResult& result) {
    std::string kind = to_string(result.kind);
    kind.resize(10, ' ');
    const auto token = DeviceToken::parse(result.device_token);
    return kind + (token ? token->to_short_text() : result.device_token) + "  #" +
           std::to_string(result.n) + (result.reason.empty() ? "" : "  " + result.reason);
  }

  bool json_;
  bool each_;
  Progress& progress_;
  std::uint64_t counts_[3] = {};
  std::uint64_t num_bad_ = 0;
  std::map<std::string, std::uint64_t> reasons_;
};

std::string read_payload(const std::string& file) {
  const auto payload = certs::read_file(file);
  if (!payload) {
    throw std::runtime_error("--payload " + file + " is not there.");
  }
  return *payload;
}

/// {"device_token": "a1…", "payload": {…} or text, "priority": 10, "expiration": 0, "n": 7}; other
/// keys are ignored, so that a driver's `send` lines can be fed as they are.
PushItem parse_line(const std::string& line, std::uint64_t number, const std::string& file) {
  const json::Value value = json::parse(line, file + ":" + std::to_string(number));
  std::optional<DeviceToken> token;
  std::optional<std::string> payload;
  std::optional<std::uint32_t> expiration;
  std::optional<std::uint8_t> priority;
  std::uint64_t n = number;
  for (const json::Value::Member& member : value.object("a notification")) {
    if (member.key == "device_token") {
      token = DeviceToken::parse(member.value.text("device_token"));
      if (!token) {
        member.value.fail("device_token must be 2 to 200 hex digits");
      }
    } else if (member.key == "payload") {
      payload = member.value.kind() == json::Value::Kind::Text ? member.value.text("payload")
                                                               : member.value.dump();
    } else if (member.key == "expiration") {
      expiration = static_cast<std::uint32_t>(member.value.integer("expiration", 0, UINT32_MAX));
    } else if (member.key == "priority") {
      priority = static_cast<std::uint8_t>(member.value.integer("priority", 0, 255));
    } else if (member.key == "n") {
      n = static_cast<std::uint64_t>(member.value.integer("n", 0, INT64_MAX));
    }
  }
  if (!token || !payload) {
    value.fail(token ? "payload is missing" : "device_token is missing");
  }
  return PushItem{n, Notification{*token, *payload, expiration, priority}};
}

void push_lines(const PushOptions& options, PushSession& session, Report& report,
                std::mutex& report_mutex) {
  std::ifstream file;
  if (options.input != "-") {
    file.open(options.input);
    if (!file) {
      throw std::runtime_error("--input " + options.input + " cannot be read.");
    }
  }
  std::istream& in = options.input == "-" ? std::cin : file;
  const std::string name = options.input == "-" ? "stdin" : options.input;
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    try {
      session.send(parse_line(line, number, name));
    } catch (const json::Error& error) {
      const std::lock_guard lock(report_mutex);
      report.add_bad_line(number, error.what());
    }
  }
}

DeviceFinder finder_for(const PushOptions& options, const Target& target) {
  PushFor push{.environment = options.target.environment,
               .topic = {},
               .phone_device_token = target.phone_device_token};
  if (const auto identity = auth::read_certificate_identity(target.certificate.get())) {
    push.topic = identity->default_topic();
  }
  return {std::move(push), [&target] { return ask_for_phones(target); }};
}

PushItem single(const PushOptions& options, const Target& target) {
  DeviceFinder finder = finder_for(options, target);
  std::string device = options.device;
  std::string text = options.text;
  // One argument alone is a device if it looks like one, else the text for the phone.
  if (text.empty() && !device.empty() && !finder.is_device(device)) {
    text = std::exchange(device, "");
  }
  if (device.empty()) {
    device = target.is_phone_device_token_told ? target.phone_device_token : "phone";
  }
  const std::string payload =
      !options.payload.empty()
          ? read_payload(options.payload)
          : nlohmann::json{{"aps", {{"alert", text.empty() ? "Hello" : text}}}}.dump(
                -1, ' ', false, nlohmann::json::error_handler_t::replace);
  PushItem item{1, Notification{finder.find(device), payload, std::nullopt, std::nullopt}};
  if (options.expiration != kNotGiven) {
    item.notification.expiration = static_cast<std::uint32_t>(options.expiration);
  }
  if (options.priority != kNotGiven) {
    item.notification.priority = static_cast<std::uint8_t>(options.priority);
  }
  return item;
}

net::DialOptions dial_options(const PushOptions& options) {
  net::DialOptions dial;
  dial.order = options.addresses == kIpv6First   ? net::AddressOrder::Ipv6First
               : options.addresses == kIpv4First ? net::AddressOrder::Ipv4First
                                                 : net::AddressOrder::AsResolved;
  return dial;
}

int push(const PushOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const Target target = find_target(options.target);
  provider::BinaryClientOptions client;
  client.gateway = target.at;
  client.settle_after = options.settle_after;
  client.resend_unknown = options.resend_unknown;
  client.give_up_after = options.give_up_after;
  client.connections = static_cast<unsigned>(options.connections);
  client.seed =
      static_cast<std::uint64_t>(started.time_since_epoch().count());  // of the jitter only

  std::optional<PushItem> only;
  if (options.input.empty()) {
    only = single(options, target);
  }
  Progress progress("notifications settled",
                    !options.input.empty() && !options.json && isatty(STDERR_FILENO) == 1);
  Report report(options.json, options.input.empty(), progress);
  std::mutex report_mutex;
  PushSession session(
      target, client,
      [&report, &report_mutex](const PushResult& result) {
        const std::lock_guard lock(report_mutex);
        report.add(result);
      },
      dial_options(options));
  if (only) {
    session.send(std::move(*only));
  } else {
    push_lines(options, session, report, report_mutex);
  }
  session.drain(options.drain);
  progress.clear();
  std::cout.flush();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::string error = session.last_error();
  if (!report.all_sent() && !error.empty()) {
    std::cerr << "apnslab push: " << error << "\n";
  }
  std::cerr << report.summary(seconds, session.stats()) << "\n";
  return report.all_sent() ? 0 : 1;
}

}  // namespace

Command push_command() {
  return Command{
      "push", "push [DEVICE] [TEXT]", "send a notification", "See what happens",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<PushOptions>();
        o.text(
            "DEVICE", options->device,
            "name of a phone (default: phone), a device token in hex, the beginning of a phone's, "
            "or of a magic one, which zeros complete");
        o.suggest("DEVICE", {"phone"});
        o.text("TEXT", options->text, "the alert (default: Hello)");
        o.file("--payload", options->payload, "file with the whole payload, instead of TEXT");
        o.file("--input", options->input,
               "file of notifications, one JSON object a line; - is standard input");
        o.number("--priority", options->priority, 0, 255,
                 "10 at once, 5 when power allows; others are refused");
        o.number("--expiration", options->expiration, 0, UINT32_MAX,
                 "UNIX seconds; 0: try once, store never");
        o.duration("--settle-after", options->settle_after, "silence of this length means sent");
        o.duration("--drain", options->drain, "how long to wait for what is open at the end");
        o.number("--connections", options->connections, 1, provider::kMaxBinaryConnections,
                 "at once; a device token always goes by the same one");
        o.choice("--addresses", options->addresses, {kAsResolved, kIpv6First, kIpv4First},
                 "which of the gateway's addresses are tried first");
        o.duration("--give-up-after", options->give_up_after,
                   "how long to try while no connection gets anywhere");
        o.flag("--resend-unknown", options->resend_unknown,
               "send again what a lost connection left in doubt");
        o.flag("--json", options->json, "one JSON object a result");
        o.heading("The service, and the credentials for it");
        options->target.bind(o, TargetPort::Gateway);
        o.example("apnslab push phone 'Hello'");
        return [options] { return push(*options); };
      }};
}

}  // namespace apns::cli
