#include "apns/auth/openssl_ptr.h"

#include <cstring>

#include <openssl/err.h>

namespace apns::auth {
namespace {

std::string text_of(unsigned long code, const char* data, int flags) {
  std::string text;
  if (const char* library = ERR_lib_error_string(code); library != nullptr) {
    text.append(library).append(": ");
  }
  if (const char* reason = ERR_reason_error_string(code); reason != nullptr) {
    text.append(reason);
  } else if (ERR_SYSTEM_ERROR(code)) {
    text.append(std::strerror(ERR_GET_REASON(code)));
  } else {
    text.append("reason ").append(std::to_string(ERR_GET_REASON(code)));
  }
  if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
    text.append(" (").append(data).append(")");
  }
  return text;
}

}  // namespace

std::string take_openssl_errors() {
  std::string all;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!all.empty()) {
      all += "; ";
    }
    all += text_of(code, data, flags);
  }
  return all.empty() ? "unknown OpenSSL error" : all;
}

}  // namespace apns::auth
