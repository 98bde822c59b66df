#include "mock_apns/world/preview.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/model/binary_status.h"
#include "apns/model/profile.h"
#include "apns/payload/payload_shape.h"
#include "mock_apns/world/payload_places.h"

namespace apns::mock {

namespace {

bool is_object(const Payload& payload) {
  return payload.form != Payload::Form::NotJson && payload.form != Payload::Form::Unreadable &&
         payload.form != Payload::Form::NotAnObject;
}

class LastDelivery final : public DeliverySink {
 public:
  void delivered(const Delivery& delivery) override { last = delivery; }

  void app_is_gone(std::string_view /*bundle_id*/, const DeviceToken& /*device_token*/,
                   std::uint64_t /*of*/) override {}

  void activity_started(std::string_view /*bundle_id*/, std::string_view /*activity*/) override {}

  void activity_ended(std::string_view /*bundle_id*/, std::string_view /*activity*/) override {}

  std::optional<Delivery> last;
};

/// The text with Xcode's own key blanked out, so that all else stays where it is; and the app that
/// it names.
struct FileText {
  std::string json;
  std::string app;
  std::size_t payload_bytes = 0;
};

FileText read_file_text(const std::string& text) {
  FileText file{.json = text, .app = {}, .payload_bytes = text.size()};
  const auto member = find_member(text, kXcodeTarget);
  if (!member) {
    return file;
  }
  const nlohmann::json app = nlohmann::json::parse(member->value, nullptr, false);
  if (app.is_string()) {
    file.app = app.get<std::string>();
    file.json.replace(member->begin, member->end - member->begin, member->end - member->begin, ' ');
    file.payload_bytes -= member->end - member->begin;
  }
  return file;
}

std::string bundle_id_of(const std::string& topic, std::optional<PushType> type) {
  const std::string_view suffix = type ? row_of(*type).topic_suffix : std::string_view();
  return topic.ends_with(suffix) ? topic.substr(0, topic.size() - suffix.size()) : topic;
}

void name_app(const PreviewRequest& request, const std::string& app_of_file, Preview& result) {
  const std::string_view suffix =
      result.push_type ? row_of(*result.push_type).topic_suffix : std::string_view();
  if (!request.topic.empty()) {
    result.topic = request.topic;
    result.bundle_id = bundle_id_of(request.topic, result.push_type);
    return;
  }
  result.is_app_of_file = !app_of_file.empty();
  result.bundle_id = result.is_app_of_file ? app_of_file : request.default_app;
  result.topic = result.bundle_id + std::string(suffix);
}

std::string status_text(BinaryStatus status) {
  return "status " + binary_status_text(static_cast<std::uint8_t>(status));
}

std::string refusal_of(const Preview& result, bool is_binary) {
  if (result.payload_bytes == 0) {
    return is_binary ? status_text(BinaryStatus::MissingPayload) : "400 PayloadEmpty";
  }
  if (result.payload_bytes > result.payload_limit) {
    return is_binary ? status_text(BinaryStatus::InvalidPayloadSize) : "413 PayloadTooLarge";
  }
  return {};
}

/// On a fresh phone with this one app, which is ready for it: a channel is joined, and what would
/// be updated runs.
Delivery push_to_phone(const PreviewRequest& request, const Preview& result, WorldTime now) {
  constexpr std::string_view kActivity = "activity-1";
  const PushFamily family = family_of(result.push_type.value_or(PushType::Alert));
  const bool is_update = family == PushFamily::LiveActivity &&
                         (!result.payload.activity || result.payload.activity->event != "start");
  LastDelivery sink;
  PhoneOptions options;
  options.is_online = request.is_online;
  options.is_low_power = request.is_low_power;
  Phone phone(options);
  phone.install(result.bundle_id,
                ProvisioningProfile{.name = "preview", .bundle_id = result.bundle_id});
  (void)phone.register_for(result.bundle_id, family, now, sink);
  phone.join_channel(result.bundle_id, "the channel");
  if (is_update) {
    phone.start_activity(result.bundle_id, kActivity, now, sink);
  }
  phone.set_state(result.bundle_id, request.state, now, sink);
  phone.set_settings(result.bundle_id, request.settings);
  static constexpr std::byte kAnyToken[32]{};
  phone.push(result.bundle_id,
             Push{.device_token = *DeviceToken::from_bytes(kAnyToken),
                  .family = family,
                  .activity = is_update ? std::optional(std::string(kActivity)) : std::nullopt,
                  .push_type = result.push_type,
                  .payload = result.payload,
                  .expiration = request.expiration,
                  .priority = result.priority},
             now, sink);
  return sink.last.value();  // every push is told of
}

void take(Delivery delivery, Preview& result) {
  result.outcome = delivery.outcome;
  result.why = std::move(delivery.why);
  result.shown = delivery.shown.value_or(Shown{});
}

void present_on_phone(const PreviewRequest& request, WorldTime now, Preview& result) {
  take(push_to_phone(request, result, now), result);
  const AppView view{.bundle_id = result.bundle_id,
                     .state = request.state,
                     .settings = request.settings,
                     .low_power = request.is_low_power};
  result.woke_app = result.outcome == DeliveryOutcome::Delivered &&
                    family_of(result.push_type.value_or(PushType::Alert)) == PushFamily::Alert &&
                    present(result.payload, view).woke_app;
}

}  // namespace

bool Preview::is_good() const {
  if (!refusal.empty() ||
      std::ranges::any_of(findings, [](const PayloadFinding& f) { return f.is_must; })) {
    return false;
  }
  const bool is_for_others =
      payload.form == Payload::Form::WalletPass || payload.form == Payload::Form::Management;
  return is_object(payload) &&
         (outcome == DeliveryOutcome::Stored ||
          (outcome == DeliveryOutcome::Delivered &&
           (shown.place != "nothing" || !shown.activity.empty() || is_for_others)));
}

Preview preview(const PreviewRequest& request, WorldTime now) {
  const FileText file = read_file_text(request.json);
  PayloadReader reader;
  Preview result;
  if (!request.is_binary) {
    result.push_type = request.push_type.value_or(suggest_push_type(read_payload_shape(file.json)));
  }
  name_app(request, file.app, result);
  result.priority = request.priority;
  if (!result.priority && result.push_type) {
    result.priority = result.push_type == PushType::Background ? 5 : 10;
  }
  result.payload_bytes = file.payload_bytes;
  result.payload_limit = result.push_type ? row_of(*result.push_type).payload_limit
                                          : default_profile().binary_payload_limit_framed;
  result.payload = reader.read(file.json);
  result.findings =
      reader.examine(file.json, PayloadRequest{.push_type = result.push_type,
                                               .topic = result.topic,
                                               .priority = result.priority,
                                               .expiration = request.expiration,
                                               .payload_bytes = result.payload_bytes,
                                               .payload_limit = result.payload_limit});
  result.refusal = refusal_of(result, request.is_binary);
  if (!result.refusal.empty()) {
    return result;
  }
  present_on_phone(request, now, result);
  return result;
}

}  // namespace apns::mock
