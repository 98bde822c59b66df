#include <algorithm>
#include <chrono>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "apns/model/push_family.h"
#include "certs/whole_file.h"
#include "cli/commands.h"
#include "cli/device_finder.h"
#include "cli/progress.h"
#include "cli/proxy_option.h"
#include "cli/push_completion.h"
#include "cli/push_drops.h"
#include "cli/push_input.h"
#include "cli/push_report.h"
#include "cli/push_session.h"
#include "cli/signals.h"
#include "cli/target.h"
#include "provider/provider_tokens.h"
#include "provider/read_expiration.h"

namespace apns::cli {

namespace {

constexpr std::uint64_t kNotGiven = UINT64_MAX;
constexpr const char* kHttp2 = "http2";
constexpr const char* kBinary = "binary";
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
  std::string expiration;
  Duration settle_after = std::chrono::seconds(1);
  Duration drain = std::chrono::seconds(30);
  Duration give_up_after = std::chrono::seconds(10);
  std::uint64_t connections = 1;
  std::string addresses = kAsResolved;
  bool resend_unknown = false;
  bool json = false;
  std::string protocol = kHttp2;
  std::string topic;
  std::string push_type;
  std::string collapse_id;
  std::string apns_id;
  std::string drop;
  std::string registrations;
  PushCompletion::Choice completion;
  Duration request_limit = std::chrono::seconds(30);
  std::string proxy;
  std::uint64_t retries = 2;
  bool at_least_once = false;

  [[nodiscard]] bool is_http2() const { return protocol == kHttp2; }
};

std::string read_payload(const std::string& file) {
  const auto payload = certs::read_file(file);
  if (!payload) {
    throw std::runtime_error("--payload " + file + " is not there.");
  }
  return *payload;
}

/// --expiration; nullopt: there is none.
std::optional<std::uint32_t> expiration_of(const PushOptions& options) {
  if (options.expiration.empty()) {
    return std::nullopt;
  }
  const provider::ReadExpiration read = provider::read_expiration(options.expiration);
  if (!read.seconds) {
    throw std::runtime_error("--" + read.found + "; " + read.fix + ".");
  }
  return read.seconds;
}

/// What an option says holds for each notification that does not say it itself.
void apply(const PushOptions& options, Notification& notification) {
  if (!notification.expiration) {
    notification.expiration = expiration_of(options);
  }
  if (!notification.priority && options.priority != kNotGiven) {
    notification.priority = static_cast<std::uint8_t>(options.priority);
  }
  if (!notification.push_type && !options.push_type.empty()) {
    notification.push_type = find_push_type(options.push_type)->type;
  }
  if (notification.collapse_id.empty()) {
    notification.collapse_id = options.collapse_id;
  }
  if (notification.topic.empty()) {
    notification.topic = options.topic;
  }
}

provider::NotificationRoute route_to(const PushOptions& options, const Target& target) {
  return {
      .is_http2 = options.is_http2(),
      .app_topic = target.credential.topic,
      .has_provider_token = target.credential.token_signer != nullptr,
      .now = std::chrono::time_point_cast<WorldTime::duration>(std::chrono::system_clock::now()),
      .short_device_tokens = true};  // those of a simulated service
}

/// --topic, else the one of the credential.
std::string topic_of(const PushOptions& options, const Target& target) {
  return options.topic.empty() ? target.credential.topic : options.topic;
}

void push_lines(const PushOptions& options, PushCompletion& completion, PushSession& session,
                PushReport& report, std::mutex& report_mutex) {
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
      PushItem item = parse_push_line(line, number, name);
      apply(options, item.notification);
      completion.finish(item.notification, number);
      session.send(std::move(item));
    } catch (const json::Error& error) {
      const std::lock_guard lock(report_mutex);
      report.add_bad_line(number, error.what());
    }
  }
  completion.sum_up();
}

/// A phone has device tokens of its own for each push type's family.
DeviceFinder finder_for(const PushOptions& options, const Target& target, PushType type) {
  const PushFamily family = family_of(type);
  PushFor push{.environment = options.target.environment,
               .topic = topic_of(options, target),
               .family = std::string(to_string(family)),
               .phone_device_token = target.phone_device_token};
  return {std::move(push), [&target] { return ask_for_phones(target); }};
}

PushItem single(const PushOptions& options, const Target& target, PushCompletion& completion) {
  const bool is_ours = options.payload.empty();
  Notification notification{.device_token = *DeviceToken::parse("00"),  // until it is found
                            .payload = is_ours ? "" : read_payload(options.payload),
                            .apns_id = options.apns_id};
  apply(options, notification);
  Notification as_sent = notification;
  completion.complete(as_sent);
  DeviceFinder finder = finder_for(options, target, as_sent.push_type.value_or(PushType::Alert));
  std::string device = options.device;
  std::string text = options.text;
  // One argument alone is a device if it looks like one, else the text for the phone.
  if (text.empty() && !device.empty() && !finder.is_device(device)) {
    text = std::exchange(device, "");
  }
  if (device.empty()) {
    device = target.is_phone_device_token_told ? target.phone_device_token : "phone";
  }
  if (is_ours) {
    notification.payload = nlohmann::json{{"aps", {{"alert", text.empty() ? "Hello" : text}}}}.dump(
        -1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  notification.device_token = finder.find(device);
  if (target.credential.token_signer && topic_of(options, target).empty()) {
    throw std::runtime_error(
        "a provider token is for all apps of its team. Say which with --topic: its bundle id.");
  }
  completion.finish(notification, 0);
  return PushItem{1, std::move(notification)};
}

net::DialOptions dial_options(const PushOptions& options) {
  net::DialOptions dial;
  dial.order = options.addresses == kIpv6First   ? net::AddressOrder::Ipv6First
               : options.addresses == kIpv4First ? net::AddressOrder::Ipv4First
                                                 : net::AddressOrder::AsResolved;
  return dial;
}

static_assert(provider::kMaxHttp2Connections == provider::kMaxBinaryConnections);

provider::BinaryClientOptions binary_options(const PushOptions& options, const Target& target,
                                             std::uint64_t seed) {
  provider::BinaryClientOptions client;
  client.gateway = target.at;
  client.settle_after = options.settle_after;
  client.resend_unknown = options.resend_unknown;
  client.give_up_after = options.give_up_after;
  client.connections = static_cast<unsigned>(options.connections);
  client.seed = seed;
  return client;
}

provider::Http2ClientOptions http2_options(const PushOptions& options, const Target& target,
                                           provider::ProviderTokenSource* provider_token,
                                           std::uint64_t seed) {
  provider::Http2ClientOptions client;
  client.service = target.at;
  client.provider_token = provider_token;
  client.request_limit = options.request_limit;
  client.max_connections = static_cast<unsigned>(options.connections);
  if (!options.proxy.empty()) {
    client.proxy = parse_proxy(options.proxy);
  }
  client.dial.give_up_after = options.give_up_after;
  client.seed = seed;
  return client;
}

/// Somebody waits for it: what cannot be had within seconds is told, not waited for.
provider::RetryOptions retry_options(const PushOptions& options, std::uint64_t seed) {
  provider::RetryOptions retry;
  retry.limits.max_attempts = static_cast<unsigned>(options.retries) + 1;
  // The attempts to connect have their own limit, which is not to be used up twice.
  retry.limits.max_time = std::min<Duration>(std::chrono::seconds(10), options.give_up_after);
  retry.limits.backoff_first = std::chrono::milliseconds(200);
  retry.limits.backoff_max = std::chrono::seconds(2);
  retry.limits.on_unknown =
      options.at_least_once ? provider::OnUnknown::SendAgain : provider::OnUnknown::Report;
  retry.seed = seed;
  return retry;
}

/// What only the other protocol has.
void check_companions(const PushOptions& options, const Options& command_line) {
  const auto refuse = [&command_line](std::initializer_list<const char*> names,
                                      const std::string& why) {
    for (const char* name : names) {
      if (command_line.given(name)) {
        throw std::runtime_error(name + why);
      }
    }
  };
  if (options.is_http2()) {
    refuse({"--settle-after", "--resend-unknown"},
           " is of the binary protocol: leave it out, or add --protocol binary.");
  } else {
    refuse({"--drop", "--topic", "--push-type", "--collapse-id", "--apns-id", "--request-limit",
            "--proxy", "--auth", "--p8", "--key-id", "--team-id", "--retries", "--at-least-once"},
           " exists in HTTP/2 only: leave it out, or add --protocol http2.");
  }
  if (options.drop.empty()) {
    refuse({"--registrations"}, " is for --drop: add it, with the file that it writes.");
  }
  if (!options.proxy.empty()) {
    (void)parse_proxy(options.proxy);  // said before a service is looked for
  }
  if (!options.input.empty()) {
    refuse({"--apns-id"}, " is of one notification; give each line of --input its \"apns_id\".");
  }
}

std::unique_ptr<PushSession> start_session(const PushOptions& options, const Target& target,
                                           provider::ProviderTokenSource* provider_token,
                                           PushSession::OnResult on_result) {
  const auto seed = static_cast<std::uint64_t>(  // of the jitter only
      std::chrono::steady_clock::now().time_since_epoch().count());
  if (options.is_http2()) {
    return std::make_unique<PushSession>(
        target, http2_options(options, target, provider_token, seed), retry_options(options, seed),
        std::move(on_result), dial_options(options));
  }
  return std::make_unique<PushSession>(target, binary_options(options, target, seed),
                                       std::move(on_result), dial_options(options));
}

int push(const PushOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  Target target =
      find_target(options.target, options.is_http2() ? TargetPort::Http2 : TargetPort::Gateway);
  const provider::NotificationRoute route = route_to(options, target);
  PushCompletion completion(options.completion, route, std::cerr);
  (void)expiration_of(options);  // what is wrong with it is said before anything is sent
  std::optional<PushItem> only;
  if (options.input.empty()) {
    only = single(options, target, completion);
  }
  std::optional<PushDrops> drops;
  if (!options.drop.empty()) {
    drops.emplace(options.drop, options.registrations);
  }
  const net::SystemClock clock;
  provider::ProviderTokens tokens(clock);
  const std::unique_ptr<provider::ProviderTokenSource> provider_token =
      target.credential.token_signer ? tokens.source(std::move(*target.credential.token_signer))
                                     : nullptr;
  Progress progress("notifications settled",
                    !options.input.empty() && !options.json && isatty(STDERR_FILENO) == 1);
  PushReport report(options.json, options.input.empty(), progress);
  std::mutex report_mutex;
  const std::unique_ptr<PushSession> session =
      start_session(options, target, provider_token.get(),
                    [&report, &report_mutex, &drops](const PushResult& result) {
                      const std::lock_guard lock(report_mutex);
                      report.add(result);
                      if (drops) {
                        drops->add(result);
                      }
                    });
  if (only) {
    session->send(std::move(*only));
  } else {
    push_lines(options, completion, *session, report, report_mutex);
  }
  session->drain(options.drain);
  progress.clear();
  std::cout.flush();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::string error = session->last_error();
  if (!report.all_sent() && !error.empty()) {
    std::cerr << "apnslab push: " << error << "\n";
  }
  std::cerr << report.summary(seconds, session->stats()) << "\n";
  if (drops) {
    std::cerr << "apnslab push: " << drops->finish() << "\n";
  }
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
        o.choice("--protocol", options->protocol, {kHttp2, kBinary}, "how to speak to the service");
        o.number("--priority", options->priority, 0, 255,
                 "10 at once, 5 when power allows; others are refused");
        o.text("--expiration", options->expiration,
               "UNIX seconds; 0: try once, store never (default: as the service stores)");
        o.flag("--fit", options->completion.fit,
               "shorten the alert of a payload that is too large");
        o.flag("--as-is", options->completion.as_is,
               "fill in neither push type nor priority nor topic, and look for no mistakes");
        o.duration("--drain", options->drain, "how long to wait for what is open at the end");
        o.choice("--addresses", options->addresses, {kAsResolved, kIpv6First, kIpv4First},
                 "which of the service's addresses are tried first");
        o.duration("--give-up-after", options->give_up_after,
                   "how long to try while no connection gets anywhere");
        o.number("--connections", options->connections, 1, provider::kMaxHttp2Connections,
                 "at once; over HTTP/2 as many of them as are needed");
        o.flag("--json", options->json, "one JSON object a result");
        o.heading("HTTP/2 only");
        o.text("--topic", options->topic,
               "the app's (default: the credential's, with what the push type adds)");
        o.choice("--push-type", options->push_type, push_type_names(),
                 "what the notification is for (default: what topic and payload look made for)");
        o.text("--collapse-id", options->collapse_id,
               "of notifications with the same one the latest is shown; up to 64 bytes");
        o.text("--apns-id", options->apns_id, "a UUID (default: the service makes one)");
        o.duration("--request-limit", options->request_limit, "how long to wait for an answer");
        o.text("--proxy", options->proxy,
               "URL of an HTTP proxy on the way: http://USER:PASSWORD@HOST:PORT");
        o.number("--retries", options->retries, 0, 100,
                 "how often what may succeed next time goes again, within 10 seconds");
        o.flag("--at-least-once", options->at_least_once,
               "of what was lost, too: it may arrive twice, where a --collapse-id shows one");
        o.file("--drop", options->drop,
               "file for what the answers say of device tokens: which to drop, keep or suspect");
        o.file("--registrations", options->registrations,
               "for --drop: file with what your database knows, as feedback takes it");
        o.heading("The binary protocol only");
        o.duration("--settle-after", options->settle_after, "silence of this length means sent");
        o.flag("--resend-unknown", options->resend_unknown,
               "send again what a lost connection left in doubt");
        o.heading("The service, and the credentials for it");
        options->target.bind(o, TargetPort::Gateway);
        o.example("apnslab push phone 'Hello'");
        return [options, &o] {
          check_companions(*options, o);
          return push(*options);
        };
      }};
}

}  // namespace apns::cli
