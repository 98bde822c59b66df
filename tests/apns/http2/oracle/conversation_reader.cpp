#include "tests/apns/http2/oracle/conversation_reader.h"

#include <string_view>

#include "tests/apns/http2/oracle/conversation_maker.h"

namespace apns::http2::test {

namespace {

Conversation recorded(Role role, ByteView wire) {
  Conversation conversation;
  conversation.setup.role = role;
  conversation.wire.assign(wire.begin(), wire.end());
  if (role == Role::Server) {
    conversation.setup.settings = {{SettingId::MaxConcurrentStreams, 100}};
    conversation.setup.body_bytes = 100;
  } else {
    conversation.setup.settings = {{SettingId::EnablePush, 0}};
    conversation.setup.requests.resize(5);
  }
  return conversation;
}

}  // namespace

Conversation read_conversation(ByteView input) {
  static constexpr std::string_view kFront = "PRI ";
  if (as_text(input).starts_with(kFront)) {
    return recorded(Role::Server, input);
  }
  if (input.size() > 4 && input[0] == std::byte{0} && input[1] == std::byte{0} &&
      input[3] == static_cast<std::byte>(FrameType::Settings)) {
    return recorded(Role::Client, input);
  }
  if (input.empty()) {
    return {};
  }
  Choices choices(input.subspan(1));
  const auto manners = static_cast<Manners>(std::to_integer<unsigned>(input[0]) % 3);
  return ConversationMaker(choices, manners).make();
}

}  // namespace apns::http2::test
