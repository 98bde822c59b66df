// RFC 9113 section 6.5: SETTINGS.
#include <string>

#include "tests/apns/http2/conformance_case.h"

namespace apns::http2::test {

namespace {

using enum ErrorCode;
using std::chrono::seconds;

constexpr std::string_view kFrame = "RFC 9113 section 6.5";
constexpr std::string_view kValues = "RFC 9113 section 6.5.2";
constexpr std::string_view kSynchronization = "RFC 9113 section 6.5.3";

const std::string kAcked = "SETTINGS ACK";

Expect length_error() {
  return connection_error(Rule::SettingsLength, FrameSizeError, 0);
}

std::vector<Case> form_rows() {
  const auto of_length = [](std::size_t len) {
    return peer().frame(FrameType::Settings, 0, 0, Bytes(len));
  };
  return {
      {"settings", kFrame, "generic/3.5/1", "sends SETTINGS again",
       peer().settings({{SettingId::EnablePush, 0}}), frames(kAcked)},
      {"settings-empty", kFrame, "", "sends SETTINGS without entries", peer().settings(),
       frames(kAcked)},
      {"settings-ack-payload", kFrame, "http2/6.5/1", "sends an acknowledgement with a payload",
       peer().frame(FrameType::Settings, flag::kAck, 0, hex("000000000000")),
       connection_error(Rule::SettingsAckLength, FrameSizeError, 0)},
      {"settings-on-stream", kFrame, "http2/6.5/2", "sends SETTINGS on stream 1",
       peer().frame(FrameType::Settings, 0, 1, hex("000300000064")),
       connection_error(Rule::SettingsOnStream, ProtocolError, 0)},
      {"settings-ack-on-stream", kFrame, "", "acknowledges on stream 1",
       peer().frame(FrameType::Settings, flag::kAck, 1, {}),
       connection_error(Rule::SettingsOnStream, ProtocolError, 0)},
      {"settings-length-3", kFrame, "http2/6.5/3", "sends SETTINGS of 3 bytes", of_length(3),
       length_error()},
      {"settings-length-5", kFrame, "", "sends SETTINGS of 5 bytes", of_length(5), length_error()},
      {"settings-length-13", kFrame, "", "sends SETTINGS of 13 bytes", of_length(13),
       length_error()},
  };
}

std::vector<Case> value_rows() {
  using enum SettingId;
  const auto setting = [](SettingId id, std::uint32_t value) {
    return peer().settings({{id, value}});
  };
  return {
      {"enable-push-2", kValues, "http2/6.5.2/1", "sets ENABLE_PUSH to 2", setting(EnablePush, 2),
       connection_error(Rule::EnablePushValue, ProtocolError, 0)},
      {"enable-push-1", kValues, "", "sets ENABLE_PUSH to 1", setting(EnablePush, 1),
       frames(kAcked)},
      {"initial-window-2^31", kValues, "http2/6.5.2/2", "sets INITIAL_WINDOW_SIZE to 2^31",
       setting(InitialWindowSize, kMaxWindow + 1),
       connection_error(Rule::InitialWindowValue, FlowControlError, 0)},
      {"initial-window-2^31-1", kValues, "", "sets INITIAL_WINDOW_SIZE to 2^31-1",
       setting(InitialWindowSize, kMaxWindow), frames(kAcked)},
      {"max-frame-size-16383", kValues, "http2/6.5.2/3", "sets MAX_FRAME_SIZE to 16383",
       setting(MaxFrameSize, kMinMaxFrameSize - 1),
       connection_error(Rule::MaxFrameSizeValue, ProtocolError, 0)},
      {"max-frame-size-2^24", kValues, "http2/6.5.2/4", "sets MAX_FRAME_SIZE to 2^24",
       setting(MaxFrameSize, kMaxMaxFrameSize + 1),
       connection_error(Rule::MaxFrameSizeValue, ProtocolError, 0)},
      {"max-frame-size-2^24-1", kValues, "", "sets MAX_FRAME_SIZE to 2^24-1",
       setting(MaxFrameSize, kMaxMaxFrameSize), frames(kAcked)},
      {"setting-unknown", kValues, "http2/6.5.2/5", "sends an unknown setting",
       peer().settings({{0x00FF, 1}}).ping("12345678"), frames(kAcked + ", PING ACK \"12345678\"")},
      {"setting-0", kValues, "", "sends setting 0 and 0xFFFF",
       peer().settings({{0, 0xFFFF'FFFF}, {0xFFFF, 0}}), frames(kAcked)},
      {"setting-wrong-behind-right", kValues, "", "has a wrong value behind a right one",
       peer().settings({{MaxConcurrentStreams, 5}, {EnablePush, 3}}),
       connection_error(Rule::EnablePushValue, ProtocolError, 0)},
      {"max-concurrent-streams-0", kValues, "", "does not want pushes",
       setting(MaxConcurrentStreams, 0), frames(kAcked)},
      {"max-header-list-size", kValues, "", "sets MAX_HEADER_LIST_SIZE",
       setting(MaxHeaderListSize, 8'000), frames(kAcked)},
      {"header-table-size-0", kValues, "", "takes the dynamic table away",
       peer().settings({{HeaderTableSize, 0}}).get(1),
       frames(kAcked + ", HEADERS 1 200 after 1 size updates, DATA 1 \"ok\" END_STREAM")},
      {"header-table-size-0-and-back", kValues, "",
       "takes the dynamic table away and gives it back",
       peer().settings({{HeaderTableSize, 0}, {HeaderTableSize, 4'096}}).get(1),
       frames(kAcked + ", HEADERS 1 200 after 2 size updates, DATA 1 \"ok\" END_STREAM")},
      {"header-table-size-2^32-1", kValues, "", "offers a dynamic table without bounds",
       peer().settings({{HeaderTableSize, 0xFFFF'FFFF}}).get(1), frames(kAcked + ", " + ok(1))},
      {"all-settings-twice", kValues, "", "sends every setting twice",
       peer().settings({{HeaderTableSize, 4'096},
                        {EnablePush, 0},
                        {MaxConcurrentStreams, 1},
                        {InitialWindowSize, 1},
                        {MaxFrameSize, 20'000},
                        {MaxHeaderListSize, 1},
                        {HeaderTableSize, 4'096},
                        {EnablePush, 1},
                        {MaxConcurrentStreams, 100},
                        {InitialWindowSize, 100},
                        {MaxFrameSize, 16'384},
                        {MaxHeaderListSize, 10'000}}),
       frames(kAcked)},
  };
}

std::vector<Case> synchronization_rows() {
  const Tune two_settings = [](SessionOptions& options) {
    options.settings = {{SettingId::InitialWindowSize, 10}};
  };
  return {
      {"settings-in-order", kSynchronization, "http2/6.5.3/1",
       "sets INITIAL_WINDOW_SIZE to 100 and to 1 in one frame",
       peer()
           .settings({{SettingId::InitialWindowSize, 100}, {SettingId::InitialWindowSize, 1}})
           .get(1)
           .rst_stream(1),
       frames(kAcked + ", HEADERS 1 200, DATA 1 \"o\"")},
      {"settings-acknowledged", kSynchronization, "http2/6.5.3/2",
       "sends SETTINGS and waits for the acknowledgement",
       peer().settings({{SettingId::EnablePush, 0}}), frames(kAcked)},
      {"settings-ack-order", kSynchronization, "", "sends SETTINGS and PINGs in turn",
       peer().settings().ping("aaaaaaaa").settings().settings().ping("bbbbbbbb"),
       frames(kAcked + ", PING ACK \"aaaaaaaa\", " + kAcked + ", " + kAcked +
              ", PING ACK \"bbbbbbbb\"")},
      {"settings-applied-before-ack", kSynchronization, "",
       "takes the window away before a request, and gives it back",
       peer()
           .settings({{SettingId::InitialWindowSize, 0}})
           .get(1)
           .settings({{SettingId::InitialWindowSize, 10}}),
       frames(kAcked + ", HEADERS 1 200, " + kAcked + ", DATA 1 \"ok\" END_STREAM")},
      {"settings-of-ours-before-ack", kSynchronization, "",
       "goes past a window that it has not acknowledged",
       peer().preface().settings().post(1).data(1, "more than ten bytes").settings_ack(),
       frames(kAcked + ", " + ok(1)), two_settings, true},
      {"settings-of-ours-behind-ack", kSynchronization, "",
       "goes past a window that it has acknowledged",
       peer().preface().settings().settings_ack().post(1).data(1, "more than ten bytes"),
       stream_error(Rule::StreamWindowExceeded, FlowControlError, 1, kAcked), two_settings, true},
      {"ack-without-settings", kSynchronization, "", "acknowledges what was not sent",
       peer().settings_ack(), connection_error(Rule::AckWithoutSettings, ProtocolError, 0)},
      {"ack-missing", kSynchronization, "", "does not acknowledge",
       peer().preface().settings().get(1),
       connection_error(Rule::SettingsNotAcknowledged, SettingsTimeout, 1, kAcked + ", " + ok(1)),
       nullptr, true, seconds(11)},
      {"ack-late", kSynchronization, "", "has acknowledged when the limit passes",
       peer().preface().settings().settings_ack().get(1), frames(kAcked + ", " + ok(1)), nullptr,
       true, seconds(11)},
  };
}

}  // namespace

std::vector<Case> settings_rows() {
  std::vector<Case> all = form_rows();
  for (const auto& rows : {value_rows(), synchronization_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace apns::http2::test
