#include "apns/json/pointer.h"

#include <algorithm>
#include <string_view>

namespace apns::json {

namespace {

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char letter : key) {
    if (letter == '~' || letter == '/') {
      step += letter == '~' ? "~0" : "~1";
    } else {
      step += letter;
    }
  }
  return step;
}

bool append_pointer(const Value& value, Position position, std::string& pointer) {
  if (value.position() == position) {
    return true;
  }
  const std::size_t len = pointer.size();
  const auto is_in = [&](std::string_view key, const Value& inner) {
    pointer += pointer_step(key);
    if (append_pointer(inner, position, pointer)) {
      return true;
    }
    pointer.resize(len);
    return false;
  };
  if (value.kind() == Value::Kind::Array) {
    std::size_t index = 0;
    return std::ranges::any_of(value.array("array"), [&](const Value& item) {
      return is_in(std::to_string(index++), item);
    });
  }
  if (value.kind() != Value::Kind::Object) {
    return false;
  }
  return std::ranges::any_of(value.object("object"), [&](const Value::Member& member) {
    if (member.position == position) {
      pointer += pointer_step(member.key);
      return true;
    }
    return is_in(member.key, member.value);
  });
}

}  // namespace

std::string pointer_at(const Value& root, Position position) {
  std::string pointer;
  (void)append_pointer(root, position, pointer);
  return pointer;
}

}  // namespace apns::json
