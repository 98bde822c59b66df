#include "cli/http2_probe.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include "certs/credential.h"
#include "certs/state_folder.h"
#include "cli/push_session.h"
#include "cli/surroundings.h"
#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"

namespace apns::cli {

namespace {

constexpr Duration kLimit = std::chrono::seconds(2);

/// Null: it cannot be, and `problem` says why.
std::unique_ptr<provider::ProviderTokenSource> token_source(const std::filesystem::path& state_dir,
                                                            provider::ProviderTokens& tokens,
                                                            std::string& problem) {
  const std::filesystem::path file =
      state_dir / ("AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8");
  try {
    return parse_file(file, "the key", [&](const std::string& pem) {
      return tokens.source(provider::make_token_signer(
          {pem, certs::kDefaultKeyId, certs::kDefaultTeamId, file.filename().string()}));
    });
  } catch (const std::runtime_error& error) {
    problem = error.what();
    return nullptr;
  }
}

PushItem question() {
  PushItem item{
      1, Notification{.device_token = *DeviceToken::parse(std::string(64, '0')), .payload = "{}"}};
  item.notification.topic = certs::kDefaultTopic;
  item.notification.apns_id = "doctor";
  return item;
}

}  // namespace

Http2Answer ask_http2(const Endpoint& at, const std::filesystem::path& state_dir) {
  Http2Answer answer;
  const net::SystemClock clock;
  provider::ProviderTokens tokens(clock);
  const auto source = token_source(state_dir, tokens, answer.token_problem);
  try {
    Target target;
    target.at = at;
    target.authorities = parse_file(state_dir / "ca.pem", "the CA", certs::parse_certificates_pem);
    provider::Http2ClientOptions options;
    options.service = at;
    options.provider_token = source.get();
    options.dial.connect = options.dial.give_up_after = options.request_limit = kLimit;
    options.dial.max_attempts = 1;
    provider::RetryOptions once;
    once.limits.max_attempts = 1;
    PushSession session(target, std::move(options), once, [&answer](const PushResult& result) {
      answer.status = result.status;
      answer.reason = result.http2 ? result.http2->reason : "";
    });
    session.send(question());
    session.drain(kLimit);
    if (answer.status == 0) {
      answer.problem = session.last_error();
    }
  } catch (const std::runtime_error& error) {
    answer.problem = error.what();
  }
  return answer;
}

}  // namespace apns::cli
