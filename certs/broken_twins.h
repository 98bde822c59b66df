#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "certs/certificate_factory.h"

namespace apns::certs {

/// A provider certificate that is like a sound one but for one thing.
///
///   const BrokenTwin* twin = find_broken_twin("expired");
///   const Credential made = make_factory_of(*twin,
///   std::move(ours)).make_provider(twin->of(sound));
struct BrokenTwin {
  std::string_view name;   // as on the command line
  std::string_view wrong;  // what is wrong with it: "ended on 2012-12-31"
  /// The TLS alert with which a production gateway refuses it; empty: the handshake succeeds.
  std::optional<std::uint8_t> alert = {};
  /// Only a strict gateway refuses it; an open one takes it on trust.
  bool is_for_strict = false;
  bool has_unknown_authority = false;
  void (*spoil)(ProviderCertificate& certificate);
};

/// All of them; docs/wire/certificates.md#broken-twins says where the alerts are from.
[[nodiscard]] std::span<const BrokenTwin> broken_twins();

/// Null when there is none of that name.
[[nodiscard]] const BrokenTwin* find_broken_twin(std::string_view name);

/// The factory for a twin: `ours`, or one around an authority that nobody knows. Throws as the
/// factory does.
[[nodiscard]] CertificateFactory make_factory_of(const BrokenTwin& twin, Credential ours);

}  // namespace apns::certs
