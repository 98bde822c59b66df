#include "tests/apns/http2/conformance_runner.h"

#include <utility>

#include "tests/support/credentials.h"

namespace apns::http2::test {

namespace {

using apns::test::Credentials;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kWhile = milliseconds(200);
constexpr StreamId kProbeStream = 1001;

Transport make_transport(Way way, const tls::Context& context, const WorldClock& clock,
                         const std::vector<std::unique_ptr<tls::Scratch>>& scratch) {
  return way == Way::Tls ? tls::make_transport(context, clock, scratch, nullptr, {})
                         : plain_transport();
}

tls::ServerOptions server_tls() {
  tls::ServerOptions options = Credentials::shared().server_options();
  options.max_version = tls::Version::Tls13;
  options.alpn = {"h2"};
  return options;
}

tls::ClientOptions client_tls() {
  tls::ClientOptions options = Credentials::shared().client_options();
  options.alpn = {"h2"};
  return options;
}

/// A HEAD request for /go: its answer needs no window.
FrameSequence afterwards() {
  return peer().headers(
      kProbeStream,
      {{":method", "HEAD"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/go"}});
}

std::string answer_afterwards() {
  return "HEADERS " + std::to_string(kProbeStream) + " 200 END_STREAM";
}

}  // namespace

std::string_view to_string(Way way) {
  switch (way) {
    case Way::Plain:
      return "plain";
    case Way::Tls:
      return "tls";
    case Way::Bytewise:
      return "byte by byte";
  }
  return "";
}

TlsContexts::TlsContexts() : server(server_tls()), client(client_tls()) {}

const TlsContexts& TlsContexts::shared() {
  static const TlsContexts kContexts;
  return kContexts;
}

void set_server_options(SessionOptions& options) {
  options.role = Role::Server;
  options.settings = {{SettingId::HeaderTableSize, 4'096},
                      {SettingId::MaxConcurrentStreams, 100},
                      {SettingId::MaxHeaderListSize, 8'000}};
}

RawClient::RawClient(const SessionOptions& options, Way way)
    : service_(options, make_transport(way, TlsContexts::shared().server, clock_, scratch_)),
      caller_(make_transport(way, TlsContexts::shared().client, clock_, scratch_)),
      host_(clock_, 7),
      at_(host_.listen(Endpoint{"gateway", 2197}, service_)),
      dialer_(host_.make_dialer(caller_)) {
  if (way == Way::Bytewise) {
    host_.set_links([](std::uint64_t /*connection*/) {
      LinkOptions link;
      link.split_min = 1;
      link.split_max = 1;
      return link;
    });
  }
  dial();
}

std::uint64_t RawClient::dial() {
  const std::uint64_t connection = dialer_->dial(at_, seconds(5));
  host_.run_for(kWhile);
  apns::test::require(heard(connection) == "SETTINGS", "the server begins with SETTINGS");
  return connection;
}

void RawClient::say(const FrameSequence& frames, std::uint64_t connection) {
  probe(connection).out.append(frames.bytes());
  probe(connection).wake();
  host_.run_for(kWhile);
}

std::string RawClient::heard(std::uint64_t connection) {
  Heard& heard = heard_[connection];
  const apns::test::Probe& from = probe(connection);
  heard.transcript.feed(as_bytes(std::string_view(from.received).substr(heard.at)));
  heard.at = from.received.size();
  std::vector<std::string> lines = heard.transcript.take();
  if (from.end && !std::exchange(heard.is_end_told, true)) {
    lines.push_back(from.end == End::Reset ? "reset" : "closed");
  }
  return join_text(lines);
}

void RawClient::read(bool reads, std::uint64_t connection) {
  probe(connection).reads = reads;
  probe(connection).wake();
}

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "frames: " << outcome.frames << "\nafterwards: " << outcome.afterwards << "\nrules:";
  for (const Rule rule : outcome.rules) {
    *out << ' ' << rule_row(rule).id;
  }
}

Outcome run(const Case& row, Way way, const std::function<void(SessionOptions&)>& change) {
  SessionOptions options;
  set_server_options(options);
  if (row.tune != nullptr) {
    row.tune(options);
  }
  if (change) {
    change(options);
  }
  RawClient client(options, way);
  if (!row.is_bare) {
    client.say(peer().preface().settings().settings_ack());
    apns::test::require(client.heard() == "SETTINGS ACK", "the connection starts");
  }
  client.say(row.bytes);
  if (row.wait > Duration{0}) {
    client.run_for(row.wait);
  }
  Outcome outcome;
  outcome.frames = client.heard();
  if (row.expect.goes_on) {
    client.say(afterwards());
    outcome.afterwards = client.heard();
  }
  outcome.rules = client.server().rules;
  return outcome;
}

Outcome expected(const Case& row) {
  Outcome outcome{row.expect.frames, "", row.expect.rules};
  if (row.expect.goes_on) {
    outcome.afterwards =
        row.expect.later + (row.expect.later.empty() ? "" : ", ") + answer_afterwards();
  }
  return outcome;
}

}  // namespace apns::http2::test
