#include "mock_apns/world/delivery.h"

namespace apns::mock {

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::Delivered:
      return "delivered";
    case DeliveryOutcome::Stored:
      return "stored";
    case DeliveryOutcome::Replaced:
      return "replaced";
    case DeliveryOutcome::Expired:
      return "expired";
    case DeliveryOutcome::Discarded:
      return "discarded";
  }
  return {};
}

}  // namespace apns::mock
