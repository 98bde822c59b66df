#pragma once

#include <memory>
#include <string>

#include "apns/auth/openssl_ptr.h"
#include "apns/auth/provider_token_signer.h"
#include "cli/options.h"
#include "cli/surroundings.h"

namespace apns::cli {

/// How to show who we are, as options of push and its like.
struct CredentialOptions {
  std::string auth;  // "certificate", "provider-token"; empty: whichever is named
  std::string cert;
  std::string key;
  std::string p12;
  std::string password;
  std::string p8;
  std::string key_id;
  std::string team_id;

  void bind_certificate(Options& options);
  void bind_provider_token(Options& options);
};

/// A certificate with its key, or what signs provider tokens.
struct Credential {
  auth::X509Ptr certificate;
  auth::KeyPtr key;
  std::unique_ptr<auth::ProviderTokenSigner> token_signer;  // null: it is a certificate
  std::string topic;  // that it is for; empty: it does not say
};

/// What an option names counts, and no two of them may; else what the variables name, a certificate
/// first; else the certificate of the state folder.
///
///   --cert, --key       $APNSLAB_CERT_FILE, $APNSLAB_KEY_FILE     cert.pem, key.pem
///   --p12, --password
///   --p8                $APNSLAB_P8_FILE                          AuthKey_KEY0000001.p8
///   --key-id            the file's name, $APNSLAB_KEY_ID          (a variable's file: the other
///   --team-id           $APNSLAB_TEAM_ID                          way round)
///
/// The topic of a provider token is $APNSLAB_TOPIC; the key of the state folder has its team and
/// topic, too. `takes_tokens`: else only certificates are looked for. Throws std::runtime_error
/// with what is missing and what would provide it, or with the file that is no good and why.
[[nodiscard]] Credential find_credential(const CredentialOptions& options,
                                         const Surroundings& around, bool takes_tokens);

}  // namespace apns::cli
