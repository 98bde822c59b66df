#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "apns/auth/provider_token_signer.h"
#include "apns/model/environment.h"
#include "apns/tls/context.h"
#include "certs/broken_twins.h"
#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/commands.h"

namespace apns::cli {

namespace {

struct CertsOptions {
  std::string state;
  std::string out;
  std::string kind = "universal";
  std::string topic = std::string(certs::kDefaultTopic);
  std::string team = std::string(certs::kDefaultTeamId);
  std::string password = std::string(certs::kDefaultPassword);
  bool provider_token = false;
};

constexpr std::array<std::string_view, 3> kSoundKinds = {"universal", "production", "development"};

std::vector<std::string> kinds() {
  std::vector<std::string> all(kSoundKinds.begin(), kSoundKinds.end());
  for (const certs::BrokenTwin& twin : certs::broken_twins()) {
    all.emplace_back(twin.name);
  }
  return all;
}

std::string alert_text(const certs::BrokenTwin& twin) {
  if (!twin.alert) {
    return "no alert";
  }
  return "alert " + std::to_string(*twin.alert) + " " + tls::alert_name(*twin.alert) +
         (twin.is_for_strict ? " from a strict service" : "");
}

std::string kind_help() {
  std::string text =
      "universal, production or development: environments it is good for; or broken:";
  for (const certs::BrokenTwin& twin : certs::broken_twins()) {
    text.append("\n").append(twin.name).append(": ").append(twin.wrong);
    text.append(" (").append(alert_text(twin)).append(")");
  }
  return text;
}

certs::ProviderCertificate wanted(const CertsOptions& options, const certs::BrokenTwin* twin) {
  if (twin == nullptr && options.kind != "universal") {
    return certs::ProviderCertificate::legacy(
        options.topic, options.team,
        options.kind == "production" ? Environment::Production : Environment::Development);
  }
  auto made = certs::ProviderCertificate::universal(options.topic, options.team);
  if (twin != nullptr) {
    twin->spoil(made);
  }
  return made;
}

/// Signed now with the folder's key; a provider may show it for an hour.
std::string provider_token(const certs::StateFolder& folder) {
  const auth::ProviderTokenSigner signer(
      *auth::TenCharacterId::parse(certs::kDefaultKeyId),
      *auth::TenCharacterId::parse(certs::kDefaultTeamId),
      std::make_unique<auth::RandomSigner>(auth::KeyPtr(EVP_PKEY_dup(folder.token_key.get()))));
  const auto token =
      signer.make(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  if (!token) {
    throw std::runtime_error("AuthKey_" + std::string(certs::kDefaultKeyId) +
                             ".p8 does not sign. Remove the file and it is made anew.");
  }
  return *token;
}

int certs_main(const CertsOptions& options) {
  const std::filesystem::path dir =
      options.state.empty() ? certs::default_state_dir() : std::filesystem::absolute(options.state);
  certs::StateFolder folder = certs::open_state_folder(dir);
  if (options.provider_token) {
    std::cout << provider_token(folder) << "\n";
    return 0;
  }
  if (options.out.empty()) {
    std::cout << "credentials of this state folder, valid until 2119:\n  " << dir.string() << "\n"
              << "  ca.pem              trust this\n"
              << "  ca.crl.pem          what it has revoked\n"
              << "  ca-bundle.pem       the system's CAs and ours\n"
              << "  truststore.p12      for Java (password " << certs::kDefaultPassword << ")\n"
              << "  cert.pem key.pem    client certificate, topic " << certs::kDefaultTopic
              << ", both environments\n"
              << "  provider.p12        the same (password " << certs::kDefaultPassword << ")\n"
              << "  AuthKey_" << certs::kDefaultKeyId << ".p8   signing key, team "
              << certs::kDefaultTeamId << "\n"
              << "  server.pem          what the service shows: localhost and Apple's host names\n";
    return 0;
  }
  const certs::BrokenTwin* twin = certs::find_broken_twin(options.kind);
  const certs::CertificateFactory factory =
      twin != nullptr ? certs::make_factory_of(*twin, std::move(folder.authority))
                      : certs::CertificateFactory(std::move(folder.authority));
  const certs::ProviderCertificate certificate = wanted(options, twin);
  const certs::Credential made = factory.make_provider(certificate);
  const std::filesystem::path out = options.out;
  std::filesystem::create_directories(out);
  certs::write_file(out / "cert.pem", certs::to_pem(made.certificate.get()), 0644);
  certs::write_file(out / "key.pem", certs::to_pem(made.key.get()), 0600);
  certs::write_file(
      out / "provider.p12",
      certs::to_p12(made, factory.authority().certificate.get(), options.password, options.topic),
      0600);
  std::cout << out.string() << ": cert.pem, key.pem, provider.p12 (password " << options.password
            << "), " << options.kind << ", topic "
            << (certificate.bundle_id.empty() ? "none" : certificate.bundle_id) << ", team "
            << options.team << "\n";
  if (twin != nullptr) {
    std::cout << "broken: " << twin->wrong << "; " << alert_text(*twin) << "\n";
  }
  return 0;
}

}  // namespace

Command certs_command() {
  return Command{
      "certs", "certs", "certificates and keys, and new ones", "The rest",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<CertsOptions>();
        o.folder("--state", options->state,
                 "state folder, made when it is not there (default: ~/.local/state/apnslab)");
        o.folder("--out", options->out, "make a new client certificate into this folder");
        o.choice("--kind", options->kind, kinds(), kind_help());
        o.text("--topic", options->topic, "bundle id");
        o.text("--team", options->team, "team id, 10 characters");
        o.text("--password", options->password, "of provider.p12");
        o.flag("--provider-token", options->provider_token,
               "print a provider token that is valid for an hour, for curl: -H \"authorization: "
               "bearer $(apnslab certs --provider-token)\"");
        o.example("apnslab certs --out ./dev-cert --kind development --topic com.example.app");
        return [options] { return certs_main(*options); };
      }};
}

}  // namespace apns::cli
