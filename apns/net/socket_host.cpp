#include "apns/net/socket_host.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "apns/net/address_table.h"
#include "apns/net/socket_dialer.h"
#include "apns/net/socket_listener.h"
#include "apns/net/socket_thread.h"
#include "apns/net/standstill.h"

namespace apns::net {

namespace asio = boost::asio;

struct SocketHost::Impl {
  Impl(SocketHostOptions o, HostLog l)
      : options(std::move(o)),
        log(std::move(l)),
        addresses(options.dial.order, options.dial.spread, options.dial.failed_for) {
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
      threads.push_back(std::make_unique<SocketThread>(i, options, log));
    }
  }

  SocketHostOptions options;
  HostLog log;
  AddressTable addresses;
  std::vector<std::unique_ptr<SocketThread>> threads;
  std::vector<std::unique_ptr<SocketListener>> listeners;
  std::atomic<std::uint64_t> num_accepted{0};
  std::atomic<std::uint64_t> num_dialled{0};
  std::mutex alone_mutex;  // held by run_alone(); taken before the next
  std::mutex mutex;        // over the next two
  bool is_running = false;
  std::shared_ptr<Standstill> standstill;  // of the run_alone() that is under way
  std::mutex idle_mutex;
  std::condition_variable idle;
};

SocketHost::SocketHost(SocketHostOptions options, HostLog log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(log))) {}

SocketHost::~SocketHost() {
  stop();
}

Endpoint SocketHost::listen(const Endpoint& at, AcceptEvents& events) {
  auto listener = std::make_unique<SocketListener>(at, events, impl_->threads, impl_->num_accepted,
                                                   [impl = impl_.get()] {
                                                     const std::lock_guard lock(impl->idle_mutex);
                                                     impl->idle.notify_all();
                                                   });
  Endpoint bound = listener->bound();
  asio::post(impl_->threads.front()->io(), [raw = listener.get()] { raw->start(); });
  impl_->listeners.push_back(std::move(listener));
  return bound;
}

std::unique_ptr<Dialer> SocketHost::make_dialer(DialEvents& events, unsigned thread) {
  return std::make_unique<SocketDialer>(*impl_->threads.at(thread), events, impl_->num_dialled,
                                        impl_->addresses);
}

void SocketHost::start() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_running = true;
  }
  for (const auto& thread : impl_->threads) {
    thread->start();
  }
}

void SocketHost::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_running = false;
    if (impl_->standstill) {
      impl_->standstill->give_up();  // those who have arrived would wait for those who never will
    }
  }
  for (const auto& thread : impl_->threads) {
    thread->stop();
  }
}

void SocketHost::post(unsigned thread, std::function<void()> task) {
  asio::post(impl_->threads.at(thread)->io(), std::move(task));
}

void SocketHost::run_on(unsigned thread, const std::function<void()>& task) {
  std::promise<void> done;
  post(thread, [&task, &done] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool SocketHost::run_alone(const std::function<void()>& task, std::chrono::milliseconds limit) {
  const std::lock_guard one_at_a_time(impl_->alone_mutex);
  const auto standstill = std::make_shared<Standstill>(impl_->threads.size());
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->is_running) {
      return false;
    }
    impl_->standstill = standstill;
  }
  const std::unique_ptr<Standstill, void (*)(Standstill*)> ends(
      standstill.get(), [](Standstill* held) { held->end(); });  // whatever `task` throws
  for (unsigned thread = 0; thread < num_threads(); ++thread) {
    post(thread, [standstill] { standstill->arrive(); });
  }
  if (!standstill->wait(limit)) {
    return false;
  }
  task();
  return true;
}

bool SocketHost::wait_read_out(std::chrono::milliseconds limit) {
  // What a peer's system holds back until there is room comes a moment later.
  constexpr int kQuietLooks = 3;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (int num_quiet = 0; num_quiet < kQuietLooks; ++num_quiet) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (unsigned thread = 0; thread < num_threads(); ++thread) {
      run_on(thread, [this, thread, &num_quiet] {
        num_quiet = impl_->threads[thread]->has_unread() ? -1 : num_quiet;
      });
    }
  }
  return true;
}

void SocketHost::close_listeners() {
  run_on(0, [this] {
    for (const auto& listener : impl_->listeners) {
      listener->close();
    }
  });
}

bool SocketHost::wait_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->idle_mutex);
  return impl_->idle.wait_for(lock, limit, [this] { return num_accepted_open() == 0; });
}

std::size_t SocketHost::num_accepted_open() const {
  std::size_t sum = 0;
  for (const auto& thread : impl_->threads) {
    sum += thread->num_accepted.load(std::memory_order_relaxed);
  }
  return sum;
}

unsigned SocketHost::num_threads() const {
  return static_cast<unsigned>(impl_->threads.size());
}

TimePoint io_now() {
  return TimePoint(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

WorldTime SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace apns::net
