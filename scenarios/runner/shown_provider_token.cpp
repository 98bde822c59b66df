#include "scenarios/runner/shown_provider_token.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <optional>
#include <stdexcept>

#include "apns/auth/base64url.h"
#include "apns/auth/provider_token_signer.h"
#include "scenarios/runner/signing_keys.h"

namespace apns::scenarios {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// One of them, with all that it takes to make it.
struct Row {
  ShownProviderToken shown;
  SigningKey key = kTeamKey;  // signs
  std::string_view header = R"({"alg":"ES256","kid":"KEY0000001"})";
  std::string_view team_id = "TEAM000001";
  seconds skew{};            // of the provider's clock
  bool is_text = false;      // `iat`
  bool is_der = false;       // the signature
  bool is_one_each = false;  // another one for each request
  std::string_view scheme = "bearer ";
  std::string_view instead = {};  // of a token
  std::string_view then = {};     // half an hour after the first, the row of this name
};

constexpr auto kRows = std::to_array<Row>({
    {.shown = {"none", "none at all"}, .scheme = ""},
    {.shown = {"not-a-token", "a text that is none"}, .instead = "secret"},
    {.shown = {"unsigned", "one with the algorithm none"},
     .header = R"({"alg":"none","kid":"KEY0000001"})"},
    {.shown = {"unknown-key", "one of a key that nobody has registered"},
     .key = kUnknownKey,
     .header = R"({"alg":"ES256","kid":"KEY0000009"})"},
    {.shown = {"key-of-another-team", "one whose key is another team's"}, .team_id = "TEAM000002"},
    {.shown = {"signed-by-another-key", "one that another key has signed"}, .key = kUnknownKey},
    {.shown = {"der-signature", "one with a signature in DER"}, .is_der = true},
    {.shown = {"text-iat", "one whose iat is a text"}, .is_text = true},
    {.shown = {"capital-scheme", "one behind Bearer"}, .scheme = "Bearer "},
    {.shown = {"too-old", "one of 70 minutes ago"}, .skew = minutes(-70)},
    {.shown = {"too-far-ahead", "one of 70 minutes from now"}, .skew = minutes(70)},
    {.shown = {"kept-for-ever", "the first one, again and again"}},
    {.shown = {"one-per-request", "another one with each request"}, .is_one_each = true},
    {.shown = {"development-key", "one of a key for the other environment"},
     .key = kDevelopmentKey,
     .header = R"({"alg":"ES256","kid":"KEY0000002"})"},
    {.shown = {"key-of-other-topics", "one of a key for another topic"},
     .key = kTopicKey,
     .header = R"({"alg":"ES256","kid":"KEY0000003"})"},
    {.shown = {"of-the-other-team", "one of another team"},
     .key = kOtherTeamKey,
     .header = R"({"alg":"ES256","kid":"KEY0000004"})",
     .team_id = "TEAM000002"},
    {.shown = {"second-team-later", "after half an hour one of another team"},
     .then = "of-the-other-team"},
    {.shown = {"unrelated-key-later", "after half an hour one of a key for other topics"},
     .then = "key-of-other-topics"},
});

const Row& row_named(std::string_view name) {
  const auto* const found =
      std::ranges::find(kRows, name, [](const Row& row) { return row.shown.name; });
  assert(found != kRows.end());
  return *found;
}

/// The compact form with the signature in DER.
std::string with_der_signature(const std::string& token) {
  const std::size_t dot = token.rfind('.');
  Bytes raw;
  auth::Es256Signature signature{};
  if (auth::decode_base64url(std::string_view(token).substr(dot + 1), raw) ||
      raw.size() != signature.size()) {
    throw std::runtime_error("A signature is not as long as it should be.");
  }
  std::ranges::copy(raw, signature.begin());
  std::string changed = token.substr(0, dot + 1);
  auth::append_base64url(auth::es256_to_der(signature), changed);
  return changed;
}

class ShownSource final : public provider::ProviderTokenSource {
 public:
  ShownSource(const Row& row, const WorldClock& clock)
      : row_(&row), clock_(clock), signer_(make_signer(row.key)) {}

  std::string_view authorization(TimePoint /*now*/) override {
    const WorldTime now = clock_.now();
    first_at_ = first_at_.value_or(now);
    if (!row_->then.empty() && now - *first_at_ >= minutes(30)) {
      row_ = &row_named(row_->then);
      signer_ = make_signer(row_->key);
      text_.clear();
    }
    if (text_.empty() || row_->is_one_each) {
      ++number_;
      text_ = make(now);
    }
    return text_;
  }

  [[nodiscard]] std::uint32_t number() const override { return number_; }

  bool is_replaced(std::uint32_t /*number*/, TimePoint /*now*/) override { return false; }

 private:
  [[nodiscard]] std::string make(WorldTime now) const {
    if (row_->scheme.empty() || !row_->instead.empty()) {
      return std::string(row_->scheme) + std::string(row_->instead);
    }
    const auto iat = std::chrono::floor<seconds>(now) + row_->skew - seconds(number_);
    const std::string at = std::to_string(iat.time_since_epoch().count());
    const std::string claims = R"({"iss":")" + std::string(row_->team_id) + R"(","iat":)" +
                               (row_->is_text ? "\"" + at + "\"" : at) + "}";
    const auto token = auth::sign_token(row_->header, claims, *signer_);
    if (!token) {
      throw std::runtime_error("A provider token could not be signed: " + token.error().text());
    }
    return std::string(row_->scheme) + (row_->is_der ? with_der_signature(*token) : *token);
  }

  const Row* row_;
  const WorldClock& clock_;
  std::unique_ptr<const auth::Es256Signer> signer_;
  std::optional<WorldTime> first_at_;
  std::uint32_t number_ = 0;
  std::string text_;
};

constexpr auto kShown = [] {
  std::array<ShownProviderToken, kRows.size()> shown{};
  std::ranges::transform(kRows, shown.begin(), &Row::shown);
  return shown;
}();

}  // namespace

std::span<const ShownProviderToken> shown_provider_tokens() {
  return kShown;
}

std::vector<std::string> shown_provider_token_names() {
  std::vector<std::string> names;
  names.reserve(kShown.size());
  for (const ShownProviderToken& shown : kShown) {
    names.emplace_back(shown.name);
  }
  return names;
}

std::unique_ptr<provider::ProviderTokenSource> make_shown_source(std::string_view name,
                                                                 const WorldClock& clock) {
  return std::make_unique<ShownSource>(row_named(name), clock);
}

}  // namespace apns::scenarios
