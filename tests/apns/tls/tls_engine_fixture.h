#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "apns/tls/tls_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

namespace apns::test {

inline tls::ServerOptions server_options(tls::Version version) {
  tls::ServerOptions options = Credentials::shared().server_options();
  options.max_version = version;
  return options;
}

/// Both versions, with contexts that are made once.
class TlsEngineTest : public testing::TestWithParam<tls::Version> {
 protected:
  TlsEngineTest()
      : server_context(server_options(GetParam())),
        client_context(Credentials::shared().client_options()) {}

  [[nodiscard]] std::unique_ptr<TlsPair> make_pair(tls::TlsEngine::Options options = {}) const {
    return std::make_unique<TlsPair>(server_context, client_context, clock, options);
  }

  /// Past the handshake.
  [[nodiscard]] std::unique_ptr<TlsPair> make_open_pair(
      tls::TlsEngine::Options options = {}) const {
    auto pair = make_pair(options);
    pair->run();
    require(pair->server.probe.is_built && pair->client.probe.is_built, "the handshake succeeds");
    return pair;
  }

  FixedClock clock;
  tls::Context server_context;
  tls::Context client_context;
};

}  // namespace apns::test
