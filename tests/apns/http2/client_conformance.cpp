#include "tests/apns/http2/client_conformance.h"

#include <memory>
#include <utility>

#include "tests/apns/http2/frame_transcript.h"
#include "tests/support/probe_network.h"

namespace apns::http2::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kWhile = milliseconds(200);

std::string code_text(ErrorCode code) {
  return error_code_text(static_cast<std::uint32_t>(code));
}

/// The caller of a client session: writes down what it is told.
class Caller final : public SessionEvents {
 public:
  void message(const Message& message) override {
    const std::string stream = std::to_string(message.stream) + " ";
    std::string text;
    switch (message.kind) {
      case MessageKind::Informational:
        text = "informational " + stream + std::to_string(message.head.status);
        break;
      case MessageKind::Response:
        text = "response " + stream + std::to_string(message.head.status);
        break;
      case MessageKind::Trailers:
        text = "trailers " + stream;
        for (const Field& field : message.fields) {
          text += std::string(field.name) + "=" + std::string(field.value) + ";";
        }
        break;
      case MessageKind::Promise:
        text = "promise " + stream + std::to_string(message.promised);
        break;
      case MessageKind::Request:
        text = "request " + stream;
        break;
    }
    note(text, message.end_stream);
  }

  void data(StreamId stream, ByteView content, bool end_stream) override {
    note("data " + std::to_string(stream) + " " + content_text(content), end_stream);
  }

  void closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t /*user*/) override {
    const std::string text = "closed " + std::to_string(stream);
    switch (end) {
      case StreamEnd::Done:
        note(text + " done", false);
        break;
      case StreamEnd::ResetByPeer:
        note(text + " by peer " + code_text(code), false);
        break;
      case StreamEnd::Reset:
        note(text + " reset " + code_text(code), false);
        break;
      case StreamEnd::Unprocessed:
        note(text + " unprocessed " + code_text(code), false);
        break;
    }
  }

  void goaway(StreamId last_stream, ErrorCode code, std::string_view /*debug*/) override {
    note("goaway " + std::to_string(last_stream) + " " + code_text(code), false);
  }

  void violation(const Violation& violation) override { rules.push_back(violation.rule); }

  [[nodiscard]] std::string take() { return join_text(std::exchange(lines_, {})); }

  std::vector<Rule> rules;

 private:
  void note(const std::string& text, bool end_stream) {
    lines_.push_back(end_stream ? text + " end" : text);
  }

  std::vector<std::string> lines_;
};

/// A client session and a raw server in the memory host.
class RawServer final : public DialEvents {
 public:
  RawServer(const SessionOptions& options, Way way)
      : options_(options),
        service_(transport(way, TlsContexts::shared().server)),
        transport_(apns::test::checked(transport(way, TlsContexts::shared().client))),
        host_(clock_, 7),
        dialer_(host_.make_dialer(*this)) {
    if (way == Way::Bytewise) {
      host_.set_links([](std::uint64_t /*connection*/) {
        LinkOptions link;
        link.split_min = 1;
        link.split_max = 1;
        return link;
      });
    }
    dialer_->dial(host_.listen(Endpoint{"gateway", 2197}, service_), seconds(5));
    host_.run_for(kWhile);
    apns::test::require(probe().received.starts_with(kPreface), "the client begins as it should");
    at_ = kPreface.size();
  }

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                    TimePoint now) override {
    EngineFactory inner = [this](const PeerInfo& /*known*/, EngineHost& inner_host,
                                 TimePoint when) -> std::unique_ptr<Engine> {
      auto made = std::make_unique<Session>(options_, caller, scratch_, when);
      session_ = made.get();
      session_host_ = &inner_host;
      return made;
    };
    return transport_(peer, host, std::move(inner), now);
  }

  void gone(std::uint64_t /*connection*/, Gone /*why*/, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    session_ = nullptr;
  }

  void on_alarm(TimePoint /*now*/) override {}

  void say(const FrameSequence& frames) {
    probe().out.append(frames.bytes());
    probe().wake();
    host_.run_for(kWhile);
  }

  [[nodiscard]] std::string heard() {
    transcript_.feed(as_bytes(std::string_view(probe().received).substr(at_)));
    at_ = probe().received.size();
    std::vector<std::string> lines = transcript_.take();
    if (probe().end && !std::exchange(is_end_told_, true)) {
      lines.push_back("closed");
    }
    return join_text(lines);
  }

  /// "GET", "POST hello". 0: no stream could be opened.
  StreamId open(std::string_view request) {
    if (session_ == nullptr) {
      return 0;
    }
    const std::size_t space = request.find(' ');
    const std::string_view method = request.substr(0, space);
    const std::vector<Field> fields{
        {":method", method}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}};
    session_->at(host_.now());
    const StreamId stream = session_->open_stream(fields, method != "POST");
    if (stream != 0 && space != std::string_view::npos) {
      (void)session_->send_data(stream, as_bytes(request.substr(space + 1)), true);
    }
    session_host_->wake(*session_);
    host_.run_for(kWhile);
    return stream;
  }

  Caller caller;

 private:
  Transport transport(Way way, const tls::Context& context) {
    return way == Way::Tls ? tls::make_transport(context, wall_, tls_scratch_, nullptr, {})
                           : plain_transport();
  }

  apns::test::Probe& probe() { return service_.probes[1]; }

  const SessionOptions& options_;
  ManualClock clock_;
  const WorldClock& wall_ = clock_;
  std::vector<std::unique_ptr<tls::Scratch>> tls_scratch_ = tls::make_scratch(1);
  HpackScratch scratch_;
  FrameTranscript transcript_;
  std::size_t at_ = 0;
  bool is_end_told_ = false;
  Session* session_ = nullptr;  // while the connection lives
  EngineHost* session_host_ = nullptr;
  apns::test::ProbeService service_;
  Transport transport_;
  MemoryHost host_;  // its engines refer to all of the above
  std::unique_ptr<Dialer> dialer_;
};

std::string answer_events(StreamId stream) {
  const std::string number = std::to_string(stream);
  return "response " + number + " 200, data " + number + " \"ok\" end, closed " + number + " done";
}

}  // namespace

void PrintTo(const ClientOutcome& outcome, std::ostream* out) {
  *out << "frames: " << outcome.frames << "\nevents: " << outcome.events
       << "\nafterwards: " << outcome.afterwards << "\nrules:";
  for (const Rule rule : outcome.rules) {
    *out << ' ' << rule_row(rule).id;
  }
}

std::vector<ClientCase> client_rows() {
  std::vector<ClientCase> all = client_message_rows();
  const std::vector<ClientCase> more = client_connection_rows();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

ClientOutcome run(const ClientCase& row, Way way,
                  const std::function<void(SessionOptions&)>& change) {
  SessionOptions options;
  options.role = Role::Client;
  options.settings = {{SettingId::EnablePush, 0}};
  if (row.tune != nullptr) {
    row.tune(options);
  }
  if (change) {
    change(options);
  }
  RawServer server(options, way);
  apns::test::require(server.heard() == "SETTINGS", "the client goes on with SETTINGS");
  if (!row.is_bare) {
    server.say(peer().settings().settings_ack());
    apns::test::require(server.heard() == "SETTINGS ACK", "the connection starts");
  }
  for (const std::string_view request : row.opens) {
    server.open(request);
  }
  server.say(row.bytes);
  ClientOutcome outcome;
  outcome.frames = server.heard();
  outcome.events = server.caller.take();
  if (row.expect.goes_on) {
    const StreamId stream = server.open("GET");
    if (stream != 0) {
      server.say(peer().headers(stream, {{":status", "200"}}, kEndHeaders).data(stream, "ok"));
    }
    const std::string events = server.caller.take();
    outcome.afterwards = stream == 0 ? "none" : events;
  }
  outcome.rules = server.caller.rules;
  return outcome;
}

ClientOutcome expected(const ClientCase& row) {
  std::string frames;
  StreamId stream = 1;
  for (const std::string_view request : row.opens) {
    const std::size_t space = request.find(' ');
    const bool is_get = request == "GET" || request == "HEAD";
    frames += (frames.empty() ? "" : ", ") + ("HEADERS " + std::to_string(stream) + " ") +
              std::string(request.substr(0, space)) + " /" + (is_get ? " END_STREAM" : "");
    stream += 2;
  }
  if (!row.expect.frames.empty()) {
    frames += (frames.empty() ? "" : ", ") + row.expect.frames;
  }
  std::string afterwards;
  if (row.expect.goes_on) {
    afterwards = row.expect.takes_none ? "none" : answer_events(stream);
  }
  return ClientOutcome{frames, row.expect.events, afterwards, row.expect.rules};
}

}  // namespace apns::http2::test
