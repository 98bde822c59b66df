#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/controlled_clock.h"
#include "mock_apns/provider_token_check.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {

/// One connection to a service that knows KEY0000001 of TEAM000001, under a clock that stands until
/// it is told. Tests may open more of them.
class ProviderTokenFixture : public testing::Test {
 protected:
  explicit ProviderTokenFixture(bool is_open = false) : verifier(keys, is_open) {
    keys.add(source.team_key());
  }

  [[nodiscard]] TokenContext context() {
    return TokenContext{.policy = profile.provider_token,
                        .environment = environment,
                        .verifier = verifier,
                        .memory = memory};
  }

  [[nodiscard]] TokenTime time() const { return TokenTime::of(clock); }

  void pass(Duration by) { base.advance_to(base.io_now() + by); }

  /// A token of now, by the clock of the provider.
  [[nodiscard]] std::string fresh() const { return source.at(base.now()); }

  TokenOutcome show(std::string_view authorization, ProviderTokenCheck& to) {
    const TokenVerdict verdict = to.check(authorization, time(), context());
    EXPECT_EQ(to.check(authorization, time(), context()).outcome, verdict.outcome)
        << "checking changes nothing";
    why = verdict.accepted() ? Why() : to.explain(verdict, time(), context());
    to.commit(verdict, time(), context());
    return verdict.outcome;
  }

  TokenOutcome send(std::string_view token, ProviderTokenCheck& to) {
    return show("bearer " + std::string(token), to);
  }

  TokenOutcome send(std::string_view token) { return send(token, connection); }

  ManualClock base;
  ControlledClock clock{base};
  test::TokenSource source;
  Http2Profile profile;
  Environment environment = Environment::Production;
  TeamKeys keys;
  ProviderTokenMemory memory;
  ProviderTokenVerifier verifier;
  ProviderTokenCheck connection;
  Why why;  // of the last that was refused
};

}  // namespace apns::mock
