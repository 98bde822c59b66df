#include "tests/support/provider_api_by_hand.h"

#include <algorithm>

#include <gtest/gtest.h>

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
  PeerInfo peer;
  peer.connection = ++num_opened_;
  peer.certificate = std::move(certificate);
  engine_ = api_.accepted(peer, *this, clock_.io_now());
  http2::SessionEvents& events = *this;
  client_ = std::make_unique<http2::Session>(client_options_, events, scratch_, clock_.io_now());
  run();
}

StreamId ProviderApiByHand::send(const Fields& fields, std::string_view payload) {
  Fields all = {{":method", "POST"},
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
  std::vector<http2::Field> sent;
  for (const auto& [name, value] : all) {
    if (!value.empty()) {
      sent.push_back({name, value, http2::field_name::kOther, http2::Representation::Incremental});
    }
  }
  const StreamId stream = client_->open_stream(sent, payload.empty());
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

void ProviderApiByHand::run() {
  while (move(*client_, *engine_) || move(*engine_, *client_)) {
  }
}

bool ProviderApiByHand::move(Engine& from, Engine& to) {
  if (from.pending().empty()) {
    return false;
  }
  const Bytes bytes(from.pending().begin(), from.pending().end());
  from.sent(bytes.size(), clock_.io_now());
  EXPECT_EQ(to.feed(bytes, clock_.io_now()), bytes.size());
  return true;
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
