#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "mock_apns/ledger_event.h"

namespace apns::cli {

/// Which of the provider's violations make a run that passed fail.
enum class FailOn : std::uint8_t { Nothing, Must, Should };  // Should: and must

/// What happened in a run, counted from every event of the ledger as it comes.
class RunTally {
 public:
  /// One thread at a time.
  void count(const mock::LedgerEvent& event);

  /// The closing line, without a newline; `ledger_file` says where to look: empty when there is no
  /// such file.
  ///
  ///   12 notifications: 11 accepted, 1 rejected (8 invalid token); 1 violation (must), see
  ///   --ledger 0 notifications: no provider connected 0 notifications; 2 connections refused (the
  ///   provider does not trust our CA)
  [[nodiscard]] std::string summary(const std::string& ledger_file) const;

  /// Why the run is to fail: which rules were broken. Nothing: it is not.
  [[nodiscard]] std::optional<std::string> failure(FailOn fail_on) const;

 private:
  void count_rejection(const mock::LedgerEvent& event);
  [[nodiscard]] std::string notifications_text() const;
  [[nodiscard]] std::string violations_text(const std::string& ledger_file) const;

  std::uint64_t num_opened_ = 0;  // connections
  std::uint64_t num_refused_ = 0;
  std::string refusal_;  // why, of the last one that said
  std::uint64_t num_accepted_ = 0;
  std::uint64_t num_rejected_ = 0;
  std::uint64_t num_discarded_ = 0;
  std::map<std::string, std::uint64_t> rejections_;  // by what the provider was told
  std::uint64_t num_tuples_ = 0;                     // that were read from the feedback services
  std::uint64_t num_must_ = 0;                       // violations
  std::uint64_t num_should_ = 0;
  std::set<std::string> must_rules_;
  std::set<std::string> should_rules_;
};

}  // namespace apns::cli
