#include "cli/device_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apns/base/rfc3339.h"
#include "apns/json/field_table.h"
#include "apns/model/device_token.h"
#include "cli/text_layout.h"
#include "mock_apns/ledger_escape.h"

namespace apns::cli {

namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr std::size_t kScreenWidth = 46;  // columns between the edges of a phone
constexpr std::size_t kCardWidth = kScreenWidth - 6;
constexpr std::size_t kMaxCards = 5;
constexpr std::size_t kMaxBodyLines = 4;

std::string text_of(const Json& object, const char* key) {
  return mock::printable(object.value(key, std::string()));
}

// ---- Rows ----

std::string phone_state(const Json& device) {
  return std::string(device.at("online").get<bool>() ? "online" : "offline") +
         (device.at("low_power").get<bool>() ? ", low power" : "");
}

std::string token_text(const Json& app) {
  const auto token = DeviceToken::parse(text_of(app, "device_token"));
  if (!token) {
    return "no device token";
  }
  return token->to_short_text() + (app.at("registered").get<bool>() ? "" : " (not registered)");
}

std::string settings_text(const Json& app) {
  std::vector<std::string> off;
  for (const auto& [key, words] :
       {std::pair("alerts", "alerts"), std::pair("badges", "badges"), std::pair("sounds", "sounds"),
        std::pair("background_refresh", "background refresh")}) {
    if (!app.at(key).get<bool>()) {
      off.emplace_back(words);
    }
  }
  return off.empty() ? std::string() : "off: " + json::join(off);
}

Row app_row(const Json& app) {
  return {text_of(app, "bundle_id"), text_of(app, "state"), token_text(app),
          text_of(app, "environment"), settings_text(app)};
}

/// Below the app's row: "voip  b1b2…b5b6", or "liveactivity order-17".
Row family_row(const Json& family) {
  std::string name = "  " + text_of(family, "family");
  for (const char* key : {"activity", "channel"}) {
    const std::string text = text_of(family, key);
    name += text.empty() ? "" : " " + text;
  }
  const auto token = DeviceToken::parse(text_of(family, "device_token"));
  return {name, "", token ? token->to_short_text() : ""};
}

/// The app's, and one for each of its device tokens of other families.
std::vector<Row> rows_of_app(const Json& app) {
  std::vector<Row> rows{app_row(app)};
  if (app.contains("families")) {
    for (const Json& family : app.at("families")) {
      rows.push_back(family_row(family));
    }
  }
  return rows;
}

std::vector<Row> app_rows(const Json& device) {
  std::vector<Row> rows;
  for (const Json& app : device.at("apps")) {
    std::ranges::move(rows_of_app(app), std::back_inserter(rows));
  }
  if (rows.empty()) {
    rows.push_back({"no apps"});
  }
  return rows;
}

// ---- The screen ----

/// One line between the edges of the phone.
std::string edge_to_edge(std::string_view text) {
  return "  │ " + fitted(text, kScreenWidth - 2) + " │\n";
}

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t n = 0; n < times; ++n) {
    out += what;
  }
  return out;
}

std::string centred(std::string_view text) {
  const std::size_t width = width_of(text);
  const std::size_t room = kScreenWidth - 2;
  return std::string(width < room ? (room - width) / 2 : 0, ' ') + std::string(text);
}

/// The name at the left, the state at the right.
std::string status_bar(const Json& device) {
  const std::string state = phone_state(device);
  return edge_to_edge(fitted(text_of(device, "name"), kScreenWidth - 3 - state.size()) + " " +
                      state);
}

/// Hours and minutes, and the day.
std::string clock_lines(const std::string& now) {
  const auto time = parse_rfc3339(now);
  if (!time) {
    return {};
  }
  constexpr std::array kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                "Thursday", "Friday", "Saturday"};
  constexpr std::array kMonths = {"January",   "February", "March",    "April",
                                  "May",       "June",     "July",     "August",
                                  "September", "October",  "November", "December"};
  const auto day = std::chrono::floor<std::chrono::days>(*time);
  const std::chrono::hh_mm_ss clock(*time - day);
  const std::chrono::year_month_day date(day);
  return edge_to_edge(
             centred(fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count()))) +
         edge_to_edge(centred(fmt::format("{} {} {}", kDays[std::chrono::weekday(day).c_encoding()],
                                          static_cast<unsigned>(date.day()),
                                          kMonths[static_cast<unsigned>(date.month()) - 1]))) +
         edge_to_edge("");
}

struct Card {
  std::string bundle_id;
  std::uint64_t of = 0;  // seq of the notification: the later, the newer
  std::vector<std::string> lines;
};

Card card_of(const std::string& bundle_id, const Json& notice) {
  Card card{bundle_id, notice.at("of").get<std::uint64_t>(), {}};
  for (const auto& [key, max_lines] :
       {std::pair("title", std::size_t{1}), std::pair("subtitle", std::size_t{1}),
        std::pair("body", kMaxBodyLines)}) {
    const std::string text = notice.value(key, std::string());
    for (const std::string& line : wrapped(text, kCardWidth, max_lines)) {
      card.lines.push_back(mock::printable(line));
    }
  }
  return card;
}

/// What a Live Activity displays is the app's to draw, so its content stands here as it came.
Card card_of_activity(const std::string& bundle_id, const Json& activity) {
  const std::string state = text_of(activity, "state");
  Card card{bundle_id, UINT64_MAX, {}};
  card.lines.push_back("Live Activity " + text_of(activity, "activity") +
                       (state == "active" ? "" : " (" + state + ")"));
  if (activity.contains("content_state")) {
    for (const std::string& line :
         wrapped(activity.at("content_state").dump(), kCardWidth, kMaxBodyLines)) {
      card.lines.push_back(mock::printable(line));
    }
  }
  return card;
}

/// Live Activities, then the newest first.
std::vector<Card> cards_of(const Json& screen) {
  std::vector<Card> cards;
  for (const Json& app : screen.at("apps")) {
    for (const Json& notice : app.at("notices")) {
      cards.push_back(card_of(text_of(app, "bundle_id"), notice));
    }
    for (const Json& activity : app.value("activities", Json::array())) {
      cards.push_back(card_of_activity(text_of(app, "bundle_id"), activity));
    }
  }
  std::ranges::stable_sort(cards, std::ranges::greater(), &Card::of);
  return cards;
}

std::string drawing_of(const Card& card) {
  const std::string name = fitted(card.bundle_id, std::min(width_of(card.bundle_id), kCardWidth));
  std::string out =
      edge_to_edge("╭ " + name + " " + repeated("─", kCardWidth - width_of(name)) + "╮");
  for (const std::string& line : card.lines) {
    out += edge_to_edge("│ " + fitted(line, kCardWidth) + " │");
  }
  return out + edge_to_edge("╰" + repeated("─", kCardWidth + 2) + "╯");
}

std::string notices_drawing(const Json& screen) {
  const std::vector<Card> cards = cards_of(screen);
  if (cards.empty()) {
    return edge_to_edge(centred("no notices"));
  }
  std::string out;
  for (std::size_t n = 0; n < std::min(cards.size(), kMaxCards); ++n) {
    out += drawing_of(cards[n]);
  }
  if (cards.size() > kMaxCards) {
    out += edge_to_edge(centred(fmt::format("and {} older", cards.size() - kMaxCards)));
  }
  return out;
}

std::string badges_drawing(const Json& screen) {
  std::string out;
  for (const Json& app : screen.at("apps")) {
    const auto badge = app.at("badge").get<std::int64_t>();
    if (badge != 0) {
      out += edge_to_edge(fmt::format("({}) {}", badge, text_of(app, "bundle_id")));
    }
  }
  return out.empty() ? out : edge_to_edge("") + out;
}

}  // namespace

std::string device_table(const std::vector<Json>& devices) {
  std::vector<Row> rows;
  for (const Json& device : devices) {
    Row phone = {text_of(device, "name"), phone_state(device)};
    for (Row& app : app_rows(device)) {
      Row row = std::exchange(phone, Row(2));  // the phone stands in its first row only
      row.insert(row.end(), app.begin(), app.end());
      rows.push_back(std::move(row));
    }
  }
  return table(rows);
}

std::string app_line(const Json& app) {
  return table(rows_of_app(app));
}

std::string screen_drawing(const Json& device, const Json& screen, const std::string& now) {
  std::vector<Row> apps = app_rows(device);
  for (Row& app : apps) {
    app.front().insert(0, "  ");
  }
  return "  ╭" + repeated("─", kScreenWidth) + "╮\n" + status_bar(device) + edge_to_edge("") +
         clock_lines(now) + notices_drawing(screen) + badges_drawing(screen) + "  ╰" +
         repeated("─", kScreenWidth) + "╯\n" + table(apps);
}

}  // namespace apns::cli
