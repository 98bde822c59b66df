#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certs/credential.h"
#include "certs/whole_file.h"

namespace apns::certs {

/// The credentials that every command shares: made once, kept in one flat folder, so that serve in
/// one shell and push in another need no flags.
///
///   ca.pem, ca.key            the authority; ca-bundle.pem (with the system's), truststore.p12
///   ca.crl.pem                what the authority has revoked
///   server.pem, server.key    the service
///   cert.pem, key.pem         the provider; provider.p12
///   AuthKey_KEY0000001.p8     the provider token's key
struct StateFolder {
  std::filesystem::path dir;

  Credential authority;
  auth::X509CrlPtr crl;  // lists kRevokedSerial
  Credential server;
  Credential provider;     // universal, topic kDefaultTopic, team kDefaultTeamId
  auth::KeyPtr token_key;  // of AuthKey_KEY0000001.p8

  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return dir / name; }
};

inline constexpr std::string_view kDefaultTopic = "com.example.app";
inline constexpr std::string_view kDefaultTeamId = "TEAM000001";
inline constexpr std::string_view kDefaultKeyId = "KEY0000001";
inline constexpr std::string_view kDefaultPassword = "apnslab";  // opens the PKCS#12 files

/// Where systems keep the bundle of authorities that programs trust, in the order of looking.
[[nodiscard]] std::span<const char* const> system_bundle_places();

/// `$XDG_STATE_HOME/apnslab`, else `~/.local/state/apnslab`; throws std::runtime_error when neither
/// can be formed. A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification
/// wants it.
[[nodiscard]] std::filesystem::path default_state_dir();

/// Reads the folder, making it (mode 0700) and whatever is missing in it. Files with keys are
/// written 0600, each file by rename, so that a second process started at the same moment sees
/// whole files only; a lock file (`.lock`) keeps two from making different authorities.
///
/// Of a certificate and its key, one may be missing: a certificate is made anew for a key that is
/// there, and both are when the key is lost, except for the authority's. A server certificate that
/// lacks one of server_names(more_names) is made anew for the same key. ca.crl.pem, ca-bundle.pem,
/// truststore.p12 and provider.p12 follow what they are made of.
///
/// Only what is provably ours is replaced: what ca.pem has signed, a bundle with our first
/// line, a PKCS#12 file that kDefaultPassword opens. Anything else in a file's place throws
/// std::runtime_error: the file, what is wrong with it, and what to remove so that it is made anew.
[[nodiscard]] StateFolder open_state_folder(const std::filesystem::path& dir,
                                            const std::vector<std::string>& more_names = {});

}  // namespace apns::certs
