#include "mock_apns/control/metrics.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apns::mock::control {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Writes one metric behind the other.
class Writer {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP apnslab_" + name_ + " " + std::string(help) + "\n# TYPE apnslab_" + name_ +
             " " + std::string(type) + "\n";
  }

  void value(std::uint64_t value, const Labels& labels = {}) {
    text_ += "apnslab_" + name_;
    std::string_view before = "{";
    for (const auto& [label, its_value] : labels) {
      text_.append(before).append(label).append("=\"").append(escaped(its_value)).append("\"");
      before = ",";
    }
    text_ += (labels.empty() ? " " : "} ") + std::to_string(value) + "\n";
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
      if (letter == '\n') {
        out += "\\n";
        continue;
      }
      if (letter == '"' || letter == '\\') {
        out += '\\';
      }
      out += letter;
    }
    return out;
  }

  std::string name_;
  std::string text_;
};

constexpr std::array kEnvironments = {Environment::Production, Environment::Development};

Labels labels_of(const char* protocol, Environment environment, const char* outcome,
                 std::string reason = {}) {
  return Labels{{"protocol", protocol},
                {"environment", to_string(environment)},
                {"outcome", outcome},
                {"reason", std::move(reason)}};
}

void write_notifications(Writer& out, const Service& service) {
  out.begin("notifications_total", "counter", "Notifications by what became of them.");
  for (const Environment environment : kEnvironments) {
    const ProviderApiCounters counters = service.http2_counters(environment);
    out.value(counters.accepted, labels_of("http2", environment, "accepted"));
    for (std::size_t reason = 0; reason < counters.rejected_with.size(); ++reason) {
      if (counters.rejected_with.at(reason) > 0) {
        out.value(counters.rejected_with.at(reason),
                  labels_of("http2", environment, "rejected",
                            std::string(row_of(static_cast<Reason>(reason)).name)));
      }
    }
    out.value(counters.discarded, labels_of("http2", environment, "discarded"));
  }
  for (const Environment environment : kEnvironments) {
    const GatewayCounters counters = service.counters(environment);
    const auto labels = [environment](const char* outcome, std::string reason) {
      return labels_of("binary", environment, outcome, std::move(reason));
    };
    out.value(counters.accepted, labels("accepted", ""));
    for (std::size_t status = 0; status < counters.rejected_with.size(); ++status) {
      if (counters.rejected_with.at(status) > 0) {
        out.value(counters.rejected_with.at(status), labels("rejected", std::to_string(status)));
      }
    }
    out.value(counters.discarded, labels("discarded", ""));
  }
}

void write_world(Writer& out, const World& world) {
  using enum DeliveryOutcome;
  out.begin("deliveries_total", "counter", "Notifications behind the gateway, by outcome.");
  for (const DeliveryOutcome outcome : {Delivered, Stored, Replaced, Expired, Discarded}) {
    out.value(world.num_deliveries(outcome), {{"outcome", std::string(to_string(outcome))}});
  }
  out.begin("violations_total", "counter", "Rules that providers broke, by rule.");
  for (const auto& [rule, count] : world.num_violations()) {
    out.value(count, {{"rule", rule}});
  }
}

void write_connections(Writer& out, const Service& service) {
  out.begin("connections", "gauge", "Open connections, with those in their handshake.");
  out.value(service.num_open_connections());
  out.begin("connections_total", "counter", "Connections that got past their handshake.");
  for (const Environment environment : kEnvironments) {
    out.value(service.http2_counters(environment).connections,
              {{"protocol", "http2"}, {"environment", to_string(environment)}});
    out.value(service.counters(environment).connections,
              {{"protocol", "binary"}, {"environment", to_string(environment)}});
    out.value(service.feedback_counters(environment).polls,
              {{"protocol", "feedback"}, {"environment", to_string(environment)}});
  }
  out.begin("signatures_verified_total", "counter", "Signatures of provider tokens, good or bad.");
  for (const Environment environment : kEnvironments) {
    out.value(service.http2_counters(environment).signatures,
              {{"environment", to_string(environment)}});
  }
  out.begin("feedback_tuples_total", "counter", "Feedback tuples that were handed over whole.");
  for (const Environment environment : kEnvironments) {
    out.value(service.feedback_counters(environment).tuples,
              {{"environment", to_string(environment)}});
  }
}

}  // namespace

std::string metrics_text(Service& service) {
  Writer out;
  write_notifications(out, service);
  write_world(out, service.world());
  write_connections(out, service);
  out.begin("faults_fired", "gauge", "How often each fault rule that is armed has fired.");
  for (const ArmedFault& armed : service.faults()) {
    out.value(armed.fired, {{"name", armed.rule->name}});
  }
  return out.take();
}

}  // namespace apns::mock::control
