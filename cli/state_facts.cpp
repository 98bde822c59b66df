#include <algorithm>
#include <ctime>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "certs/whole_file.h"
#include "cli/doctor_facts.h"

// The state folder as it is. open_state_folder() would mend it.
namespace apns::cli {

namespace {

namespace fs = std::filesystem;

/// Nothing of ours is valid for longer, and every time until then can be printed.
constexpr SystemTime kLast = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);

SystemTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return SystemTime{};
  }
  return std::min(SystemTime(std::chrono::seconds(timegm(&parts))), kLast);
}

std::vector<std::string> missing_names(const X509* certificate) {
  std::vector<std::string> missing;
  for (const std::string& name : certs::server_names({})) {
    if (!certs::carries_names(certificate, {name})) {
      missing.push_back(name);
    }
  }
  return missing;
}

bool has_key(X509* certificate, const fs::path& file) {
  try {
    const auto text = certs::read_file(file);
    const auth::KeyPtr key = text ? certs::parse_key_pem(*text) : nullptr;
    const bool fits = key != nullptr && X509_check_private_key(certificate, key.get()) == 1;
    ERR_clear_error();
    return fits;
  } catch (const std::runtime_error&) {
    return false;
  }
}

struct Pair {
  const char* certificate;
  const char* key;
};

/// Nullopt: there is no such file.
std::optional<CertificateFact> look_at(const fs::path& dir, const Pair& pair, X509* authority) {
  CertificateFact fact;
  fact.name = pair.certificate;
  auth::X509Ptr certificate;
  try {
    const auto text = certs::read_file(dir / pair.certificate);
    if (!text) {
      return std::nullopt;
    }
    certificate = certs::parse_certificate_pem(*text);
  } catch (const std::runtime_error& error) {
    fact.problem = error.what();
    return fact;
  }
  fact.not_before = time_of(X509_get0_notBefore(certificate.get()));
  fact.not_after = time_of(X509_get0_notAfter(certificate.get()));
  X509* signer = authority == nullptr ? certificate.get() : authority;
  fact.is_of_authority = X509_verify(certificate.get(), X509_get0_pubkey(signer)) == 1;
  ERR_clear_error();
  fact.has_key = has_key(certificate.get(), dir / pair.key);
  if (fact.name == "server.pem") {
    fact.missing_names = missing_names(certificate.get());
  }
  return fact;
}

auth::X509Ptr read_authority(const fs::path& dir) {
  try {
    const auto text = certs::read_file(dir / "ca.pem");
    return text ? certs::parse_certificate_pem(*text) : nullptr;
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

StateFact gather_state(const fs::path& dir) {
  StateFact state;
  state.dir = dir;

  struct stat found {};

  state.is_there = ::stat(dir.c_str(), &found) == 0;
  if (!state.is_there) {
    return state;
  }
  state.is_folder = S_ISDIR(found.st_mode);
  state.is_ours = found.st_uid == geteuid();
  state.mode = found.st_mode & 07777U;
  std::error_code error;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat file {};

    if (::lstat(entry->path().c_str(), &file) == 0) {
      state.files.push_back(FileFact{entry->path().filename().string(), file.st_mode & 07777U});
    }
  }
  std::ranges::sort(state.files, {}, &FileFact::name);
  const auth::X509Ptr authority = read_authority(dir);
  for (const Pair& pair :
       {Pair{"ca.pem", "ca.key"}, {"server.pem", "server.key"}, {"cert.pem", "key.pem"}}) {
    if (auto fact = look_at(dir, pair, authority.get())) {
      state.certificates.push_back(std::move(*fact));
    }
  }
  return state;
}

bool has_authority(const std::filesystem::path& file, const std::filesystem::path& state_dir) {
  try {
    const auto ours = certs::read_file(state_dir / "ca.pem");
    const auto all = certs::read_file(file);
    if (!ours || !all) {
      return false;
    }
    const std::string wanted = certs::to_pem(certs::parse_certificate_pem(*ours).get());
    return all->find(wanted) != std::string::npos;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace apns::cli
