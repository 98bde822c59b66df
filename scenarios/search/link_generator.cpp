#include "scenarios/search/link_generator.h"

#include <utility>

namespace apns::scenarios::search {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Byte by byte is for conversations up to this.
constexpr std::size_t kMaxBytesInPieces = 20'000;

/// Latency, pieces and window of a link on which nothing is lost.
LinkOptions draw_link(const LinkFrame& frame, Draw& draw) {
  const Duration slowest = frame.patience / 16;
  LinkOptions link;
  link.latency = draw.time(microseconds(50), draw.chance(50) ? milliseconds(1) : slowest);
  const bool in_pieces = frame.num_bytes <= kMaxBytesInPieces;
  if (draw.chance(50)) {
    link.split_max = draw.between(in_pieces ? 1 : 50, in_pieces && draw.chance(50) ? 40 : 1000);
    link.split_min = draw.chance(50) ? 0 : draw.between(1, link.split_max);
  }
  if (draw.chance(25)) {
    const bool is_tiny = in_pieces && !frame.with_tls && draw.chance(30);
    link.window = is_tiny ? draw.between(1, 30) : draw.between(300, 4096);
    if (is_tiny) {
      link.latency = draw.time(microseconds(50), milliseconds(1));
    }
  }
  return link;
}

void spoil_link(const LinkFrame& frame, LinkOptions& link, Draw& draw) {
  const std::uint64_t num_bytes = frame.num_bytes + (frame.with_tls ? 3000 : 0);
  switch (draw.between(0, frame.may_lie ? 7U : 5U)) {
    case 0:
    case 1:
      link.reset_after_to_server = draw.between(0, num_bytes);
      break;
    case 2:
      link.reset_after_to_client = draw.between(0, frame.with_tls ? 4000 : frame.num_bytes_back);
      break;
    case 3:
      link.refuse = true;
      break;
    case 4:
      link.hang = true;
      break;
    case 5:
      break;  // another one, but a sound one
    case 6:
      link.stalled_server = true;
      break;
    default:
      link.latency = draw.time(frame.patience / 4, frame.patience * 2);
      break;
  }
}

}  // namespace

std::vector<LinkPlan> draw_network(const LinkFrame& frame, Draw& draw) {
  std::vector<LinkPlan> plans;
  const std::uint64_t num_special = draw.chance(50) ? 0 : draw.between(1, 4);
  for (std::uint64_t i = 1; i <= num_special; ++i) {
    if (draw.chance(60)) {
      LinkPlan plan{NumberSet(i, draw.chance(5) ? UINT64_MAX : i), draw_link(frame, draw)};
      spoil_link(frame, plan.link, draw);
      plans.push_back(std::move(plan));
    }
  }
  plans.push_back(LinkPlan{NumberSet(1, UINT64_MAX), draw_link(frame, draw)});
  return plans;
}

}  // namespace apns::scenarios::search
