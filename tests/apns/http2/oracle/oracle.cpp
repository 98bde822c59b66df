#include "tests/apns/http2/oracle/oracle.h"

#include <algorithm>
#include <set>

#include "apns/http2/frame.h"
#include "tests/apns/http2/oracle/nghttp2_end.h"
#include "tests/apns/http2/oracle/our_end.h"

namespace apns::http2::test {

namespace {

/// Without what names a single stream.
std::string blame_text(const Step& step) {
  std::string text;
  if (step.goaway) {
    text = "connection " + error_code_text(*step.goaway);
  } else if (!step.resets.empty()) {
    text = "stream " + error_code_text(step.resets.begin()->second);
  } else {
    text = step.events.substr(0, step.events.find_first_of(" \n")) + " no blame";
  }
  if (step.rule) {
    return text + " (" + std::string(rule_row(*step.rule).id) + ")";
  }
  return text + " (" + step.why.substr(0, std::min<std::size_t>(step.why.find(':'), 40)) + ")";
}

enum class Next : std::uint8_t { GoOn, Stop, Differ };

/// One conversation, step by step.
class Comparison {
 public:
  Comparison(const Conversation& conversation, HpackScratch& scratch, Tally& tally)
      : conversation_(conversation),
        tally_(tally),
        ours_(conversation.setup, scratch),
        theirs_(conversation.setup) {}

  std::optional<Difference> run() {
    ++tally_.conversations;
    tally_.bytes += conversation_.wire.size();
    Next next = take(ours_.start(), theirs_.start(), {}, true);
    WireCutter cutter(conversation_.setup.role, conversation_.wire);
    while (next == Next::GoOn && cutter.has_more()) {
      const ByteView part = cutter.next();
      const Bytes copy(part.begin(), part.end());  // a read past it is seen by the sanitizer
      Step ours = ours_.feed(copy);
      next = take(ours, theirs_.feed(copy), part, cutter.is_whole());
    }
    if (next == Next::Differ) {
      return Difference{std::move(kind_), std::move(report_)};
    }
    tally_.clean += has_error_ ? 0 : 1;
    ours_.finish();
    return std::nullopt;
  }

 private:
  Next take(const Step& ours, const Step& theirs, ByteView part, bool is_whole) {
    ++tally_.steps;
    const FrameHeader header =
        part.size() < kFrameHeaderLen ? FrameHeader{} : decode_frame_header(part);
    const bool is_server = conversation_.setup.role == Role::Server;
    const std::size_t step = step_++;
    const Parting at{conversation_.setup,
                     step,
                     part,
                     is_whole,
                     header,
                     step == 1 && is_server,
                     step == (is_server ? 2U : 1U),
                     is_connect(header.stream, theirs),
                     gone_,
                     ours,
                     theirs};
    if (ours.rule) {
      ++tally_.rules[rule_row(*ours.rule).id];
    }
    const Next next = judge(ours, theirs);
    for (const auto& [stream, end] : ours.closed) {
      gone_.insert(stream);
    }
    if (next != Next::Differ) {
      return next;
    }
    for (const auto& table : {known_differences(), known_message_differences()}) {
      const auto known =
          std::ranges::find_if(table, [&at](const KnownDifference& row) { return row.is_it(at); });
      if (known != table.end()) {
        ++tally_.known[known->id];
        has_error_ = true;
        return Next::Stop;
      }
    }
    describe(at);
    return Next::Differ;
  }

  Next judge(const Step& ours, const Step& theirs) {
    const Blame blame = ours.blame();
    if (blame == Blame::Bound) {
      has_error_ = true;
      ++tally_.bounds;
      return Next::Stop;
    }
    if (blame == Blame::Connection && theirs.blame() == Blame::Stream) {
      has_error_ = true;
      ++tally_.escalations;
      return Next::Stop;
    }
    if (blame != theirs.blame() || ours.goaway != theirs.goaway || ours.resets != theirs.resets) {
      return Next::Differ;
    }
    if (blame == Blame::Connection) {
      has_error_ = true;
      ++tally_.connection_errors;
      return Next::Stop;
    }
    if (blame == Blame::Stream) {
      has_error_ = true;
      ++tally_.stream_errors;
      for (const auto& [stream, code] : ours.resets) {
        wronged_.insert(stream);
      }
      return Next::GoOn;  // what the frame was, only one of them may have told
    }
    const bool is_same = ours.events == theirs.events && ours.closed == theirs.closed &&
                         ours.sent == theirs.sent &&
                         windows_that_count(ours) == windows_that_count(theirs);
    return is_same ? Next::GoOn : Next::Differ;
  }

  bool is_connect(StreamId stream, const Step& theirs) {
    const Setup& setup = conversation_.setup;
    if (setup.role == Role::Client) {
      return stream % 2 == 1 && stream / 2 < setup.requests.size() &&
             setup.requests[stream / 2].method == "CONNECT";
    }
    if (theirs.events.find(":method = CONNECT\n") != std::string::npos) {
      connects_.insert(stream);
    }
    return connects_.contains(stream);
  }

  /// What is given to a stream that was reset is lost, and no matter.
  std::map<StreamId, std::uint64_t> windows_that_count(const Step& step) const {
    std::map<StreamId, std::uint64_t> windows = step.windows;
    std::erase_if(windows, [this](const auto& window) { return wronged_.contains(window.first); });
    return windows;
  }

  void describe(const Parting& at) {
    kind_ = blame_text(at.ours) + " / " + blame_text(at.theirs);
    const auto role = at.setup.role == Role::Server ? "a server" : "a client";
    report_ = std::string("as ") + role + ", step " + std::to_string(at.step) + ": " +
              (at.part.size() < kFrameHeaderLen ? "bytes" : frame_text(at.header)) + '\n' +
              "the step's bytes: " + to_hex(at.part) + "\n--- ours:\n" + to_text(at.ours) +
              "--- nghttp2's:\n" + to_text(at.theirs) + "--- settings:";
    for (const Setting& setting : at.setup.settings) {
      report_ += ' ' + setting_text(setting.id) + '=' + std::to_string(setting.value);
    }
    report_ += at.setup.holds_windows ? " (holds its windows)" : "";
    report_ += "\n--- the frames so far:\n";
    WireCutter cutter(at.setup.role, conversation_.wire);
    for (std::size_t i = 0; i < at.step && cutter.has_more(); ++i) {
      const ByteView part = cutter.next();
      report_ += std::to_string(i + 1) + ' ' +
                 (part.size() < kFrameHeaderLen || (i == 0 && at.setup.role == Role::Server)
                      ? "bytes"
                      : frame_text(decode_frame_header(part))) +
                 '\n';
    }
    report_ += "--- the wire: " + to_hex(conversation_.wire) + '\n';
  }

  const Conversation& conversation_;
  Tally& tally_;
  OurEnd ours_;
  Nghttp2End theirs_;
  std::size_t step_ = 0;
  std::set<StreamId> connects_;  // at a server
  std::set<StreamId> gone_;
  std::set<StreamId> wronged_;  // streams that ended by an error
  bool has_error_ = false;
  std::string kind_;
  std::string report_;
};

}  // namespace

std::optional<Difference> compare(const Conversation& conversation, HpackScratch& scratch,
                                  Tally& tally) {
  return Comparison(conversation, scratch, tally).run();
}

std::string Tally::to_text() const {
  std::string text = std::to_string(conversations) + " conversations, " + std::to_string(steps) +
                     " steps, " + std::to_string(bytes) + " bytes: " + std::to_string(clean) +
                     " without an error; stream errors " + std::to_string(stream_errors) +
                     ", connection errors " + std::to_string(connection_errors) +
                     ", of which stream errors there " + std::to_string(escalations) +
                     ", bounds of ours " + std::to_string(bounds) + "\nrules:";
  for (const auto& [id, count] : rules) {
    text += ' ' + std::string(id) + ' ' + std::to_string(count);
  }
  text += "\nknown differences:\n";
  for (const auto& table : {known_differences(), known_message_differences()}) {
    for (const KnownDifference& row : table) {
      if (const auto at = known.find(row.id); at != known.end()) {
        text += "  " + std::to_string(at->second) + " times " + std::string(row.id) + ": " +
                std::string(row.why) + " (" + std::string(row.section) + ")\n";
      }
    }
  }
  return text;
}

}  // namespace apns::http2::test
