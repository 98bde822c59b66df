#include "apns/auth/provider_token_signer.h"

#include <utility>

#include "apns/auth/base64url.h"

namespace apns::auth {

ProviderTokenSigner::ProviderTokenSigner(TenCharacterId key_id, TenCharacterId team_id,
                                         std::unique_ptr<const Es256Signer> signer)
    : key_id_(key_id), team_id_(team_id), signer_(std::move(signer)) {}

Result<std::string, SigningError> ProviderTokenSigner::make(
    std::chrono::sys_seconds issued_at) const {
  std::string header = R"({"alg":"ES256","kid":")";
  header.append(key_id_.text()).append("\"}");
  std::string claims = R"({"iss":")";
  claims.append(team_id_.text()).append("\",\"iat\":");
  claims.append(std::to_string(issued_at.time_since_epoch().count())).append("}");
  return sign_token(header, claims, *signer_);
}

Result<std::string, SigningError> sign_token(std::string_view header, std::string_view claims,
                                             const Es256Signer& signer) {
  std::string token;
  append_base64url(as_bytes(header), token);
  token += '.';
  append_base64url(as_bytes(claims), token);
  const Result<Es256Signature, SigningError> signature = signer.sign(token);
  if (signature.has_error()) {
    return signature.error();
  }
  token += '.';
  append_base64url(*signature, token);
  return token;
}

}  // namespace apns::auth
