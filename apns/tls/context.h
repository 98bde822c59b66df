#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/auth/openssl_ptr.h"
#include "apns/base/bytes.h"
#include "apns/tls/failure.h"

namespace apns::tls {

enum class Version : std::uint8_t { Tls10, Tls11, Tls12, Tls13 };  // in their order

enum class PeerCertificate : std::uint8_t {
  Ignored,   // none is asked for
  Optional,  // asked for, may be absent
  Required,
};

/// What a service's TLS is like. The certificates are copied (by reference count); keep nothing
/// alive for them.
struct ServerOptions {
  const X509* certificate = nullptr;
  const EVP_PKEY* key = nullptr;
  std::vector<const X509*> authorities;  // that peers' certificates may descend from
  /// Lists of `authorities`; what they list is refused with alert certificate_revoked (44). Their
  /// own dates are not looked at, an authority without a list has revoked nothing, and a list that
  /// none of them has signed says nothing.
  std::vector<const X509_CRL*> crls;
  Version min_version = Version::Tls12;
  Version max_version = Version::Tls12;
  PeerCertificate peer_certificate = PeerCertificate::Required;
  /// Certificates of issuers that are not among `authorities` are taken on trust; their dates still
  /// count. Else they are refused with alert unknown_ca (48).
  bool trust_unknown_issuers = true;
  /// Asked for a peer's certificate that is otherwise in order. What it returns, a clause without a
  /// full stop that says what is wrong, refuses the certificate with alert certificate_unknown
  /// (46); empty lets the peer in. Called on connection threads; does not throw.
  std::function<std::string(const X509*)> refuse_peer;
  /// Asked when a peer's certificate is refused: true sends alert internal_error (80) instead of
  /// the cause's own. Called on connection threads; does not throw.
  std::function<bool(Cause)> hides_cause;
  /// Ours, most wanted first; empty: whatever is offered is ignored. A peer that offers nothing is
  /// served all the same, as several known clients need it; one that offers only others is refused
  /// with alert no_application_protocol (120), RFC 7301 section 3.2.
  std::vector<std::string> alpn;
};

struct ClientOptions {
  const X509* certificate = nullptr;  // null: none is sent
  const EVP_PKEY* key = nullptr;
  std::vector<const X509*> authorities;  // that the server's certificate must descend from
  bool verify_peer = true;               // chain, dates and server_name
  std::string server_name;  // SNI and the name to verify; a numeric address is verified as one
  /// Below TLS 1.2, keys and digests of any strength are taken too.
  Version min_version = Version::Tls12;
  Version max_version = Version::Tls13;
  std::vector<std::string> alpn;
};

/// Settings shared by all connections of one kind; immutable once made, so usable from any thread.
/// Construction throws std::runtime_error with a full sentence and OpenSSL's own text.
///
/// Session tickets and session caching are off: tickets make a silent gateway's socket readable, on
/// which known clients (libcapn, PyAPNs) hang. Buffers of idle connections are released.
/// Renegotiation is refused.
class Context {
 public:
  explicit Context(const ServerOptions& options);
  explicit Context(const ClientOptions& options);

  [[nodiscard]] SSL_CTX* handle() const { return ctx_.get(); }

  [[nodiscard]] const BIO_METHOD* bio_method() const { return bio_method_.get(); }

  [[nodiscard]] bool is_server() const { return is_server_; }

  [[nodiscard]] bool trusts_unknown_issuers() const { return trust_unknown_issuers_; }

  [[nodiscard]] const std::function<std::string(const X509*)>& refuse_peer() const {
    return refuse_peer_;
  }

  [[nodiscard]] bool hides(Cause cause) const { return hides_cause_ && hides_cause_(cause); }

  [[nodiscard]] bool verifies_peer() const { return verify_peer_; }

  /// Is it on a list of its issuer's? For certificates whose chain is in order.
  [[nodiscard]] bool is_revoked(const X509* certificate) const;

  /// The name that a client tells the server; empty: none, as for a numeric address (RFC 6066
  /// section 3).
  [[nodiscard]] const std::string& sni() const { return sni_; }

 private:
  void make(bool server);
  void set_crls(const std::vector<const X509_CRL*>& crls,
                const std::vector<const X509*>& authorities);
  void set_server_name(const std::string& name);
  void set_common(Version min_version, Version max_version, const X509* certificate,
                  const EVP_PKEY* key, const std::vector<const X509*>& authorities);

  auth::BioMethodPtr bio_method_;
  auth::SslCtxPtr ctx_;
  bool is_server_ = false;
  bool trust_unknown_issuers_ = false;
  bool verify_peer_ = true;
  std::function<std::string(const X509*)> refuse_peer_;
  std::function<bool(Cause)> hides_cause_;
  std::vector<auth::X509CrlPtr> crls_;  // each signed by one of the authorities
  std::string sni_;
  Bytes alpn_wire_;  // length-prefixed names
};

/// What a thread's connections share, above all where they decrypt into; one per thread that runs
/// TLS engines, since only the connection that is being fed uses it. Inner engines see views into
/// it, with kPadding readable bytes behind.
struct Scratch {
  static constexpr std::size_t kLen = 65536;
  static constexpr std::size_t kPadding = 64;
  std::array<std::byte, kLen + kPadding> bytes{};

  /// The last peer's certificate identity: the many connections of one provider share one.
  std::shared_ptr<const auth::CertificateIdentity> last_identity;
};

/// The name of a TLS alert, as IANA's "TLS Alerts" registry and RFC 8446 section 6 spell it:
/// "bad_certificate"; "alert_200" for an unlisted one. (OpenSSL 3.0 knows no names of the newer
/// ones.)
[[nodiscard]] std::string alert_name(std::uint8_t alert);

}  // namespace apns::tls
