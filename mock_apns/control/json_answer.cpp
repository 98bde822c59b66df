#include "mock_apns/control/json_answer.h"

namespace apns::mock::control {

Response answer(const nlohmann::ordered_json& json, unsigned status) {
  return Response{
      .status = status,
      .body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

}  // namespace apns::mock::control
