#include "mock_apns/world/world_file.h"
namespace apns::mock {
}
