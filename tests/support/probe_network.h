#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/network.h"
#include "tests/support/checked_engine.h"
#include "tests/support/probe_engine.h"

namespace apns::test {

/// A service whose engines are probes, numbered from 1 as the connections are.
struct ProbeService final : public AcceptEvents {
  explicit ProbeService(Transport t = plain_transport()) : transport(checked(std::move(t))) {}

  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override {
    ++num_accepted;
    if (refuses) {
      return nullptr;
    }
    return transport(peer, host, probe_factory(probes[peer.connection]), now);
  }

  void gone(const PeerInfo& peer, Gone why, TimePoint /*now*/) override {
    over[peer.connection] = why;
  }

  Transport transport;
  bool refuses = false;
  std::size_t num_accepted = 0;
  std::map<std::uint64_t, Probe> probes;
  std::map<std::uint64_t, Gone> over;
};

/// The logic behind a dialer whose engines are probes.
struct ProbeCaller final : public DialEvents {
  explicit ProbeCaller(Transport t = plain_transport()) : transport(checked(std::move(t))) {}

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                    TimePoint now) override {
    connected_at[peer.connection] = now;
    return transport(peer, host, probe_factory(probes[peer.connection]), now);
  }

  void gone(std::uint64_t connection, Gone why, const std::string& /*detail*/,
            TimePoint now) override {
    over[connection] = why;
    over_at[connection] = now;
  }

  void on_alarm(TimePoint now) override { alarms.push_back(now); }

  Transport transport;
  std::map<std::uint64_t, Probe> probes;
  std::map<std::uint64_t, TimePoint> connected_at;
  std::map<std::uint64_t, Gone> over;
  std::map<std::uint64_t, TimePoint> over_at;
  std::vector<TimePoint> alarms;
};

}  // namespace apns::test
