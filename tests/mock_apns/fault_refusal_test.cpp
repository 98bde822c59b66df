// What is refused of a fault rule, with its place and what would be right.
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "tests/support/fault_errors.h"

namespace apns::mock {
namespace {

using test::error_of_text;

std::string error_of_json(std::string_view json) {
  try {
    (void)read_fault(json::parse(json, "f.json"));
  } catch (const json::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(FaultSyntax, RefusesOnTheCommandLine) {
  const std::string hex_200(200, 'a');

  struct Case {
    std::string text;
    std::string expected;
  };

  const Case cases[] = {
      {"",
       ": there is no colon. Write 'WHEN: THEN', as in 'nth=4: reject=8', or ': reject=8' for "
       "always."},
      {"nth=4 reject",
       ": \"reject\" is not KEY=VALUE. Blanks stand between the keys; a value with a "
       "blank stands in double quotes, as in nth=\"every 500\"."},
      {"nth=every 500: reject=8",
       ": \"500\" is not KEY=VALUE. Blanks stand between the keys; a value with a blank stands in "
       "double quotes, as in nth=\"every 500\"."},
      {"nth=\"every 500: reject=8", ": the value that begins here has no closing quote. Add one."},
      {":",
       ": then has no action. Give it at least one of: reject, status, timestamp, delay, latency, "
       "error_packet, no_answer, raw, close, stop_reading, bandwidth, reset_stream, "
       "reset_again, goaway, ignore_ping, withhold_window, settings, tls_alert, tuples."},
      {"nth=4: stop_reading=false",
       ": then has no action. Give it at least one of: reject, status, timestamp, delay, latency, "
       "error_packet, no_answer, raw, close, stop_reading, bandwidth, reset_stream, "
       "reset_again, goaway, ignore_ping, withhold_window, settings, tls_alert, tuples."},
      {"nth=4: times=1 name=x",
       ": then has no action. Give it at least one of: reject, status, timestamp, delay, latency, "
       "error_packet, no_answer, raw, close, stop_reading, bandwidth, reset_stream, "
       "reset_again, goaway, ignore_ping, withhold_window, settings, tls_alert, tuples."},

      // Keys.
      {"nht=4: reject=8",
       ": \"nht\" is not a key of when; did you mean \"nth\"? Keys: protocol, "
       "environment, connection, nth, topic, device_token, push_type, probability, idle, after, "
       "until."},
      {"token=4: reject=8",
       ": \"token\" is not a key of when. Keys: protocol, environment, "
       "connection, nth, topic, device_token, push_type, probability, idle, after, until."},
      {": rejct=8",
       ": \"rejct\" is not a key of then; did you mean \"reject\"? Keys: reject, status, "
       "timestamp, delay, latency, error_packet, no_answer, raw, close, stop_reading, bandwidth, "
       "reset_stream, reset_again, goaway, ignore_ping, withhold_window, settings, tls_alert, "
       "tuples."},
      {": error_packet.idenitfier=8",
       ": \"idenitfier\" is not a key of error_packet; did you mean \"identifier\"? Keys: status, "
       "identifier, split, count."},
      {": reject.bniary=8",
       ": \"bniary\" is not a key of reject; did you mean \"binary\"? Keys: "
       "binary, http2."},
      {": error_packet=8",
       ": error_packet has keys of its own, and needs at least one. Keys: "
       "status, identifier, split, count."},
      {"nth.from=4: reject=8",
       ": nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or "
       "\"every 500\", not an object."},
      {"reject=8: close=fin", ": \"reject\" is not a key of when. It belongs to then."},
      {": reject=8 nth=4", ": \"nth\" is not a key of then. It belongs to when."},
      {"times=1: reject=8",
       ": \"times\" is not a key of when. It belongs to the rule itself: in JSON "
       "beside when and then, on the command line behind the colon."},
      {"nth=1 nth=2: reject=8", ": nth is given twice. Keep one of them."},
      {": reject=8 reject.binary=8", ": reject.binary is given twice. Keep one of them."},
      {": reject=8 times=1 times=2", ": times is given twice. Keep one of them."},

      // Values.
      {"connection=0: reject=8",
       ": connection must be a number from 1 (\"4\"), a range (\"2-5\", "
       "\"6-\") or \"every 500\", not \"0\"."},
      {"nth=5-2: reject=8", ": nth \"5-2\" is reversed. Write \"2-5\"."},
      {"nth=: reject=8",
       ": nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or \"every "
       "500\", not \"\"."},
      {"nth=-5: reject=8",
       ": nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or "
       "\"every 500\", not \"-5\"."},
      {"nth=\"every 0\": reject=8",
       ": nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") "
       "or \"every 500\", not \"every 0\"."},
      {"nth=2-x: reject=8",
       ": nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or "
       "\"every 500\", not \"2-x\"."},
      {"environment=prodution: reject=8",
       ": \"prodution\" is not a value of environment; did you mean \"production\"? Values: "
       "production, development."},
      {"environment=sandbox: reject=8",
       ": environment must be one of: production, development, not \"sandbox\"."},
      {": close=half-opne",
       ": \"half-opne\" is not a value of close; did you mean \"half-open\"? "
       "Values: fin, fin-without-close-notify, rst, half-open."},
      {": close=1",
       ": close must be one of: fin, fin-without-close-notify, rst, half-open, not "
       "\"1\"."},
      {"device_token=" + hex_200 + "a: reject=8",
       ": device_token must be 1 to 200 hex digits, the beginning of a device token, not \"" +
           hex_200 + "a\"."},
      {"device_token=a1g: reject=8",
       ": device_token must be 1 to 200 hex digits, the beginning of a "
       "device token, not \"a1g\"."},
      {"probability=1.5: reject=8", ": probability must be a number from 0 to 1, not \"1.5\"."},
      {"probability=-0.5: reject=8", ": probability must be a number from 0 to 1, not \"-0.5\"."},
      {"probability=nan: reject=8", ": probability must be a number from 0 to 1, not \"nan\"."},
      {"topic=\"\": reject=8", ": topic must be a text that is not empty, not \"\"."},
      {"idle=5: close=fin",
       ": idle must be a time with its unit (us, ms, s, m, h) above 0 and up to "
       "24h, such as 200ms, not \"5\"."},
      {"idle=0s: close=fin",
       ": idle must be a time with its unit (us, ms, s, m, h) above 0 and up to "
       "24h, such as 200ms, not \"0s\"."},
      {": delay=25h",
       ": delay must be a time with its unit (us, ms, s, m, h) above 0 and up to 24h, "
       "such as 200ms, not \"25h\"."},
      {": reject=0",
       ": reject must not be 0: that status means no error, and nothing would be "
       "rejected. Use 1 to 255, such as 8 (invalid token)."},
      {": reject=256",
       ": reject must be a reason, such as BadDeviceToken, or a binary status from 1 to 255, such "
       "as 8 (invalid token), not "
       "\"256\"."},
      {": error_packet.status=256", ": status must be a whole number from 0 to 255, not \"256\"."},
      {": reject=8 error_packet.split=7", ": split must be a whole number from 0 to 6, not \"7\"."},
      {": reject=8 error_packet.count=101",
       ": count must be a whole number from 0 to 100, not \"101\"."},
      {": reject=8 error_packet.identifier=next",
       ": identifier must be \"own\", \"previous\" or a whole number from 0 to 4294967295, not "
       "\"next\"."},
      {": stop_reading=yes", ": stop_reading must be true or false, not \"yes\"."},
      {": reject=8 times=0", ": times must be a whole number from 1 to 4294967295, not \"0\"."},
      {": reject=8 name=\"a b\"",
       ": name must be 1 to 64 letters, digits, \"-\", \"_\" or \".\", not \"a b\"."},

      // Combinations.
      {"nth=4: error_packet.split=2",
       ": error_packet has no status. Give it one, as in "
       "error_packet.status=8, or add reject=8."},
      {": error_packet.status=0",
       ": error_packet.status=0 alone rejects nothing, so no packet is "
       "sent. Add reject=8, or use 1 to 255."},
      {"idle=5s nth=4: close=fin",
       ": nth does not go with idle: in a silence there is no notification. Use close, raw, "
       "bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, "
       "probability, after and until."},
      {"idle=5s device_token=a1: close=fin",
       ": device_token does not go with idle: in a silence there is no notification. Use close, "
       "raw, "
       "bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, "
       "probability, after and until."},
      {"idle=5s: reject=8",
       ": reject does not go with idle: in a silence there is no notification. Use close, raw, "
       "bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, "
       "probability, after and until."},
      {"idle=5s: close=fin delay=1s",
       ": delay does not go with idle: in a silence there is no notification. Use close, raw, "
       "bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, "
       "probability, after and until."},
      {"idle=5s: error_packet.status=8",
       ": error_packet does not go with idle: in a silence there is no notification. Use close, "
       "raw, "
       "bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, "
       "probability, after and until."},

      {"protocol=feedback nth=4: close=fin",
       ": nth does not go with protocol=feedback: the feedback service takes no notifications and "
       "reads nothing. Use close, delay, tuples or tls_alert."},
      {"protocol=feedback: stop_reading=true",
       ": stop_reading does not go with protocol=feedback: the feedback service takes no "
       "notifications and reads nothing. Use close, delay, tuples or tls_alert."},
      {"nth=4: tls_alert=80",
       ": nth does not go with tls_alert: a handshake that is refused comes to nothing else. "
       "tls_alert stands alone, and goes with protocol, environment, connection, probability, "
       "after and until."},
      {": tls_alert=80 close=rst",
       ": close does not go with tls_alert: a handshake that is refused comes to nothing else. "
       "tls_alert stands alone, and goes with protocol, environment, connection, probability, "
       "after and until."},
      {": tls_alert=256", ": tls_alert must be a whole number from 0 to 255, not \"256\"."},
      {": tuples.split=7", ": tuples are what the feedback service sends. Add protocol=feedback."},
      {"after=5s until=5s: reject=8",
       ": until is not behind after, so the rule would never hold. Make it longer: both count from "
       "when the rules were armed."},
      {": reject=8 no_answer=true",
       ": no_answer loses the notification without a word, and does not go with reject, status, "
       "error_packet, reset_stream and raw. Keep one of them."},
      {": error_packet.status=8 raw=00",
       ": raw is said instead of the error packet. Keep one of them."},
      {": raw=0",
       ": raw must be bytes in hex, an even number of digits from 2 to 32768, not \"0\"."},
      {": bandwidth=0", ": bandwidth must be a whole number from 1 to 1000000000, not \"0\"."},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(error_of_text(c.text), c.expected) << c.text;
  }
}

TEST(FaultSyntax, RefusesWhatTheProtocolDoesNotHave) {
  struct Case {
    std::string text;
    std::string expected;
  };

  const Case cases[] = {
      {"protocol=binary: goaway.reason=Shutdown",
       " can never fire: GOAWAY exists in HTTP/2 only. For the gateway use close=fin or "
       "reject=10."},
      {": reject=8 goaway.code=NO_ERROR",
       " can never fire: GOAWAY exists in HTTP/2 only. For the gateway use close=fin or "
       "reject=10."},
      {"protocol=binary: reset_stream=CANCEL",
       " can never fire: streams exist in HTTP/2 only. For the gateway use close=rst."},
      {"protocol=binary: settings.max_concurrent_streams=1",
       " can never fire: SETTINGS exist in HTTP/2 only. For the gateway use stop_reading=true."},
      {"protocol=binary: ignore_ping=true",
       " can never fire: PING exists in HTTP/2 only. For the gateway use stop_reading=true."},
      {"protocol=binary: withhold_window=true",
       " can never fire: windows exist in HTTP/2 only. For the gateway use stop_reading=true."},
      {"protocol=binary: latency=40ms",
       " can never fire: answers to what is accepted exist in HTTP/2 only. For the gateway use "
       "delay=200ms."},
      {"protocol=binary: status=410",
       " can never fire: this status exists in HTTP/2 only. For the gateway use reject=8 or "
       "error_packet.status=8."},
      {": reject=8 timestamp=1",
       " can never fire: the timestamp of a reason exists in HTTP/2 only. For the gateway use "
       "reject=8 without one."},
      {": error_packet.status=8 status=410",
       " can never fire: this status exists in HTTP/2 only. For the gateway use reject=8 or "
       "error_packet.status=8."},
      {"push_type=alert: reject=8",
       " can never fire: push types exist in HTTP/2 only. For the gateway use topic, device_token "
       "or nth."},
      {"protocol=binary push_type=alert: close=fin",
       " can never fire: push types exist in HTTP/2 only. For the gateway use topic, device_token "
       "or nth."},
      {"protocol=binary: reject=Unregistered",
       " can never fire: reasons exist in HTTP/2 only. For the gateway use a status, as in "
       "reject=8."},
      {"protocol=binary: reject.http2=Unregistered",
       " can never fire: reasons exist in HTTP/2 only. For the gateway use a status, as in "
       "reject=8."},
      {"protocol=http2: reject=7",
       " can never fire: this status exists on the gateway only. For HTTP/2 use a reason, as in "
       "reject=PayloadTooLarge."},
      {"protocol=http2: reject.binary=8",
       " can never fire: this status exists on the gateway only. For HTTP/2 use a reason, as in "
       "reject=BadDeviceToken."},
      {"protocol=http2: reject=BadTopic error_packet.count=0",
       " can never fire: error packets exist on the gateway only. For HTTP/2 use "
       "reject=BadDeviceToken, reset_stream=REFUSED_STREAM or goaway.reason=Shutdown."},
      {"protocol=http2: tuples.split=1",
       ": tuples are what the feedback service sends. Add protocol=feedback."},
      {"protocol=feedback: goaway.reason=Shutdown",
       ": goaway does not go with protocol=feedback: the feedback service takes no notifications "
       "and reads nothing. Use close, delay, tuples or tls_alert."},
      {": tls_alert=80 ignore_ping=true",
       ": ignore_ping does not go with tls_alert: a handshake that is refused comes to nothing "
       "else. tls_alert stands alone, and goes with protocol, environment, connection, "
       "probability, after and until."},
      {"idle=5s: reset_stream=CANCEL",
       ": reset_stream does not go with idle: in a silence there is no notification. Use close, "
       "raw, bandwidth, stop_reading or goaway; idle goes with protocol, environment, connection, "
       "topic, probability, after and until."},
      {"nth=1: reset_again=true",
       ": reset_again follows a reset. Add reset_stream=REFUSED_STREAM."},
      {": goaway=1",
       ": goaway has keys of its own, and needs at least one. Keys: last_nth, code, reason, count, "
       "keep_open."},
      {": reject=Unregisterd", ": \"Unregisterd\" is not a reason; did you mean \"Unregistered\"?"},
      {": reject=Nonsense",
       ": reject must be a reason, such as BadDeviceToken, or a binary status from 1 to 255, such "
       "as 8 (invalid token), not \"Nonsense\"."},
      {": reject.http2=8", ": http2 must be a reason, such as BadDeviceToken, not \"8\"."},
      {": reset_stream=REFUSED_STREM",
       ": \"REFUSED_STREM\" is not a value of reset_stream; did you mean \"REFUSED_STREAM\"? "
       "Values: NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, "
       "STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, "
       "ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED."},
      {": reset_stream=4294967296",
       ": reset_stream must be an error code of HTTP/2, such as REFUSED_STREAM, or its number, up "
       "to 4294967295, not \"4294967296\"."},
      {"push_type=banner: status=500",
       ": push_type must be one of: alert, background, location, voip, complication, fileprovider, "
       "mdm, liveactivity, pushtotalk, widgets, controls, not \"banner\"."},
      {": latency=fast",
       ": latency must be a time (\"40ms\"), two of them (\"20ms-80ms\") or points that ascend "
       "(\"p50=40ms p99=200ms\"), not \"fast\"."},
      {": status=600", ": status must be a whole number from 200 to 599, not \"600\"."},
      {": settings.max_frame_size=100",
       ": max_frame_size must be a whole number from 16384 to 16777215, not \"100\"."},
      {": timestamp=1 delay=1s", ": timestamp is part of a rejection. Add reject=Unregistered."},
      {": reset_stream=CANCEL status=500",
       ": reset_stream ends the stream without an answer, and does not go with reject and status. "
       "Keep one of them."},
      {": no_answer=true reset_stream=8",
       ": no_answer loses the notification without a word, and does not go with reject, status, "
       "error_packet, reset_stream and raw. Keep one of them."},
      {": latency=1s delay=1s",
       ": latency is a delay that is drawn for each notification. Keep one of them."},
      {": goaway.keep_open=true close=fin",
       ": close does not go with goaway.keep_open=true. Keep one of them."},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(error_of_text(c.text), c.expected) << c.text;
  }
}

TEST(FaultSyntax, SaysWhereOnTheCommandLine) {
  struct Case {
    std::string_view text;
    std::size_t expected;
  };

  const Case cases[] = {
      {"nth=4 reject", 6},        // the word
      {"nth=4: rejct=8", 7},      // the key
      {"nth=4: reject=256", 14},  // the value
      {"nth=4:", 5},              // the colon, behind which an action should stand
      {"nth=4", 5},               // the end
      {"nth=\"every", 4},
  };
  for (const Case& c : cases) {
    try {
      (void)parse_fault(c.text);
      ADD_FAILURE() << c.text;
    } catch (const FaultError& error) {
      EXPECT_EQ(error.offset(), c.expected) << c.text;
    }
  }
}

TEST(FaultSyntax, RefusesInJsonWithThePlace) {
  struct Case {
    std::string_view json;
    std::string_view expected;
  };

  const Case cases[] = {
      {"[]", "f.json:1:1: a fault rule must be an object, not an array."},
      {"{}",
       "f.json:1:1: a fault rule has no \"then\". Say what it does, as in \"then\": "
       "{\"reject\": 8}."},
      {R"({"then": {}})",
       "f.json:1:2: then has no action. Give it at least one of: reject, status, timestamp, delay, "
       "latency, error_packet, no_answer, raw, close, stop_reading, bandwidth, reset_stream, "
       "reset_again, goaway, ignore_ping, withhold_window, settings, tls_alert, tuples."},
      {R"({"then": 8})", "f.json:1:10: then must be an object, not 8."},
      {R"({"thn": {"reject": 8}})",
       "f.json:1:2: \"thn\" is not a key of a fault rule; did you mean \"then\"? Keys: when, then, "
       "times, name."},
      {R"({"whn": 1, "then": {"reject": 8}})",
       "f.json:1:2: \"whn\" is not a key of a fault rule; did you mean \"when\"? Keys: when, then, "
       "times, name."},
      {R"({"reject": 8})",
       "f.json:1:2: \"reject\" is not a key of a fault rule. It belongs to then."},
      {"{\"then\": {\"reject\": 8,\n  \"error_packet\": {\"idenitfier\": 1}}}",
       "f.json:2:20: \"idenitfier\" is not a key of error_packet; did you mean \"identifier\"? "
       "Keys: "
       "status, identifier, split, count."},
      {R"({"then": {"error_packet.status": 8}})",
       "f.json:1:11: \"error_packet.status\" has a dot, which is for the command line. Write an "
       "object inside the object, as in \"error_packet\": {\"status\": 8}."},
      {R"({"then": {"error_packet": {}}})",
       "f.json:1:11: error_packet has keys of its own, and needs at least one. Keys: status, "
       "identifier, split, count."},
      {R"({"when": {"nth": true}, "then": {"reject": 8}})",
       "f.json:1:18: nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or \"every "
       "500\", "
       "not true."},
      {R"({"when": {"nth": []}, "then": {"reject": 8}})",
       "f.json:1:18: nth must be a number from 1 (\"4\"), a range (\"2-5\", \"6-\") or \"every "
       "500\", "
       "not an array."},
      {R"({"when": {"device_token": 1234}, "then": {"reject": 8}})",
       "f.json:1:27: device_token must be 1 to 200 hex digits, the beginning of a device token, "
       "not "
       "1234."},
      {R"({"when": {"idle": 5}, "then": {"close": "fin"}})",
       "f.json:1:19: idle must be a time with its unit (us, ms, s, m, h) above 0 and up to 24h, "
       "such "
       "as 200ms, not 5."},
      {R"({"then": {"reject": "8"}})",
       "f.json:1:21: reject must be a reason, such as BadDeviceToken, or a binary status from 1 to "
       "255, such as 8 (invalid token), not the "
       "text "
       "\"8\"."},
      {R"({"then": {"reject": null}})",
       "f.json:1:21: reject must be a reason, such as BadDeviceToken, or a binary status from 1 to "
       "255, such as 8 (invalid token), not null."},
      {R"({"then": {"stop_reading": "true"}})",
       "f.json:1:27: stop_reading must be true or false, not the text \"true\"."},
      {R"({"then": {"close": true}})",
       "f.json:1:20: close must be one of: fin, fin-without-close-notify, rst, half-open, not "
       "true."},
      {R"({"then": {"reject": 8}, "times": "1"})",
       "f.json:1:34: times must be a whole number from 1 to 4294967295, not the text \"1\"."},
      {R"({"then": {"reject": 8}, "times": 1.0})",
       "f.json:1:34: times must be a whole number from 1 to 4294967295, not 1.0."},
      {R"({"when": {"protocol": "binary"}, "then": {"goaway": {"reason": "Shutdown"}}})",
       "f.json:1:43: goaway can never fire: GOAWAY exists in HTTP/2 only. For the gateway use "
       "close=fin or reject=10."},
      {R"({"when": {"protocol": "binary"}, "then": {"reject": "Unregistered"}})",
       "f.json:1:53: reject=\"Unregistered\" can never fire: reasons exist in HTTP/2 only. For the "
       "gateway use a status, as in reject=8."},
      {R"({"when": {"protocol": "http2"}, "then": {"reject": 8}})",
       "f.json:1:52: reject=8 can never fire: this status exists on the gateway only. For HTTP/2 "
       "use a reason, as in reject=BadDeviceToken."},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(error_of_json(c.json), c.expected) << c.json;
  }
}

}  // namespace
}  // namespace apns::mock
