#include "mock_apns/world/magic_token.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "apns/model/binary_status.h"
#include "apns/model/reason.h"

namespace apns::mock {

namespace {

/// What stands in the eight digits behind "fa11".
struct Digits {
  std::string_view what;
  unsigned row;       // argument's first two, decimal
  unsigned times;     // argument's last two, decimal
  unsigned argument;  // all four, decimal
};

std::optional<unsigned> decimal(std::string_view digits) {
  unsigned value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<unsigned>(digit - '0');
  }
  return value;
}

// ---- What each does ----

using Read = std::optional<MagicToken> (*)(const Digits& digits);

MagicToken rejecting(std::uint8_t status, Reason reason, const Digits& digits) {
  MagicToken magic;
  magic.action.reject = status;
  magic.http2.reason = reason;
  magic.times = static_cast<std::uint8_t>(digits.times);
  return magic;
}

template <std::uint8_t kStatus>
std::optional<MagicToken> status(const Digits& digits) {
  if (digits.row != 0) {
    return std::nullopt;
  }
  return rejecting(kStatus, *nearest_reason(kStatus), digits);
}

/// `what` is the HTTP status.
std::optional<MagicToken> reason(const Digits& digits) {
  const auto http_status = decimal(digits.what);
  const ReasonRow* row = http_status ? find_reason(*http_status, digits.row) : nullptr;
  if (row == nullptr) {
    return std::nullopt;
  }
  const BinaryStatus nearest = nearest_binary_status(row->reason);
  return rejecting(static_cast<std::uint8_t>(nearest), row->reason, digits);
}

std::optional<MagicToken> going_away(const Digits& digits) {
  if (digits.row > 1) {
    return std::nullopt;
  }
  MagicToken magic;
  magic.action.reject = static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  GoawayFault& goaway = magic.http2.goaway.emplace();
  if (digits.row == 0) {
    goaway.reason = Reason::Shutdown;
  }
  magic.times = static_cast<std::uint8_t>(digits.times);
  return magic;
}

std::optional<MagicToken> delayed(const Digits& digits) {
  MagicToken magic;
  magic.action.delay = std::chrono::milliseconds(digits.argument);
  magic.http2.delay = magic.action.delay;
  return magic;
}

std::optional<MagicToken> closed(const Digits& digits) {
  constexpr std::array kCloses{FaultClose::Fin, FaultClose::Rst, FaultClose::HalfOpen};
  if (digits.row >= kCloses.size()) {
    return std::nullopt;
  }
  MagicToken magic;
  magic.action.close = kCloses.at(digits.row);
  magic.http2.close = magic.action.close;
  magic.times = static_cast<std::uint8_t>(digits.times);
  return magic;
}

std::optional<MagicToken> unanswered(const Digits& /*digits*/) {
  MagicToken magic;
  magic.action.stop_reading = true;
  magic.http2.no_answer = true;
  return magic;
}

template <MagicToken::Fate kFate>
std::optional<MagicToken> fate(const Digits& /*digits*/) {
  MagicToken magic;
  magic.fate = kFate;
  return magic;
}

// ---- The table ----

struct Row {
  MagicRow shown;
  Read read;
};

constexpr std::string_view kTimes = "then how often in two decimal digits (00: always)";

Row row_of_reasons(std::uint16_t http_status) {
  const ReasonRow& usual = *find_reason(http_status, 0);
  Row row{{fmt::format("fa11{:04}", http_status),
           "the nearest status: " +
               binary_status_text(static_cast<std::uint8_t>(nearest_binary_status(usual.reason))),
           reason_text(usual.reason), fmt::format("00 {}", usual.name)},
          reason};
  for (unsigned number = 1; const ReasonRow* other = find_reason(http_status, number); ++number) {
    row.shown.argument += fmt::format(", {:02} {}", number, other->name);
  }
  row.shown.argument += fmt::format("; {}", kTimes);
  return row;
}

template <std::uint8_t kStatus>
Row row_of_status() {
  const BinaryStatusRow& named = *find_binary_status(kStatus);
  const bool is_shutdown = named.status == BinaryStatus::Shutdown;
  return Row{{fmt::format("fa11b{:03}", kStatus),
              fmt::format("status {}, {}{}", kStatus, named.name,
                          is_shutdown ? ": names the last one accepted" : ""),
              "the nearest reason: " + reason_text(*nearest_reason(kStatus)),
              fmt::format("00, {}", kTimes)},
             status<kStatus>};
}

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  for (const std::uint16_t http_status : reason_statuses()) {
    rows.push_back(row_of_reasons(http_status));
  }
  rows.push_back(Row{{"fa110ff1", "accepted and stored: the phone is offline", "the same", "0000"},
                     fate<MagicToken::Fate::Offline>});
  rows.push_back(
      Row{{"fa1160a0", "status 10, shutdown: names the last one accepted", "answered, and GOAWAY",
           fmt::format("00 with the reason Shutdown, 01 without "
                       "debug data; {}",
                       kTimes)},
          going_away});
  rows.push_back(row_of_status<1>());
  rows.push_back(row_of_status<2>());
  rows.push_back(row_of_status<3>());
  rows.push_back(row_of_status<4>());
  rows.push_back(row_of_status<5>());
  rows.push_back(row_of_status<6>());
  rows.push_back(row_of_status<7>());
  rows.push_back(row_of_status<8>());
  rows.push_back(row_of_status<10>());
  rows.push_back(row_of_status<128>());
  rows.push_back(row_of_status<255>());
  rows.push_back(Row{{"fa11c105", "the connection is closed without a word", "the same",
                      "00 fin, 01 rst, 02 half-open; then how often (00: always)"},
                     closed});
  rows.push_back(
      Row{{"fa11de1a", "accepted after so many milliseconds; what is behind it waits",
           "answered after so many milliseconds; other streams go on", "0000 to 9999, decimal"},
          delayed});
  rows.push_back(Row{{"fa11dead", "accepted, and nothing more is read from the connection",
                      "no answer; other streams go on", "0000"},
                     unanswered});
  rows.push_back(Row{
      {"fa11feed", "accepted, then the app is gone: a feedback tuple, and status 8 from then on",
       "the same, and 410 Unregistered from then on", "0000"},
      fate<MagicToken::Fate::Uninstalled>});
  return rows;
}

const std::vector<Row>& all_rows() {
  static const std::vector<Row> kRows = make_rows();
  return kRows;
}

constexpr std::size_t kWhatLen = 4;
constexpr std::size_t kMagicLen = 4;

}  // namespace

std::optional<MagicToken> parse_magic_token(ByteView token) {
  if (!looks_magic(token)) {
    return std::nullopt;
  }
  const std::string hex = to_hex(token.subspan(kMagicLen / 2, 4));
  const std::string_view argument = std::string_view(hex).substr(kWhatLen);
  const auto number = decimal(argument);
  if (!number) {
    return std::nullopt;
  }
  const Digits digits{.what = std::string_view(hex).substr(0, kWhatLen),
                      .row = *number / 100,
                      .times = *number % 100,
                      .argument = *number};
  const auto row = std::ranges::find_if(all_rows(), [&digits](const Row& candidate) {
    return std::string_view(candidate.shown.prefix).substr(kMagicLen) == digits.what;
  });
  return row == all_rows().end() ? std::nullopt : row->read(digits);
}

std::span<const MagicRow> magic_rows() {
  static const std::vector<MagicRow> kShown = [] {
    std::vector<MagicRow> shown;
    for (const Row& row : all_rows()) {
      shown.push_back(row.shown);
    }
    return shown;
  }();
  return kShown;
}

}  // namespace apns::mock
