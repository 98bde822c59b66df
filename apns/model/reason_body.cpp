#include "apns/model/reason_body.h"

#include <charconv>
#include <cstring>

namespace apns {

ReasonBody::ReasonBody(Reason reason, ReasonTime timestamp) {
  constexpr std::string_view kBeforeTime = "\",\"timestamp\":";
  const auto add = [this](std::string_view part) {
    std::memcpy(&text_.at(len_), part.data(), part.size());
    len_ += part.size();
  };
  const std::string_view body = row_of(reason).body;
  add(body.substr(0, body.size() - std::string_view("\"}").size()));
  add(kBeforeTime);
  const auto digits = std::to_chars(text_.data() + len_, text_.data() + text_.size(),
                                    timestamp.time_since_epoch().count());
  len_ = static_cast<std::size_t>(digits.ptr - text_.data());
  add("}");
}

}  // namespace apns
