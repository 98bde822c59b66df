#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

std::vector<Case> conformance_rows() {
  std::vector<Case> all;
  for (const auto& rows : {start_rows(), stream_rows(), frame_rows(), settings_rows(),
                           window_rows(), message_rows(), request_rows(), hpack_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
