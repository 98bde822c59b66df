#include "apns/http2/static_table.h"

namespace apns::http2 {

namespace {

using namespace field_name;

constexpr std::array<StaticEntry, kStaticTableLen + 1> kEntries = {{
    {},
    {":authority", "", kAuthority},
    {":method", "GET", kMethod},
    {":method", "POST", kMethod},
    {":path", "/", kPath},
    {":path", "/index.html", kPath},
    {":scheme", "http", kScheme},
    {":scheme", "https", kScheme},
    {":status", "200", kStatus},
    {":status", "204", kStatus},
    {":status", "206", kStatus},
    {":status", "304", kStatus},
    {":status", "400", kStatus},
    {":status", "404", kStatus},
    {":status", "500", kStatus},
    {"accept-charset", "", kOther},
    {"accept-encoding", "gzip, deflate", kOther},
    {"accept-language", "", kOther},
    {"accept-ranges", "", kOther},
    {"accept", "", kOther},
    {"access-control-allow-origin", "", kOther},
    {"age", "", kOther},
    {"allow", "", kOther},
    {"authorization", "", kOther},
    {"cache-control", "", kOther},
    {"content-disposition", "", kOther},
    {"content-encoding", "", kOther},
    {"content-language", "", kOther},
    {"content-length", "", kContentLength},
    {"content-location", "", kOther},
    {"content-range", "", kOther},
    {"content-type", "", kOther},
    {"cookie", "", kOther},
    {"date", "", kOther},
    {"etag", "", kOther},
    {"expect", "", kOther},
    {"expires", "", kOther},
    {"from", "", kOther},
    {"host", "", kHost},
    {"if-match", "", kOther},
    {"if-modified-since", "", kOther},
    {"if-none-match", "", kOther},
    {"if-range", "", kOther},
    {"if-unmodified-since", "", kOther},
    {"last-modified", "", kOther},
    {"link", "", kOther},
    {"location", "", kOther},
    {"max-forwards", "", kOther},
    {"proxy-authenticate", "", kOther},
    {"proxy-authorization", "", kOther},
    {"range", "", kOther},
    {"referer", "", kOther},
    {"refresh", "", kOther},
    {"retry-after", "", kOther},
    {"server", "", kOther},
    {"set-cookie", "", kOther},
    {"strict-transport-security", "", kOther},
    {"transfer-encoding", "", kTransferEncoding},
    {"user-agent", "", kOther},
    {"vary", "", kOther},
    {"via", "", kOther},
    {"www-authenticate", "", kOther},
}};

/// Open addressing: index of the first entry of a name, 0 for none.
consteval std::array<std::uint8_t, 256> make_slots() {
  std::array<std::uint8_t, 256> slots{};
  for (std::uint8_t index = 1; index <= kStaticTableLen; ++index) {
    if (kEntries[index].name == kEntries[index - 1U].name) {
      continue;
    }
    std::uint8_t slot = name_slot(kEntries[index].name);
    while (slots[slot] != 0) {
      ++slot;
    }
    slots[slot] = index;
  }
  return slots;
}

constexpr std::array<std::uint8_t, 256> kSlots = make_slots();

}  // namespace

constinit const std::array<StaticEntry, kStaticTableLen + 1> kStaticTable = kEntries;

StaticMatch find_static(std::string_view name, std::string_view value) {
  std::uint8_t slot = name_slot(name);
  while (kSlots[slot] != 0 && kEntries[kSlots[slot]].name != name) {
    ++slot;
  }
  const std::size_t first = kSlots[slot];
  if (first == 0) {
    return {};
  }
  for (std::size_t i = first; i <= kStaticTableLen && kEntries[i].name == name; ++i) {
    if (kEntries[i].value == value) {
      return {.both = i, .name = first};
    }
  }
  return {.both = 0, .name = first};
}

}  // namespace apns::http2
