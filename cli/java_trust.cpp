#include "cli/java_trust.h"

#include "certs/state_folder.h"

namespace apns::cli {

namespace {

/// The JVM parts the variable at blanks, except between quotes.
std::string quoted(const std::string& text) {
  if (text.find_first_of(" \t") == std::string::npos) {
    return text;
  }
  const char* quote = text.find('"') == std::string::npos ? "\"" : "'";
  return quote + text + quote;
}

}  // namespace

std::string java_tool_options(const std::string& before, const std::filesystem::path& state_dir) {
  std::string text = before;
  for (const std::string& option :
       {"-Djavax.net.ssl.trustStore=" + (state_dir / "truststore.p12").string(),
        "-Djavax.net.ssl.trustStorePassword=" + std::string(certs::kDefaultPassword),
        std::string("-Djavax.net.ssl.trustStoreType=PKCS12")}) {
    text.append(text.empty() ? "" : " ").append(quoted(option));
  }
  return text;
}

}  // namespace apns::cli
