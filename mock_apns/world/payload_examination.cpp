#include <algorithm>
#include <utility>

#include "apns/json/syntax.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/payload_document.h"

// PayloadReader::examine: what a person asks about one payload.
namespace apns::mock {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMaxLevels = 1024;  // simdjson's, and so those of payload/depth

/// Of a payload that is not JSON: where it ends being JSON, and why.
void explain_syntax(std::string_view json, PayloadFinding& finding) {
  if (json.starts_with(kByteOrderMark)) {
    finding.why.found = "not JSON: a byte order mark stands before it";
    finding.why.fix = "save the file as UTF-8 without a byte order mark (RFC 8259, section 8.1)";
    return;
  }
  if (const auto problem = json::find_syntax_error(json)) {
    constexpr std::string_view kBegin = "this is ";
    std::string_view reason = problem->reason;
    reason.remove_prefix(reason.starts_with(kBegin) ? kBegin.size() : 0);
    reason.remove_suffix(reason.ends_with('.') ? 1 : 0);
    finding.why.found = reason;
    finding.offset = problem->offset;
    return;
  }
  // Nothing but a NUL byte, which that parser takes for the end, passes it and not the other.
  finding.offset = std::min(json.find('\0'), json.size());
  finding.why.found = "not JSON: a NUL byte stands in it";
}

/// Of a payload that is JSON by its grammar, but that no phone reads.
std::size_t find_flaw(std::string_view json, std::string_view rule) {
  if (rule == "payload/no-lone-surrogates") {
    const std::size_t at = find_lone_surrogate(json);
    return at == std::string_view::npos ? 0 : at;
  }
  if (rule == "payload/numbers-fit-a-double") {
    return find_huge_number(json).value_or(0);
  }
  return rule == "payload/depth" ? find_level(json, kMaxLevels).value_or(0) : 0;
}

}  // namespace

std::vector<PayloadFinding> PayloadReader::examine(std::string_view json,
                                                   const PayloadRequest& request) {
  const PayloadDocument document = parser_->parse(json);
  std::vector<PayloadPlace> places;
  std::vector<Why> wrongs = lint_document(document, request, &places);
  std::vector<PayloadFinding> findings;
  for (std::size_t i = 0; i < wrongs.size(); ++i) {
    PayloadFinding finding{.why = std::move(wrongs[i]), .pointer = pointer_of(places[i])};
    if (document.form == Payload::Form::NotJson) {
      explain_syntax(json, finding);
    } else if (document.form == Payload::Form::Unreadable) {
      finding.offset = find_flaw(json, finding.why.rule);
    } else {
      finding.offset = find_place(json, places[i]);
    }
    findings.push_back(std::move(finding));
  }
  for (PlacedFinding& wrong : lint_request(document, request)) {
    findings.push_back(PayloadFinding{.why = std::move(wrong.why),
                                      .is_must = wrong.is_must,
                                      .pointer = pointer_of(wrong.place),
                                      .offset = find_place(json, wrong.place)});
  }
  return findings;
}

}  // namespace apns::mock
