#pragma once

#include "apns/model/push_family.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/presentation.h"

namespace apns::mock {

/// What becomes of a push that is for a part of the system of its own, and no notification: every
/// family but Alert and LiveActivity (assert). Pure. docs/delivery.md has the table; a test
/// compares it with this function.
///
/// No setting and no state keeps these away: PushKit wakes an app or launches it, also one that was
/// force-quit, and extensions run without their app.
///
/// Sources: "PushKit" and "Responding to VoIP Notifications from PushKit"; PKPushType.complication
/// and .fileProvider; "Using push notifications to signal changes"; "Creating a location push
/// service extension"; PTChannelManagerDelegate (the token is active while a channel is joined);
/// "Updating widgets with WidgetKit push notifications"; "Updating controls locally and remotely".
[[nodiscard]] Presentation present_for_system(PushFamily family, const Payload& payload,
                                              const AppView& app);

}  // namespace apns::mock
