#include "tests/support/provider_api_by_hand.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "tests/support/checked_engine.h"

namespace apns::test {

namespace {

using http2::ErrorCode;
using http2::StreamId;

constexpr std::string_view kToken =
    "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

std::string code_text(ErrorCode code) {
  return http2::error_code_text(static_cast<std::uint32_t>(code));
}

mock::ProviderApiOptions in_world(mock::ProviderApiOptions options, mock::World& world) {
  options.world = &world;
  return options;
}

}  // namespace

ProviderApiByHand::ProviderApiByHand(Setup setup)
    : ledger_(setup.ledger),
      world_(setup.world, clock_, setup.with_ledger ? &ledger_ : nullptr),
      rules_(std::move(setup.rules), 7),
      api_(in_world(setup.options, world_), clock_, setup.with_ledger ? &ledger_ : nullptr, &rules_,
           [this](const mock::ServiceProblem& problem) {
             problems_.push_back(std::to_string(problem.connection) + " " +
                                 std::string(problem.area) + " " + problem.text);
           }) {
  client_options_.role = http2::Role::Client;
  client_options_.settings = {{http2::SettingId::EnablePush, 0}};
}

ProviderApiByHand::~ProviderApiByHand() = default;

ProviderApiByHand::Setup ProviderApiByHand::under(std::initializer_list<std::string_view> rules) {
  Setup setup;
  for (const std::string_view rule : rules) {
    setup.rules.push_back(mock::parse_fault(rule));
  }
  return setup;
}

std::shared_ptr<const auth::CertificateIdentity> ProviderApiByHand::certificate(
    std::string_view uid) {
  auth::CertificateIdentity identity;
  identity.uid = uid;
  identity.production = true;
  identity.development = true;
  return std::make_shared<const auth::CertificateIdentity>(std::move(identity));
}

void ProviderApiByHand::open(std::shared_ptr<const auth::CertificateIdentity> certificate) {
  engine_.reset();
  answers_.clear();
  said_.clear();
  unread_.clear();
  transcript_.emplace(http2::test::FrameTranscript::Details::With);
  PeerInfo peer;
  peer.connection = ++num_opened_;
  peer.certificate = std::move(certificate);
  engine_ = std::make_unique<CheckedEngine>(
      static_cast<EngineHost&>(*this),
      [this, &peer](EngineHost& host) { return api_.accepted(peer, host, clock_.io_now()); });
  http2::SessionEvents& events = *this;
  client_ = std::make_unique<http2::Session>(client_options_, events, scratch_, clock_.io_now());
  run();
}

void ProviderApiByHand::open_quietly() {
  open();
  (void)frames();
  (void)said();
}

std::vector<http2::Field> ProviderApiByHand::to_fields(const Fields& fields) {
  Fields& all = sent_fields_;
  all = {{":method", "POST"},
         {":scheme", "https"},
         {":path", "/3/device/" + std::string(kToken)},
         {":authority", "localhost"},
         {"apns-topic", std::string(kApp)}};
  std::vector<bool> is_replaced(all.size(), false);
  for (const auto& [name, value] : fields) {
    const auto usual = std::ranges::find(all, name, &Fields::value_type::first);
    const auto at = static_cast<std::size_t>(usual - all.begin());
    if (at < is_replaced.size() && !is_replaced[at]) {
      usual->second = value;
      is_replaced[at] = true;
    } else {
      all.emplace_back(name, value);
    }
  }
  std::vector<http2::Field> sent;  // views of sent_fields_
  for (const auto& [name, value] : all) {
    if (!value.empty()) {
      sent.push_back({name, value, http2::field_name::kOther, http2::Representation::Incremental});
    }
  }
  return sent;
}

StreamId ProviderApiByHand::begin(const Fields& fields) {
  const StreamId stream = client_->open_stream(to_fields(fields), false);
  run();
  return stream;
}

StreamId ProviderApiByHand::send(const Fields& fields, std::string_view payload) {
  const StreamId stream = client_->open_stream(to_fields(fields), payload.empty());
  if (!payload.empty()) {
    EXPECT_TRUE(client_->send_data(stream, as_bytes(payload), true));
  }
  return stream;
}

PushAnswer ProviderApiByHand::push(const Fields& fields, std::string_view payload) {
  const StreamId stream = send(fields, payload);
  run();
  return answers_[stream];
}

PushAnswer ProviderApiByHand::push_to(std::string_view token_prefix) {
  const std::string zeros(64 - token_prefix.size(), '0');
  return push({{":path", "/3/device/" + std::string(token_prefix) + zeros}});
}

void ProviderApiByHand::run() {
  bool has_moved = true;
  while (has_moved) {
    if (std::exchange(is_woken_, false)) {
      engine_->on_time(clock_.io_now());
    }
    const bool to_service = move_to_service();
    has_moved = move_to_client() || to_service || is_woken_;
  }
}

bool ProviderApiByHand::move_to_client() {
  if (engine_->pending().empty()) {
    return false;
  }
  const Bytes bytes(engine_->pending().begin(), engine_->pending().end());
  transcript_->feed(bytes);
  engine_->sent(bytes.size(), clock_.io_now());
  EXPECT_EQ(client_->feed(bytes, clock_.io_now()), bytes.size());
  return true;
}

bool ProviderApiByHand::move_to_service() {
  const ByteView more = client_->pending();
  unread_.insert(unread_.end(), more.begin(), more.end());
  if (!more.empty()) {
    client_->sent(more.size(), clock_.io_now());
  }
  const bool is_over = engine_->close() != Close::None && engine_->pending().empty();
  if (unread_.empty() || is_over || !engine_->wants_read()) {
    return false;
  }
  const std::size_t taken = engine_->feed(unread_, clock_.io_now());
  EXPECT_TRUE(taken == unread_.size() || !engine_->wants_read()) << "less only when it reads none";
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(taken));
  return true;
}

void ProviderApiByHand::end(End how) {
  EXPECT_TRUE(unread_.empty());
  engine_->ended(how, clock_.io_now());
  run();
}

mock::Applied ProviderApiByHand::apply(const mock::FaultAction& action) {
  const mock::Applied applied = api_.apply(0, std::nullopt, action, clock_.io_now());
  EXPECT_EQ(is_woken_, applied.done > 0);
  run();
  return applied;
}

void ProviderApiByHand::arm(mock::FaultRule rule) {
  rules_.arm(std::move(rule), clock_.io_now());
  api_.rules_changed(0, clock_.io_now());
  run();
}

void ProviderApiByHand::reset() {
  if (api_.discard_backlogs(0, clock_.io_now()) > 0) {
    run();
  }
  rules_.reset({}, clock_.io_now());
  api_.reset_connections(0, false, clock_.io_now());
  run();
}

std::vector<std::string> ProviderApiByHand::story() const {
  std::vector<std::string> lines;
  for (const mock::LedgerEvent& event : ledger_.snapshot()) {
    std::string line = std::to_string(event.connection) + " " + to_string(event.outcome);
    const auto add = [&line](const std::string& word) { line += word.empty() ? "" : " " + word; };
    add(event.nth != 0 ? "nth " + std::to_string(event.nth) : "");
    add(event.by);
    add(event.close);
    add(event.status ? std::to_string(*event.status) : "");
    add(event.reason);
    add(event.timestamp ? "since " + std::to_string(*event.timestamp) : "");
    add(event.duration_us.value_or(0) != 0 ? std::to_string(*event.duration_us) + "us" : "");
    add(event.cause);
    add(event.answered == false ? "unanswered" : "");
    add(event.goaway.empty() ? "" : "(" + event.goaway + ")");
    add(event.name);
    add(event.of != 0 ? "of " + std::to_string(event.of) : "");
    lines.push_back(std::move(line));
  }
  return lines;
}

void ProviderApiByHand::advance(Duration span) {
  const TimePoint end = clock_.io_now() + span;
  while (engine_->deadline() <= end) {
    clock_.advance_to(engine_->deadline());
    engine_->on_time(clock_.io_now());
    run();
  }
  clock_.advance_to(end);
}

void ProviderApiByHand::message(const http2::Message& message) {
  PushAnswer& answer = answers_[message.stream];
  for (const http2::Field& field : message.fields) {
    if (field.name == ":status") {
      answer.status = field.value;
    } else {
      answer.fields[std::string(field.name)] = field.value;
    }
  }
}

void ProviderApiByHand::data(StreamId stream, ByteView content, bool /*end_stream*/) {
  answers_[stream].body += as_text(content);
}

void ProviderApiByHand::closed(StreamId stream, http2::StreamEnd end, ErrorCode code,
                               std::uint64_t /*user*/) {
  if (end == http2::StreamEnd::ResetByPeer) {
    answers_[stream].ended = "reset " + code_text(code);
  } else if (end == http2::StreamEnd::Unprocessed) {
    answers_[stream].ended = "unprocessed";
  }
}

void ProviderApiByHand::settings(std::span<const http2::Setting> entries,
                                 std::uint64_t /*position*/) {
  std::string line = "settings";
  for (const http2::Setting& entry : entries) {
    line += " " + http2::setting_text(entry.id) + "=" + std::to_string(entry.value);
  }
  said_.push_back(line);
}

void ProviderApiByHand::goaway(StreamId last_stream, ErrorCode code, std::string_view debug) {
  said_.push_back("goaway " + std::to_string(last_stream) + " " + code_text(code) + " " +
                  std::string(debug));
}

}  // namespace apns::test
