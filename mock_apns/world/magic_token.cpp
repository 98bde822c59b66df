#include "mock_apns/world/magic_token.h"

#include <algorithm>
#include <array>
#include <string>

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

using Read = std::optional<MagicToken> (*)(const Digits& digits);

template <std::uint8_t kStatus>
std::optional<MagicToken> status(const Digits& digits) {
  if (digits.row != 0) {
    return std::nullopt;
  }
  MagicToken magic;
  magic.action.reject = kStatus;
  magic.times = static_cast<std::uint8_t>(digits.times);
  return magic;
}

std::optional<MagicToken> delayed(const Digits& digits) {
  MagicToken magic;
  magic.action.delay = std::chrono::milliseconds(digits.argument);
  return magic;
}

std::optional<MagicToken> closed(const Digits& digits) {
  constexpr std::array kCloses{FaultClose::Fin, FaultClose::Rst, FaultClose::HalfOpen};
  if (digits.row >= kCloses.size()) {
    return std::nullopt;
  }
  MagicToken magic;
  magic.action.close = kCloses.at(digits.row);
  magic.times = static_cast<std::uint8_t>(digits.times);
  return magic;
}

std::optional<MagicToken> unanswered(const Digits& /*digits*/) {
  MagicToken magic;
  magic.action.stop_reading = true;
  return magic;
}

template <MagicToken::Fate kFate>
std::optional<MagicToken> fate(const Digits& /*digits*/) {
  MagicToken magic;
  magic.fate = kFate;
  return magic;
}

struct Row {
  MagicRow shown;
  Read read;
};

constexpr std::string_view kStatusArgument =
    "00, then how often in two decimal digits (00: always)";

constexpr std::array kRows{
    Row{{"fa110ff1", "accepted and stored: the phone is offline", "0000"},
        fate<MagicToken::Fate::Offline>},
    Row{{"fa1160a0", "status 10, shutdown: names the last one accepted", kStatusArgument},
        status<10>},
    Row{{"fa11b001", "status 1, processing error", kStatusArgument}, status<1>},
    Row{{"fa11b002", "status 2, missing device token", kStatusArgument}, status<2>},
    Row{{"fa11b003", "status 3, missing topic", kStatusArgument}, status<3>},
    Row{{"fa11b004", "status 4, missing payload", kStatusArgument}, status<4>},
    Row{{"fa11b005", "status 5, invalid token size", kStatusArgument}, status<5>},
    Row{{"fa11b006", "status 6, invalid topic size", kStatusArgument}, status<6>},
    Row{{"fa11b007", "status 7, invalid payload size", kStatusArgument}, status<7>},
    Row{{"fa11b008", "status 8, invalid token", kStatusArgument}, status<8>},
    Row{{"fa11b010", "status 10, shutdown: names the last one accepted", kStatusArgument},
        status<10>},
    Row{{"fa11b128", "status 128, protocol error", kStatusArgument}, status<128>},
    Row{{"fa11b255", "status 255, unknown", kStatusArgument}, status<255>},
    Row{{"fa11c105", "the connection is closed without a word",
         "00 fin, 01 rst, 02 half-open; then how often (00: always)"},
        closed},
    Row{{"fa11de1a", "accepted after so many milliseconds; what is behind it waits",
         "0000 to 9999, decimal"},
        delayed},
    Row{{"fa11dead", "accepted, and nothing more is read from the connection", "0000"}, unanswered},
    Row{{"fa11feed", "accepted, then the app is gone: a feedback tuple, and status 8 from then on",
         "0000"},
        fate<MagicToken::Fate::Uninstalled>},
};

constexpr std::size_t kWhatLen = 4;
constexpr std::size_t kMagicLen = 4;

constexpr auto kShown = [] {
  std::array<MagicRow, kRows.size()> shown{};
  std::ranges::transform(kRows, shown.begin(), &Row::shown);
  return shown;
}();

static_assert(std::ranges::is_sorted(kShown, {}, &MagicRow::prefix));

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
  const auto* const row = std::ranges::find_if(kRows, [&digits](const Row& candidate) {
    return candidate.shown.prefix.substr(kMagicLen) == digits.what;
  });
  return row == kRows.end() ? std::nullopt : row->read(digits);
}

std::span<const MagicRow> magic_rows() {
  return kShown;
}

}  // namespace apns::mock
