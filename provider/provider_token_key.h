#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apns/auth/provider_token_signer.h"

namespace apns::provider {

/// What a provider signs its tokens with, as people give it. The views outlive the call alone.
struct ProviderTokenKey {
  std::string_view pem;  // the text of the .p8 file
  std::string_view key_id;
  std::string_view team_id;
  std::string_view file;  // its path, for errors; empty: not known
};

/// The key id in the name of a file as Apple calls it, AuthKey_KEY0000001.p8; nullopt: it is called
/// otherwise.
[[nodiscard]] std::optional<auth::TenCharacterId> key_id_of_file(std::string_view path);

/// Checks all that can be known before a service is asked, and signs once to prove it. Throws
/// std::runtime_error, what is wrong and what would be right: not a private key on P-256 without a
/// password (auth::PrivateKeyError), an id that is missing or not 10 letters and digits, both ids
/// the same, or the team's where the file's name has the key's. Source: "Establishing a token-based
/// connection to APNs"; that ids are swapped: vapor/apns#47, node-apn/node-apn-http2#7.
[[nodiscard]] auth::ProviderTokenSigner make_token_signer(const ProviderTokenKey& key);

}  // namespace apns::provider
