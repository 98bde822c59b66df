#include "provider/tls_refusal.h"

#include "apns/tls/context.h"

namespace apns::provider {

std::optional<std::string> certificate_refusal(const tls::Failure& failure,
                                               const std::string& service) {
  if (tls::is_about_certificates(failure.alert_sent)) {
    return "we refused " + service + "'s certificate (" + tls::alert_name(*failure.alert_sent) +
           "): " + failure.text +
           ". Trust its CA with --ca, or use the state folder that the service uses.";
  }
  if (tls::is_about_certificates(failure.alert_received)) {
    return service + " refused our certificate (alert " + tls::alert_name(*failure.alert_received) +
           "). Use a certificate of this environment that has neither expired nor been revoked.";
  }
  return std::nullopt;
}

}  // namespace apns::provider
