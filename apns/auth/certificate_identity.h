#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/model/environment.h"

namespace apns::auth {

/// What a provider certificate says about its owner. Read from the subject and from Apple's
/// extensions below 1.2.840.113635.100.6.3 (.1 development, .2 production, .6 topic list; .3 to .5,
/// VoIP, are not read). Source: "Establishing a certificate-based connection to APNs"; the DER of
/// .6 is observed (pushy's apns-extensions.cnf); docs/wire/certificates.md.
struct CertificateIdentity {
  struct Topic {
    std::string topic;               // "com.example.app.voip"
    std::vector<std::string> kinds;  // "voip"; tolerated: several, or none

    [[nodiscard]] bool operator==(const Topic&) const = default;
  };

  std::string uid;                // subject UID: the bundle id, and the default topic; empty: none
  std::string common_name;        // "Apple Push Services: com.example.app"; empty: none
  std::string team_id;            // subject OU; empty: none
  bool development = false;       // extension .1 is there
  bool production = false;        // extension .2 is there
  std::vector<Topic> topics;      // extension .6, in its order; empty: none
  std::string fingerprint;        // SHA-256 of the DER, lower-case hex
  bool issued_by_own_ca = false;  // set by the TLS layer when the chain verified

  /// A certificate with neither .1 nor .2 is taken on trust for both (certificates of unknown tools
  /// have none).
  [[nodiscard]] bool serves(Environment environment) const;

  /// The topic of a binary notification: the UID, else the first of `topics`, else the part of the
  /// common name behind the first ": ", else empty. The view lives as long as the identity.
  [[nodiscard]] std::string_view default_topic() const;
};

enum class IdentityError : std::uint8_t {
  BadTopicList,  // extension .6 is there but is not the SEQUENCE of
                 // docs/wire/certificates.md#topic-list
  BadSubject,    // the UID, CN or OU is of a type that is not text, such as BIT STRING
};

/// Reads the first UID, CN and OU of the subject, and Apple's extensions; ignores what it does not
/// know. Verifies nothing: neither the chain nor dates. Leaves OpenSSL's error queue empty when it
/// fails.
[[nodiscard]] Result<CertificateIdentity, IdentityError> read_certificate_identity(
    const X509* certificate);

/// Encodes the value of extension .6, without the OCTET STRING around it, in DER.
/// Strings have to be UTF-8, and less than 16 MB in all.
[[nodiscard]] Bytes encode_topic_list(const std::vector<CertificateIdentity::Topic>& topics);

/// Decodes the value of extension .6, without the OCTET STRING around it. An empty list is valid.
/// BadTopicList: another tag or order, a length that is not DER's shortest or reaches past its
/// surroundings, bytes behind the end, a string that is not UTF-8.
[[nodiscard]] Result<std::vector<CertificateIdentity::Topic>, IdentityError> decode_topic_list(
    ByteView der);

}  // namespace apns::auth
