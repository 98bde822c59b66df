#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <openssl/types.h>

namespace apns::tls {

/// What a failure is about, where more can be said than its text.
enum class Cause : std::uint8_t {
  Other,
  NoCertificate,  // of the peer, where one is needed
  Expired,        // the peer's certificate, or one above it; so the next four
  NotYetValid,
  Revoked,
  UnknownIssuer,
  NotWanted,         // ServerOptions::refuse_peer
  Ordered,           // Observer::refuse_handshake
  NotTls,            // plain bytes
  NoCommonProtocol,  // ALPN
};

/// Why a handshake, or later the session, failed.
struct Failure {
  std::optional<std::uint8_t> alert_sent;
  std::optional<std::uint8_t> alert_received;
  bool during_handshake = true;
  std::string text;  // "the peer sent no certificate", or OpenSSL's own text; without a full stop
  Cause cause = Cause::Other;
};

/// An alert, sent or received, that another attempt would draw again. Not so internal_error (80),
/// which a service in trouble sends too, and what merely went wrong on the way.
[[nodiscard]] bool is_about_certificates(std::optional<std::uint8_t> alert);

struct FailureReason {
  Cause cause = Cause::Other;
  std::string text;
};

/// What the verification in `store` has found: "the peer's certificate ended on 2012-12-31, and it
/// is 2025-01-01". The date of today is the verification's.
[[nodiscard]] FailureReason explain_verification(X509_STORE_CTX* store);

/// Whether a verification error says that nobody trusted has issued the certificate.
[[nodiscard]] bool is_unknown_issuer(int error);

/// What is in OpenSSL's error queue, in our users' words where it is a known mistake; empties it.
[[nodiscard]] FailureReason take_openssl_failure();

}  // namespace apns::tls
