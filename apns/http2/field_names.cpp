#include <algorithm>
#include <cassert>
#include <numeric>

#include "apns/http2/field.h"
#include "apns/http2/static_table.h"

namespace apns::http2 {

namespace {

using namespace field_name;

struct OwnName {
  std::string_view name;
  std::uint16_t id;
};

constexpr OwnName kOwnNames[] = {
    {":method", kMethod},
    {":scheme", kScheme},
    {":authority", kAuthority},
    {":path", kPath},
    {":protocol", kProtocol},
    {":status", kStatus},
    {"content-length", kContentLength},
    {"host", kHost},
    {"te", kTe},
    {"connection", kConnection},
    {"keep-alive", kKeepAlive},
    {"proxy-connection", kProxyConnection},
    {"transfer-encoding", kTransferEncoding},
    {"upgrade", kUpgrade},
};

}  // namespace

FieldNames::FieldNames(std::span<const std::string_view> callers) {
  assert(callers.size() <= kMaxCallerNames);
  for (const OwnName& own : kOwnNames) {
    enter(own.name, own.id);
  }
  // Reserved whole, so that the views stay.
  text_.reserve(
      std::accumulate(callers.begin(), callers.end(), std::size_t{0},
                      [](std::size_t sum, std::string_view name) { return sum + name.size(); }));
  std::uint16_t id = kFirstCallerName;
  for (const std::string_view name : callers) {
    assert(!name.empty() && name.size() <= kMaxNameLen);
    const std::size_t at = text_.size();
    text_.insert(text_.end(), name.begin(), name.end());
    enter(std::string_view(text_.data() + at, name.size()), id++);
  }
  for (std::size_t i = 1; i <= kStaticTableLen; ++i) {
    static_ids_[i] = find(kStaticTable[i].name);
  }
}

void FieldNames::enter(std::string_view name, std::uint16_t id) {
  if (find(name) != kOther) {
    return;
  }
  std::uint8_t slot = name_slot(name);
  while (slots_[slot].id != kOther) {
    ++slot;
  }
  slots_[slot] = Slot{name, id};
}

std::uint16_t FieldNames::find(std::string_view name) const {
  for (std::uint8_t slot = name_slot(name); slots_[slot].id != kOther; ++slot) {
    if (slots_[slot].name == name) {
      return slots_[slot].id;
    }
  }
  return kOther;
}

}  // namespace apns::http2
