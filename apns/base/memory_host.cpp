#include "apns/base/memory_host.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "apns/base/memory_link.h"
#include "apns/base/random.h"

namespace apns {

MemoryHost::MemoryHost(ManualClock& clock, std::uint64_t seed, std::uint64_t max_events)
    : clock_(clock), seed_(seed), max_events_(max_events) {}

MemoryHost::~MemoryHost() = default;

Endpoint MemoryHost::listen(const Endpoint& at, AcceptEvents& events) {
  Endpoint bound = at;
  const auto is_taken = [this, &bound] {
    return std::ranges::any_of(listeners_, [&bound](const Listener& l) { return l.at == bound; });
  };
  if (at.port != 0 && is_taken()) {
    throw std::runtime_error("The memory host already listens on " + bound.to_string() + ".");
  }
  while (bound.port == 0 || is_taken()) {
    bound.port = next_port_++;
  }
  listeners_.push_back(Listener{bound, &events});
  return bound;
}

void MemoryHost::unlisten(const Endpoint& at) {
  std::erase_if(listeners_, [&](const Listener& listener) { return listener.at == at; });
}

void MemoryHost::set_links(std::function<LinkOptions(std::uint64_t)> links) {
  link_options_ = std::move(links);
}

void MemoryHost::at(TimePoint when, std::function<void()> task) {
  events_.push(Event{std::max(when, now()), next_order_++, std::move(task)});
}

bool MemoryHost::run_one(TimePoint limit) {
  if (events_.empty() || events_.top().when > limit) {
    return false;
  }
  // The queue hands out const references only; the event is taken out before it runs.
  Event event = std::move(const_cast<Event&>(events_.top()));
  events_.pop();
  clock_.advance_to(event.when);
  ++num_events_;
  event.task();
  return true;
}

bool MemoryHost::run_until(const std::function<bool()>& done, TimePoint limit) {
  TimePoint instant = now();
  std::uint64_t at_instant = 0;
  while (!done()) {
    if (!run_one(limit)) {
      if (limit != kNever) {
        clock_.advance_to(limit);
      }
      return done();
    }
    at_instant = now() == instant ? at_instant + 1 : 0;
    instant = now();
    if (at_instant > max_events_) {
      return false;
    }
  }
  return true;
}

void MemoryHost::run_for(Duration span) {
  (void)run_until([] { return false; }, now() + span);
}

void MemoryHost::dialled(const std::shared_ptr<Link>& link, const Endpoint& to,
                         Duration connect_limit) {
  const Duration latency = link->options.latency;
  if (link->options.hang || latency > connect_limit - latency) {
    at(now() + connect_limit, [this, link] {
      if (link->client->state == Side::State::Waiting) {
        send_end(*link->client, true);  // the server may be up already
        finish(*link->client, Gone::TimedOut);
      }
    });
  }
  if (link->options.hang) {
    return;
  }
  at(now() + latency, [this, link, to, latency] {
    const auto listener = std::find_if(listeners_.begin(), listeners_.end(),
                                       [&](const Listener& l) { return l.at == to; });
    if (link->options.refuse || listener == listeners_.end()) {
      at(now() + latency, [this, link] { finish(*link->client, Gone::Refused); });
      return;
    }
    // First, since the transport is up before the service is asked: a refusal comes behind it.
    at(now() + latency, [this, link] { connect(link); });
    accept(link, *listener->events);
  });
}

void MemoryHost::accept(const std::shared_ptr<Link>& link, AcceptEvents& events) {
  Side& side = *link->server;
  if (side.state != Side::State::Waiting) {
    return;
  }
  link->accept_events = &events;
  side.peer.connection = ++num_accepted_;
  side.peer.local_address = "memory:" + link->target;
  side.peer.peer_address = std::string(kClientAddress) + std::to_string(link->number);
  side.state = Side::State::Open;
  side.engine = events.accepted(side.peer, side, now());
  if (!side.engine) {
    perform_close(side, Close::Reset);
    return;
  }
  schedule_service(side);
}

void MemoryHost::connect(const std::shared_ptr<Link>& link) {
  Side& side = *link->client;
  if (side.state != Side::State::Waiting || link->dial_events == nullptr) {
    return;
  }
  side.peer.connection = link->number;
  side.peer.local_address = std::string(kClientAddress) + std::to_string(link->number);
  side.peer.peer_address = "memory:" + link->target;
  side.state = Side::State::Open;
  side.engine = link->dial_events->connected(side.peer, side, now());
  if (!side.engine) {
    perform_close(side, Close::Reset);
    return;
  }
  schedule_service(side);
}

void MemoryHost::drop_link(const std::shared_ptr<Link>& link) {
  Side& side = *link->client;
  if (side.state == Side::State::Over) {
    return;
  }
  send_end(side, true);
  finish(side, Gone::Dropped);
}

void MemoryHost::schedule_service(Side& side) {
  if (side.service_scheduled) {
    return;
  }
  side.service_scheduled = true;
  const auto link = links_.find(side.link->number);
  if (link == links_.end()) {
    return;
  }
  at(now(), [this, &side, keep = link->second] {
    side.service_scheduled = false;
    service(side);
  });
}

void MemoryHost::wake_side(Side& side) {
  side.woken = true;
  schedule_service(side);
}

void MemoryHost::service(Side& side) {
  if (std::exchange(side.woken, false) && side.engine) {
    side.engine->on_time(now());
  }
  const auto is_done = [&side] {
    return side.engine->close() != Close::None &&
           (side.engine->pending().empty() || side.write_shut);
  };
  while (side.engine && !is_done() && (feed_inbox(side) || take_pending(side))) {
  }
  if (!side.engine) {
    return;
  }
  if (is_done()) {
    perform_close(side, side.engine->close());
    return;
  }
  const TimePoint deadline = side.engine->deadline();
  if (deadline != side.armed) {
    side.armed = deadline;
    if (deadline != kNever) {
      const auto keep = links_.at(side.link->number);
      at(deadline, [this, &side, deadline, keep] {
        if (side.engine && side.armed == deadline) {
          side.armed = kNever;
          side.engine->on_time(now());
          service(side);
        }
      });
    }
  }
}

bool MemoryHost::feed_inbox(Side& side) {
  const bool is_stalled = side.link->options.stalled_server && side.server;
  const bool reads = !is_stalled && side.engine->wants_read();
  if (!reads && side.end_reset) {
    side.inbox.clear();  // nobody will ever take it
  }
  if (!side.inbox.empty() && reads) {
    const std::size_t taken = side.engine->feed(side.inbox, now());
    assert(taken <= side.inbox.size());
    side.num_taken += taken;
    side.inbox.erase(side.inbox.begin(), side.inbox.begin() + static_cast<std::ptrdiff_t>(taken));
    if (taken > 0) {
      schedule_service(*side.other);  // its window has room again
    }
    return taken > 0;
  }
  const bool hears_end = side.end_pending && (side.end_reset || !is_stalled);
  if (side.inbox.empty() && hears_end && !side.end_told) {
    side.end_told = true;
    side.engine->ended(side.end_reset ? End::Reset : End::Fin, now());
    if (side.end_reset) {
      finish(side, Gone::Reset);
    }
    return !side.end_reset;
  }
  return false;
}

bool MemoryHost::take_pending(Side& side) {
  if (side.write_shut) {
    return false;
  }
  const ByteView pending = side.engine->pending();
  Side& to = *side.other;
  const std::size_t used = to.inbox.size() + to.on_the_way;
  const LinkOptions& options = side.link->options;
  if (pending.empty() || used >= options.window) {
    return false;
  }
  std::size_t len = std::min(pending.size(), options.window - used);
  if (options.split_max > 0) {
    const std::uint64_t draw =
        random_u64(seed_, side.link->number, side.num_chunks++, side.server ? 1 : 0);
    len = std::min<std::size_t>(
        len, random_between(draw, std::max<std::size_t>(1, options.split_min), options.split_max));
  }
  Bytes chunk(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(len));
  to.on_the_way += len;
  to.num_sent += len;
  side.engine->sent(len, now());
  const auto keep = links_.at(side.link->number);
  at(now() + options.latency,
     [this, &to, keep, moved = std::move(chunk)]() mutable { deliver(to, std::move(moved)); });
  return true;
}

void MemoryHost::deliver(Side& to, Bytes chunk) {
  to.on_the_way -= chunk.size();
  if (to.state == Side::State::Over) {
    send_end(to, true);  // bytes for a closed socket draw a reset
    return;
  }
  const auto& limit =
      to.server ? to.link->options.reset_after_to_server : to.link->options.reset_after_to_client;
  const std::size_t len =
      limit
          ? static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), *limit - to.num_arrived))
          : chunk.size();
  to.num_arrived += len;
  if (to.state == Side::State::Draining) {
    to.num_taken += len;
    schedule_service(*to.other);  // read and dropped: its window has room again
  } else if (!to.end_pending) {
    to.inbox.insert(to.inbox.end(), chunk.begin(),
                    chunk.begin() + static_cast<std::ptrdiff_t>(len));
  }
  if (limit && to.num_arrived >= *limit) {
    end_arrived(to, true);
    end_arrived(*to.other, true);
    return;
  }
  if (to.engine) {
    service(to);  // now: what arrives at the same instant is fed apart, as it was split
  }
}

void MemoryHost::perform_close(Side& side, Close how) {
  side.engine.reset();
  switch (how) {
    case Close::None:
      break;
    case Close::Reset:
      send_end(side, true);
      finish(side, Gone::Reset);
      break;
    case Close::CloseNotify:
      // As a kernel does: close() with unread input is an RST.
      send_end(side, !side.inbox.empty());
      finish(side, Gone::Closed);
      break;
    case Close::CloseNotifyThenDrain:
    case Close::FinOnly: {
      send_end(side, false);
      if (side.end_pending) {
        finish(side, Gone::Closed);
        return;
      }
      side.state = Side::State::Draining;
      side.num_taken += side.inbox.size();
      side.inbox.clear();
      schedule_service(*side.other);
      const auto keep = links_.at(side.link->number);
      at(now() + kDrainLimit, [this, &side, keep] {
        if (side.state == Side::State::Draining) {
          send_end(side, true);
          finish(side, Gone::Closed);
        }
      });
      break;
    }
    case Close::Vanish:
      side.state = Side::State::Vanished;
      break;
  }
}

void MemoryHost::send_end(Side& from, bool reset) {
  if (from.write_shut && !reset) {
    return;
  }
  from.write_shut = true;
  const auto link = links_.find(from.link->number);
  if (link == links_.end()) {
    return;
  }
  at(now() + from.link->options.latency,
     [this, &to = *from.other, reset, keep = link->second] { end_arrived(to, reset); });
}

void MemoryHost::end_arrived(Side& to, bool reset) {
  if (to.state == Side::State::Over || (to.end_pending && (to.end_reset || !reset))) {
    return;
  }
  if (to.end_told && reset) {
    // A reset after the engine heard the FIN: nothing can be sent any more.
    to.write_shut = true;
    if (to.engine) {
      to.engine.reset();
    }
    finish(to, Gone::Reset);
    return;
  }
  to.end_pending = true;
  to.end_reset = reset;
  if (reset) {
    to.write_shut = true;
  }
  if (to.state == Side::State::Draining || to.state == Side::State::Vanished ||
      to.state == Side::State::Waiting) {
    finish(to, to.state == Side::State::Draining ? Gone::Closed : Gone::Reset);
    return;
  }
  schedule_service(to);
}

void MemoryHost::finish(Side& side, Gone why) {
  if (side.state == Side::State::Over) {
    return;
  }
  const bool was_up = side.state != Side::State::Waiting;
  side.state = Side::State::Over;
  side.engine.reset();
  side.inbox.clear();
  Link& link = *side.link;
  const auto keep = links_.at(link.number);
  if (side.server) {
    if (link.accept_events != nullptr && was_up) {
      link.accept_events->gone(side.peer, why, now());
    }
  } else {
    if (!was_up && link.server->state == Side::State::Waiting) {
      link.server->state = Side::State::Over;  // it was never accepted
    }
    if (link.dial_events != nullptr) {
      link.dial_events->gone(link.number, why, "", now());
    }
  }
  if (link.client->state == Side::State::Over && link.server->state == Side::State::Over) {
    links_.erase(link.number);
  }
}

}  // namespace apns
