// What a provider token costs the service: docs/wire/provider_token.md#cost.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "mock_apns/provider_token_check.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

constexpr std::size_t kNumTokens = 64;  // few enough for all to be kept

/// A strict service that knows the key, and tokens of it.
struct Service {
  test::TokenSource source;
  ProviderTokenPolicy policy;
  TeamKeys keys;
  ProviderTokenMemory memory;
  ProviderTokenVerifier verifier{keys, false};
  TokenTime time{.now = kManualStart};
  std::vector<std::string> fields;

  explicit Service(std::size_t num_tokens) {
    keys.add(source.team_key());
    for (std::size_t i = 0; i < num_tokens; ++i) {
      fields.push_back("bearer " + source.at(kManualStart - std::chrono::seconds(i)));
    }
  }

  [[nodiscard]] TokenContext context() {
    return TokenContext{.policy = policy,
                        .environment = Environment::Production,
                        .verifier = verifier,
                        .memory = memory};
  }

  TokenOutcome show(ProviderTokenCheck& connection, const std::string& field) {
    const TokenContext look = context();
    const TokenVerdict verdict = connection.check(field, time, look);
    connection.commit(verdict, time, look);
    return verdict.outcome;
  }
};

void expect(benchmark::State& state, bool holds) {
  if (!holds) {
    state.SkipWithError("another outcome than this case is about");
  }
}

// The token of the request before, as nearly all are.
void repeated(benchmark::State& state) {
  Service service(1);
  ProviderTokenCheck connection;
  (void)service.show(connection, service.fields[0]);
  for (auto iteration : state) {
    benchmark::DoNotOptimize(service.show(connection, service.fields[0]));
  }
  expect(state, service.show(connection, service.fields[0]) == TokenOutcome::Accepted);
  state.SetItemsProcessed(state.iterations());
}

// The first on a connection, of one that another connection has shown.
void on_another_connection(benchmark::State& state) {
  Service service(kNumTokens);
  for (const std::string& field : service.fields) {
    ProviderTokenCheck connection;
    (void)service.show(connection, field);
  }
  std::size_t i = 0;
  for (auto iteration : state) {
    ProviderTokenCheck connection;
    benchmark::DoNotOptimize(service.show(connection, service.fields[i++ % kNumTokens]));
  }
  expect(state, service.verifier.num_verified() == kNumTokens);
  state.SetItemsProcessed(state.iterations());
}

// One that nobody has shown: read, verified and kept.
void unseen(benchmark::State& state) {
  Service service(8 * ProviderTokenVerifier::kNumKept);
  std::size_t i = 0;
  for (auto iteration : state) {
    ProviderTokenCheck connection;
    benchmark::DoNotOptimize(service.show(connection, service.fields[i++ % service.fields.size()]));
  }
  state.SetItemsProcessed(state.iterations());
}

// A flood: another one with each request.
void refused(benchmark::State& state) {
  Service service(kNumTokens);
  ProviderTokenCheck connection;
  (void)service.show(connection, "bearer " + std::string(golden::kWrongKeyToken));
  std::size_t i = 0;
  bool is_refused = true;
  for (auto iteration : state) {
    is_refused &=
        service.show(connection, service.fields[i++ % kNumTokens]) == TokenOutcome::TooManyUpdates;
  }
  expect(state, is_refused);
  state.SetItemsProcessed(state.iterations());
}

void parse(benchmark::State& state) {
  auth::ProviderTokenParser parser;
  for (auto iteration : state) {
    benchmark::DoNotOptimize(parser.parse(golden::kProviderToken).has_value());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(golden::kProviderToken.size()));
}

void verify(benchmark::State& state) {
  auth::ProviderTokenParser parser;
  const auto token = parser.parse(golden::kProviderToken);
  const TeamKey key = test::TokenSource().team_key();
  bool is_valid = true;
  for (auto iteration : state) {
    is_valid &= auth::verify_signature(*token, key.public_key.get());
  }
  expect(state, is_valid);
}

template <class Signer>
void sign(benchmark::State& state) {
  const Signer signer(std::move(*auth::read_private_key(golden::kP8)));
  for (auto iteration : state) {
    benchmark::DoNotOptimize(signer.sign(golden::kProviderToken).has_value());
  }
}

BENCHMARK(repeated)->Name("BM_ProviderToken/repeated");
BENCHMARK(on_another_connection)->Name("BM_ProviderToken/on_another_connection");
BENCHMARK(unseen)->Name("BM_ProviderToken/unseen");
BENCHMARK(refused)->Name("BM_ProviderToken/refused");
BENCHMARK(parse)->Name("BM_ProviderToken/parse");
BENCHMARK(verify)->Name("BM_ProviderToken/verify");
BENCHMARK(sign<auth::RandomSigner>)->Name("BM_ProviderToken/sign");
BENCHMARK(sign<auth::DeterministicSigner>)->Name("BM_ProviderToken/sign_deterministic");

}  // namespace
}  // namespace apns::mock
