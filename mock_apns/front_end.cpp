#include "mock_apns/front_end.h"

#include <utility>

namespace apns::mock {

namespace {

/// A TLS failure as advice to who runs the provider.
std::string advice(const tls::Failure& failure) {
  if (failure.alert_received) {
    const std::string name = tls::alert_name(*failure.alert_received);
    if (name == "unknown_ca" || name == "bad_certificate" || name == "certificate_unknown") {
      return "the provider does not trust our CA (alert " + name +
             "). Give it ca.pem; for Node: NODE_EXTRA_CA_CERTS.";
    }
    return "the provider ended the handshake with alert " + name + ".";
  }
  if (failure.text == "the peer sent no certificate") {
    return "the provider sent no client certificate. Give it cert.pem and key.pem, or "
           "provider.p12.";
  }
  if (failure.alert_sent) {
    return "refused with alert " + tls::alert_name(*failure.alert_sent) + ": " + failure.text + ".";
  }
  return failure.text + ".";
}

}  // namespace

FrontEnd::FrontEnd(Options options, const WorldClock& clock, Ledger* ledger, ProblemLog log)
    : options_(options),
      clock_(clock),
      ledger_(ledger),
      log_(std::move(log)),
      scratch_(tls::make_scratch(options.threads)),
      transport_(plain_transport()) {}

void FrontEnd::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  transport_ = tls::make_transport(context, clock_, scratch_, this, options);
}

LedgerEvent FrontEnd::event(EventKind kind, EventOutcome outcome, std::uint64_t connection) const {
  LedgerEvent made;
  made.at = clock_.now();
  made.kind = kind;
  made.outcome = outcome;
  made.connection = connection;
  made.protocol = options_.protocol;
  made.environment = options_.environment;
  return made;
}

void FrontEnd::record(LedgerEvent event) const {
  if (ledger_ != nullptr) {
    ledger_->add(std::move(event));
  }
}

void FrontEnd::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (failure.during_handshake) {
    LedgerEvent refused = event(EventKind::Connection, EventOutcome::Refused, peer.connection);
    refused.alert = failure.alert_sent ? failure.alert_sent : failure.alert_received;
    refused.by = failure.alert_received ? "provider" : "service";
    refused.detail = failure.text;
    record(std::move(refused));
  }
  problem(peer.connection, "tls", advice(failure));
}

void FrontEnd::problem(std::uint64_t connection, std::string_view area, std::string text) const {
  if (log_) {
    log_(ServiceProblem{connection, area, std::move(text)});
  }
}

}  // namespace apns::mock
