#include "apns/tls/bio.h"

#include <algorithm>
#include <cstring>

#include "apns/tls/tls_engine.h"

namespace apns::tls {

/// Called by OpenSSL, so nothing here throws.
struct BioCallbacks {
  static int read(BIO* bio, char* to, std::size_t len, std::size_t* taken) noexcept {
    auto& engine = *static_cast<TlsEngine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t n = std::min(len, engine.in_.size());
    if (n == 0) {
      BIO_set_retry_read(bio);
      *taken = 0;
      return 0;
    }
    std::memcpy(to, engine.in_.data(), n);
    engine.in_ = engine.in_.subspan(n);
    *taken = n;
    return 1;
  }

  static int write(BIO* bio, const char* from, std::size_t len, std::size_t* written) noexcept {
    auto& engine = *static_cast<TlsEngine*>(BIO_get_data(bio));
    engine.out_.append(as_bytes({from, len}));
    *written = len;
    return 1;
  }

  static long ctrl(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
};

auth::BioMethodPtr make_bio_method() {
  auth::BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "apns::tls"));
  if (method) {
    BIO_meth_set_read_ex(method.get(), BioCallbacks::read);
    BIO_meth_set_write_ex(method.get(), BioCallbacks::write);
    BIO_meth_set_ctrl(method.get(), BioCallbacks::ctrl);
  }
  return method;
}

}  // namespace apns::tls
