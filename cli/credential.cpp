#include "cli/credential.h"

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include "apns/auth/certificate_identity.h"
#include "certs/credential.h"
#include "certs/state_folder.h"
#include "provider/provider_token_key.h"

namespace apns::cli {

namespace {

constexpr const char* kCertificate = "certificate";
constexpr const char* kProviderToken = "provider-token";
constexpr const char* kP8Variable = "APNSLAB_P8_FILE";
constexpr const char* kCertVariable = "APNSLAB_CERT_FILE";

/// The first of these that is given, with its dashes; empty: none.
struct Named {
  const std::string& value;
  const char* option;
};

std::string first_of(std::initializer_list<Named> all) {
  for (const Named& one : all) {
    if (!one.value.empty()) {
      return one.option;
    }
  }
  return {};
}

bool is_token_wanted(const CredentialOptions& options, const Surroundings& around) {
  const bool is_token_told = options.auth == kProviderToken;
  const bool is_certificate_told = options.auth == kCertificate;
  const std::string of_certificate =
      first_of({{options.cert, "--cert"}, {options.key, "--key"}, {options.p12, "--p12"}});
  const std::string of_token = first_of(
      {{options.p8, "--p8"}, {options.key_id, "--key-id"}, {options.team_id, "--team-id"}});
  const std::string certificate = is_certificate_told ? "--auth certificate" : of_certificate;
  const std::string token = is_token_told ? "--auth provider-token" : of_token;
  if (!certificate.empty() && !token.empty()) {
    throw std::runtime_error(certificate + " and " + token +
                             " name two credentials: a certificate and a provider token. Leave "
                             "one of them out.");
  }
  if (!certificate.empty() || !token.empty()) {
    return certificate.empty();
  }
  return around.given(kCertVariable).empty() && !around.given(kP8Variable).empty();
}

Credential find_certificate(const CredentialOptions& options, const Surroundings& around) {
  Credential found;
  if (!options.p12.empty()) {
    const std::string password = around.given(options.password, "APNSLAB_PASSWORD");
    certs::P12Contents contents =
        parse_file(options.p12, "--p12",
                   [&password](const std::string& der) { return certs::parse_p12(der, password); });
    if (!contents.credential.certificate) {
      throw std::runtime_error("--p12 " + options.p12 + " holds no certificate with its key.");
    }
    found.certificate = std::move(contents.credential.certificate);
    found.key = std::move(contents.credential.key);
  } else {
    // A PEM file that holds both, as Apple's tools export it, needs no --key.
    const auto key = options.key.empty() && !options.cert.empty()
                         ? std::filesystem::path(options.cert)
                         : around.file(options.key, "APNSLAB_KEY_FILE", "key.pem");
    found.certificate = parse_file(around.file(options.cert, kCertVariable, "cert.pem"),
                                   "the client certificate", certs::parse_certificate_pem);
    found.key = parse_file(key, "the client certificate's key", certs::parse_key_pem);
  }
  if (const auto identity = auth::read_certificate_identity(found.certificate.get())) {
    found.topic = identity->default_topic();
  }
  return found;
}

std::string key_id_for(const CredentialOptions& options, const Surroundings& around,
                       const std::string& in_name) {
  if (!options.key_id.empty()) {
    return options.key_id;
  }
  // The variable is about the file that a variable names.
  const std::string in_variable = around.given("APNSLAB_KEY_ID");
  const bool is_name_first = !options.p8.empty() || in_variable.empty();
  std::string id = is_name_first && !in_name.empty() ? in_name : in_variable;
  if (id.empty()) {
    throw std::runtime_error(
        "the key id is not known. Give it with --key-id: 10 letters and digits, which Apple puts "
        "into the name of the .p8 file.");
  }
  return id;
}

Credential find_token_key(const CredentialOptions& options, const Surroundings& around) {
  const std::filesystem::path file =
      around.file(options.p8, kP8Variable, "AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8");
  const std::optional<std::string> pem = certs::read_file(file);
  if (!pem) {
    throw std::runtime_error("the provider token's key " + file.string() +
                             " is not there. Name it with --p8.");
  }
  const auto id_in_name = provider::key_id_of_file(file.string());
  const std::string in_name(id_in_name ? id_in_name->text() : std::string_view());
  const bool is_ours = in_name == certs::kDefaultKeyId;
  const std::string key_id = key_id_for(options, around, in_name);
  std::string team_id = around.given(options.team_id, "APNSLAB_TEAM_ID");
  if (team_id.empty() && is_ours) {
    team_id = certs::kDefaultTeamId;
  }
  if (team_id.empty()) {
    throw std::runtime_error(
        "the team id is not known. Give it with --team-id: 10 letters and digits, which the "
        "developer account shows under its membership.");
  }
  Credential found;
  found.token_signer = std::make_unique<auth::ProviderTokenSigner>(
      provider::make_token_signer({*pem, key_id, team_id, file.string()}));
  found.topic = around.given("APNSLAB_TOPIC");
  if (found.topic.empty() && is_ours) {
    found.topic = certs::kDefaultTopic;
  }
  return found;
}

}  // namespace

void CredentialOptions::bind_certificate(Options& options) {
  options.file("--cert", cert, "PEM file with the client certificate");
  options.file("--key", key, "PEM file with its private key");
  options.file("--p12", p12, "PKCS#12 file with both");
  options.text("--password", password, "opens the PKCS#12 file");
}

void CredentialOptions::bind_provider_token(Options& options) {
  options.choice("--auth", auth, {kCertificate, kProviderToken},
                 "how to show who we are (default: what an option names, else a certificate)");
  options.file("--p8", p8, "file with the key that signs provider tokens");
  options.text("--key-id", key_id, "its id (default: what the name AuthKey_ID.p8 says)");
  options.text("--team-id", team_id, "the id of its team");
}

Credential find_credential(const CredentialOptions& options, const Surroundings& around,
                           bool takes_tokens) {
  return takes_tokens && is_token_wanted(options, around) ? find_token_key(options, around)
                                                          : find_certificate(options, around);
}

}  // namespace apns::cli
