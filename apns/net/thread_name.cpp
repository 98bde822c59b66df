#include "apns/net/thread_name.h"

#include <pthread.h>

namespace apns::net {

void name_thread(const std::string& name) {
  (void)pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace apns::net
