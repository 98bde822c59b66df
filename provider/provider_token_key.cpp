#include "provider/provider_token_key.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "apns/auth/private_key_file.h"

namespace apns::provider {

namespace {

constexpr std::string_view kNameBegin = "AuthKey_";
constexpr std::string_view kNameEnd = ".p8";

/// "give the file" as a sentence of its own.
std::string sentence(std::string_view clause) {
  std::string text(clause);
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text + ".";
}

auth::KeyPtr read_key(const ProviderTokenKey& key) {
  Result<auth::KeyPtr, auth::PrivateKeyError> read = auth::read_private_key(key.pem);
  if (read.has_error()) {
    const auth::Words words = auth::words_of(read.error());
    throw std::runtime_error(std::string(key.file.empty() ? "the .p8 file" : key.file) + " is " +
                             std::string(words.found) + ". " + sentence(words.fix));
  }
  return std::move(*read);
}

auth::TenCharacterId read_id(std::string_view text, const std::string& name,
                             const std::string& where) {
  if (text.empty()) {
    throw std::runtime_error("the " + name + " is missing. It has 10 letters and digits; " + where +
                             ".");
  }
  const std::optional<auth::TenCharacterId> id = auth::TenCharacterId::parse(text);
  if (!id) {
    throw std::runtime_error("the " + name + " \"" + std::string(text) +
                             "\" is not 10 letters and digits. Give the whole one: " + where + ".");
  }
  return *id;
}

}  // namespace

std::optional<auth::TenCharacterId> key_id_of_file(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (!name.starts_with(kNameBegin) || !name.ends_with(kNameEnd)) {
    return std::nullopt;
  }
  name.remove_prefix(kNameBegin.size());
  return auth::TenCharacterId::parse(name.substr(0, name.size() - kNameEnd.size()));
}

auth::ProviderTokenSigner make_token_signer(const ProviderTokenKey& key) {
  const auth::TenCharacterId key_id =
      read_id(key.key_id, "key id", "Apple puts it into the name of the .p8 file");
  const auth::TenCharacterId team_id =
      read_id(key.team_id, "team id", "the developer account shows it under its membership");
  const std::string text(team_id.text());
  if (key_id == team_id) {
    throw std::runtime_error("the key id and the team id are both " + text +
                             ". The key's is in the name of the .p8 file, the team's is another.");
  }
  if (key_id_of_file(key.file) == team_id) {
    throw std::runtime_error("the team id " + text + " is the key's, as the name of " +
                             std::string(key.file) + " says. Swap the two ids.");
  }
  auth::ProviderTokenSigner signer(key_id, team_id,
                                   std::make_unique<auth::RandomSigner>(read_key(key)));
  const auto proof = signer.make(std::chrono::sys_seconds{});
  if (proof.has_error()) {
    throw std::runtime_error("OpenSSL cannot sign with the key of the .p8 file: " +
                             proof.error().text() + ". Fetch the file again.");
  }
  return signer;
}

}  // namespace apns::provider
