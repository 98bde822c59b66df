#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "apns/auth/es256.h"
#include "apns/auth/ten_character_id.h"

namespace apns::auth {

/// Makes provider tokens for one key.
///
///   auto key = read_private_key(text_of_p8_file);
///   const ProviderTokenSigner signer(key_id, team_id,
///   std::make_unique<RandomSigner>(std::move(*key))); auto token = signer.make(now);   // send as
///   "authorization: bearer TOKEN"
///
/// Source: "Establishing a token-based connection to APNs".
class ProviderTokenSigner {
 public:
  ProviderTokenSigner(TenCharacterId key_id, TenCharacterId team_id,
                      std::unique_ptr<const Es256Signer> signer);

  /// A token that is issued at that second by the clock of the provider. When to make a new one is
  /// the caller's to decide: not within 20 minutes, and before 60.
  [[nodiscard]] Result<std::string, SigningError> make(std::chrono::sys_seconds issued_at) const;

  [[nodiscard]] const TenCharacterId& key_id() const { return key_id_; }

  [[nodiscard]] const TenCharacterId& team_id() const { return team_id_; }

 private:
  TenCharacterId key_id_;
  TenCharacterId team_id_;
  std::unique_ptr<const Es256Signer> signer_;
};

/// The compact form of any header and claims, for tokens that are wrong on purpose as well.
[[nodiscard]] Result<std::string, SigningError> sign_token(std::string_view header,
                                                           std::string_view claims,
                                                           const Es256Signer& signer);

}  // namespace apns::auth
