// The memory host's other side: dialling.
#include <map>
#include <memory>
#include <optional>

#include "apns/base/memory_host.h"
#include "apns/base/memory_link.h"

namespace apns {

class MemoryHost::MemoryDialer final : public Dialer {
 public:
  MemoryDialer(MemoryHost& host, DialEvents& events) : host_(host), events_(events) {}

  ~MemoryDialer() override {
    ++*alarm_version_;
    for (const auto& [number, link] : std::map(host_.links_)) {
      if (link->dial_events == &events_) {
        link->dial_events = nullptr;
        host_.drop_link(link);
      }
    }
  }

  std::uint64_t dial(const Endpoint& to, Duration connect_limit) override {
    auto link = std::make_shared<Link>();
    link->number = ++host_.num_dialled_;
    link->dial_events = &events_;
    link->target = to.to_string();
    if (host_.link_options_) {
      link->options = host_.link_options_(link->number);
    }
    link->client = std::make_unique<Side>(host_, false);
    link->server = std::make_unique<Side>(host_, true);
    link->client->link = link->server->link = link.get();
    link->client->other = link->server.get();
    link->server->other = link->client.get();
    host_.links_.emplace(link->number, link);
    host_.dialled(link, to, connect_limit);
    return link->number;
  }

  void drop(std::uint64_t connection) override {
    const auto found = host_.links_.find(connection);
    if (found != host_.links_.end()) {
      host_.at(host_.now(), [&host = host_, link = found->second] { host.drop_link(link); });
    }
  }

  [[nodiscard]] std::optional<std::size_t> unacknowledged(std::uint64_t connection) const override {
    const auto found = host_.links_.find(connection);
    if (found == host_.links_.end() || found->second->dial_events != &events_) {
      return std::nullopt;
    }
    return found->second->client->unacknowledged();
  }

  void set_alarm(TimePoint when) override {
    if (when == alarm_at_) {
      return;
    }
    alarm_at_ = when;
    const std::uint64_t version = ++*alarm_version_;
    if (when == kNever) {
      return;
    }
    host_.at(when, [this, version, live = alarm_version_] {
      if (*live == version) {
        alarm_at_ = kNever;
        events_.on_alarm(host_.now());
      }
    });
  }

  [[nodiscard]] TimePoint now() const override { return host_.now(); }

 private:
  MemoryHost& host_;
  DialEvents& events_;
  TimePoint alarm_at_ = kNever;
  // Raised by each new alarm and by the destructor, so that older tasks do nothing.
  std::shared_ptr<std::uint64_t> alarm_version_ = std::make_shared<std::uint64_t>(0);
};

std::unique_ptr<Dialer> MemoryHost::make_dialer(DialEvents& events) {
  return std::make_unique<MemoryDialer>(*this, events);
}

}  // namespace apns
