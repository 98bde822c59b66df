#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apns/auth/openssl_ptr.h"
#include "apns/base/network.h"
#include "apns/model/environment.h"
#include "cli/credential.h"
#include "cli/options.h"

namespace apns::cli {

/// What is looked for at a service.
enum class TargetPort : std::uint8_t { Gateway, Feedback, Http2 };

/// Where the service is and how to show who we are, as options of push and its like.
struct TargetOptions {
  std::string to;
  std::string environment = "production";
  std::string state;
  std::string ca;
  CredentialOptions credential;

  /// Gateway and Http2 are one thing to the help: which it is, another option says.
  void bind(Options& options, TargetPort wanted);
};

struct Target {
  Endpoint at;
  Credential credential;
  std::vector<auth::X509Ptr> authorities;
  std::string phone_device_token;           // hex
  bool is_phone_device_token_told = false;  // by a variable
  std::string control_url;                  // of the same service; empty: not known
};

/// Finds each part by itself: the option, else the APNSLAB_* variable, else ready.json and the
/// files of the state folder. A state folder that an option names goes before the variables. Throws
/// std::runtime_error with what is missing and what would provide it, or with the file that is no
/// good and why.
[[nodiscard]] Target find_target(const TargetOptions& options,
                                 TargetPort wanted = TargetPort::Gateway);

}  // namespace apns::cli
