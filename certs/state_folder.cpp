#include "certs/state_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "certs/certificate_factory.h"

namespace apns::certs {
namespace {

using std::filesystem::path;

constexpr unsigned kPublicMode = 0644;
constexpr unsigned kSecretMode = 0600;
constexpr mode_t kFolderMode = 0700;

constexpr std::string_view kBundleMark =
    "# The system's authorities and apnslab's own. Written by apnslab: changes are lost.\n";
constexpr std::string_view kRemoveIt = "Remove it and it is made anew.";
constexpr std::string_view kRemoveAuthority =
    "Remove ca.key, ca.pem, ca.crl.pem, server.pem and cert.pem, and they are made anew.";

[[noreturn]] void fail(const path& file, std::string_view what,
                       std::string_view remedy = kRemoveIt) {
  throw std::runtime_error(file.string() + ": " + std::string(what) + ". " + std::string(remedy));
}

/// Where a certificate and its key are kept.
struct PairFiles {
  path certificate;
  path key;
  std::string_view key_remedy = kRemoveIt;
};

/// What `parse` makes of a file; null when the file is missing.
template <class Parse>
auto read_if_there(const path& file, std::string_view remedy, Parse parse)
    -> decltype(parse(std::string_view())) {
  const std::optional<std::string> text = read_file(file);
  if (!text) {
    return {};
  }
  try {
    return parse(std::string_view(*text));
  } catch (const std::runtime_error& error) {
    fail(file, error.what(), remedy);
  }
}

auth::KeyPtr read_key(const path& file, std::string_view remedy) {
  auth::KeyPtr key = read_if_there(file, remedy, parse_key_pem);
  if (key) {
    std::array<char, 64> curve{};
    const int named = EVP_PKEY_get_group_name(key.get(), curve.data(), curve.size(), nullptr);
    ERR_clear_error();
    if (named != 1 || std::string_view(curve.data()) != "prime256v1") {
      fail(file, "is not a P-256 key", remedy);
    }
  }
  return key;
}

/// Either half may be missing. Whether they belong together is not looked at.
Credential read_pair(const PairFiles& files) {
  return Credential{read_if_there(files.certificate, kRemoveIt, parse_certificate_pem),
                    read_key(files.key, files.key_remedy)};
}

bool belong_together(const Credential& pair) {
  const bool belong = X509_check_private_key(pair.certificate.get(), pair.key.get()) == 1;
  ERR_clear_error();
  return belong;
}

bool is_signed_by(X509* certificate, X509* authority) {
  const bool is_signed = X509_check_issued(authority, certificate) == X509_V_OK &&
                         X509_verify(certificate, X509_get0_pubkey(authority)) == 1;
  ERR_clear_error();
  return is_signed;
}

CertificateFactory open_authority(const PairFiles& files) {
  Credential found = read_pair(files);
  X509* certificate = found.certificate.get();
  if (certificate == nullptr) {
    const bool is_key_new = !found.key;
    CertificateFactory made(is_key_new ? make_p256_key() : std::move(found.key));
    // The key first: without its key a certificate is useless, while a key is half of a folder that
    // can be completed.
    if (is_key_new) {
      write_file(files.key, to_pem(made.authority().key.get()), kSecretMode);
    }
    write_file(files.certificate, to_pem(made.authority().certificate.get()), kPublicMode);
    return made;
  }
  if (!found.key) {
    fail(files.key, "is missing, and without it ca.pem can sign nothing", files.key_remedy);
  }
  if (!belong_together(found)) {
    fail(files.certificate, "is not the certificate of " + files.key.filename().string());
  }
  if (X509_check_ca(certificate) != 1 || !is_signed_by(certificate, certificate)) {
    fail(files.certificate, "is not the certificate of a root authority");
  }
  return CertificateFactory(std::move(found));
}

auth::X509CrlPtr open_crl(const path& file, const CertificateFactory& factory) {
  X509* authority = factory.authority().certificate.get();
  auth::X509CrlPtr found = read_if_there(file, kRemoveIt, parse_crl_pem);
  if (found && is_crl_of(found.get(), authority)) {
    return found;
  }
  if (found && X509_CRL_verify(found.get(), X509_get0_pubkey(authority)) != 1) {
    ERR_clear_error();
    fail(file, "was not signed by ca.pem");
  }
  auth::X509CrlPtr made = factory.make_crl();
  write_file(file, to_pem(made.get()), kPublicMode);
  return made;
}

/// `suits` says whether a certificate that was found will do, `make` makes one for a key.
Credential open_leaf(const PairFiles& files, const Credential& authority,
                     const std::function<bool(const X509*)>& suits,
                     const std::function<Credential(auth::KeyPtr)>& make) {
  Credential found = read_pair(files);
  if (found.certificate && !is_signed_by(found.certificate.get(), authority.certificate.get())) {
    fail(files.certificate, "was not signed by ca.pem");
  }
  if (found.certificate && found.key && !belong_together(found)) {
    fail(files.key, "is not the key of " + files.certificate.filename().string());
  }
  if (found.certificate && found.key && suits(found.certificate.get())) {
    return found;
  }
  const bool is_key_new = !found.key;
  Credential made = make(is_key_new ? make_p256_key() : std::move(found.key));
  // The certificate first: alone it is known as ours by its signature, and both are made anew.
  write_file(files.certificate, to_pem(made.certificate.get()), kPublicMode);
  if (is_key_new) {
    write_file(files.key, to_pem(made.key.get()), kSecretMode);
  }
  return made;
}

auth::KeyPtr open_token_key(const path& file) {
  auth::KeyPtr key = read_key(file, kRemoveIt);
  if (!key) {
    key = make_p256_key();
    write_file(file, to_pem(key.get()), kSecretMode);
  }
  return key;
}

std::string system_bundle() {
  for (const char* place : system_bundle_places()) {
    if (std::optional<std::string> text = read_file(place)) {
      return std::move(*text) + "\n";
    }
  }
  return {};
}

void refresh_bundle(const path& file, const X509* authority) {
  const std::string wanted = std::string(kBundleMark) + system_bundle() + to_pem(authority);
  const std::optional<std::string> found = read_file(file);
  if (found == wanted) {
    return;
  }
  if (found && !found->starts_with(kBundleMark)) {
    fail(file, "was not written by apnslab");
  }
  write_file(file, wanted, kPublicMode);
}

bool holds(const P12Contents& contents, const X509* wanted) {
  const auto is_wanted = [wanted](const auth::X509Ptr& certificate) {
    return certificate && X509_cmp(certificate.get(), wanted) == 0;
  };
  return is_wanted(contents.credential.certificate) ||
         std::any_of(contents.others.begin(), contents.others.end(), is_wanted);
}

/// Makes a PKCS#12 file that does not hold all of `wanted`.
void refresh_p12(const path& file, const std::vector<const X509*>& wanted, unsigned mode,
                 const std::function<std::string()>& make) {
  const P12Contents found = read_if_there(
      file, kRemoveIt, [](std::string_view der) { return parse_p12(der, kDefaultPassword); });
  const bool is_current =
      std::all_of(wanted.begin(), wanted.end(),
                  [&found](const X509* certificate) { return holds(found, certificate); });
  if (!is_current) {
    write_file(file, make(), mode);
  }
}

void make_folder(const path& dir) {
  std::error_code error;
  if (std::filesystem::is_directory(dir, error)) {
    return;
  }
  std::filesystem::create_directories(dir.parent_path(), error);
  // The mode is the folder's from the start: nobody gets in before the keys are there. Another
  // process may be faster.
  if (::mkdir(dir.c_str(), kFolderMode) != 0) {
    const int failed = errno;
    if (!std::filesystem::is_directory(dir, error)) {
      throw std::runtime_error("cannot make the folder " + dir.string() + ": " +
                               std::strerror(failed));
    }
  }
}

/// The value of a variable of the environment; empty when it is not set.
path variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? path(value) : path();
}

}  // namespace

std::span<const char* const> system_bundle_places() {
  static constexpr std::array kPlaces{
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
      "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Red Hat
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, newer
      "/etc/ssl/ca-bundle.pem",                             // SUSE
      "/etc/ssl/cert.pem",                                  // Alpine, BSD, macOS
  };
  return kPlaces;
}

path default_state_dir() {
  if (const path state = variable("XDG_STATE_HOME"); state.is_absolute()) {
    return state / "apnslab";
  }
  if (const path home = variable("HOME"); !home.empty()) {
    return home / ".local/state/apnslab";
  }
  throw std::runtime_error(
      "neither XDG_STATE_HOME nor HOME is set. Set one, or name the state folder with --state.");
}

StateFolder open_state_folder(const path& dir, const std::vector<std::string>& more_names) {
  StateFolder folder;
  folder.dir = dir.has_filename() ? dir : dir.parent_path();  // "state/" is "state"
  make_folder(folder.dir);
  const FileLock lock(folder.file(".lock"));

  CertificateFactory factory =
      open_authority(PairFiles{folder.file("ca.pem"), folder.file("ca.key"), kRemoveAuthority});
  const Credential& authority = factory.authority();
  folder.crl = open_crl(folder.file("ca.crl.pem"), factory);
  folder.server = open_leaf(
      PairFiles{folder.file("server.pem"), folder.file("server.key")}, authority,
      [&more_names](const X509* found) { return carries_names(found, server_names(more_names)); },
      [&](auth::KeyPtr key) { return factory.make_server(more_names, std::move(key)); });
  folder.provider = open_leaf(
      PairFiles{folder.file("cert.pem"), folder.file("key.pem")}, authority,
      [](const X509* /*found*/) { return true; },
      [&factory](auth::KeyPtr key) {
        return factory.make_provider(
            ProviderCertificate::universal(std::string(kDefaultTopic), std::string(kDefaultTeamId)),
            std::move(key));
      });
  folder.token_key = open_token_key(folder.file("AuthKey_" + std::string(kDefaultKeyId) + ".p8"));

  const X509* root = authority.certificate.get();
  refresh_bundle(folder.file("ca-bundle.pem"), root);
  refresh_p12(folder.file("truststore.p12"), {root}, kPublicMode,
              [root] { return to_truststore(root, kDefaultPassword); });
  refresh_p12(
      folder.file("provider.p12"), {root, folder.provider.certificate.get()}, kSecretMode,
      [&folder, root] { return to_p12(folder.provider, root, kDefaultPassword, kDefaultTopic); });
  folder.authority = std::move(factory).take_authority();
  return folder;
}

}  // namespace apns::certs
