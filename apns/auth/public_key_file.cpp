#include "apns/auth/public_key_file.h"

#include <climits>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "apns/auth/private_key_file.h"

namespace apns::auth {

KeyPtr read_public_key(std::string_view pem) {
  if (pem.size() > INT_MAX) {
    return nullptr;
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return key && is_p256(key.get()) ? std::move(key) : nullptr;
}

std::string public_key_pem(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  std::string text;
  if (bio && PEM_write_bio_PUBKEY(bio.get(), key) == 1) {
    char* data = nullptr;
    const long len = BIO_get_mem_data(bio.get(), &data);
    text.assign(data, static_cast<std::size_t>(len));
  }
  ERR_clear_error();
  return text;
}

}  // namespace apns::auth
