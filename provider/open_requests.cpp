#include "provider/open_requests.h"

namespace apns::provider {

std::uint32_t OpenRequests::open() {
  std::uint32_t number = 0;
  if (free_.empty()) {
    number = static_cast<std::uint32_t>(places_.size());
    OpenRequest& made = places_.emplace_back();
    made.apns_id.reserve(kUsualId);
    made.body.reserve(kUsualBody);
  } else {
    number = free_.back();
    free_.pop_back();
  }
  OpenRequest& request = places_[number];
  OpenRequest& anchor = places_.front();
  request.before_ = anchor.before_;
  request.behind_ = 0;
  places_[anchor.before_].behind_ = number;
  anchor.before_ = number;
  ++size_;
  return number;
}

void OpenRequests::close(std::uint32_t number) {
  OpenRequest& request = places_[number];
  assert(number != 0 && request.stream != 0);
  places_[request.before_].behind_ = request.behind_;
  places_[request.behind_].before_ = request.before_;
  request.stream = 0;
  request.status = 0;
  request.is_in_parts = false;
  for (std::string* text : {&request.apns_id, &request.body}) {
    text->clear();
    if (text->capacity() > kKeptText) {
      text->shrink_to_fit();
    }
  }
  free_.push_back(number);
  --size_;
}

}  // namespace apns::provider
