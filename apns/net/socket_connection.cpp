#include "apns/net/socket_connection.h"

#include <algorithm>
#include <cassert>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "apns/net/socket_thread.h"

namespace apns::net {

namespace asio = boost::asio;
using boost::system::error_code;

SocketConnection::SocketConnection(SocketThread& thread, asio::ip::tcp::socket socket,
                                   PeerInfo peer, OnGone on_gone)
    : thread_(thread),
      socket_(std::move(socket)),
      timer_(thread.io()),
      peer_(std::move(peer)),
      on_gone_(std::move(on_gone)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

void SocketConnection::start(std::unique_ptr<Engine> engine) {
  engine_ = std::move(engine);
  if (!engine_) {
    reset(Gone::Reset);
    return;
  }
  look();
}

void SocketConnection::reset(Gone why) {
  if (state_ != State::Over) {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    finish(why, "");
  }
}

std::optional<std::size_t> SocketConnection::unacknowledged() {
  int queued = 0;
  if (state_ == State::Over || ::ioctl(socket_.native_handle(), SIOCOUTQ, &queued) != 0) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(queued) + (engine_ ? engine_->pending().size() : 0);
}

bool SocketConnection::has_unread() {
  if (state_ != State::Open || !engine_ || !engine_->wants_read() || peer_ended_) {
    return false;
  }
  int len = 0;
  const bool is_told = ioctl(socket_.native_handle(), FIONREAD, &len) == 0;
  return !kept_.empty() || (is_told && len > 0);
}

void SocketConnection::wake(Engine& /*engine*/) {
  if (look_posted_ || state_ != State::Open) {
    return;
  }
  look_posted_ = true;
  ++num_handlers_;
  asio::post(thread_.io(), [this] {
    look_posted_ = false;
    if (state_ == State::Open) {
      engine_->on_time(io_now());
      look();
    }
    handler_done();
  });
}

void SocketConnection::look() {
  // What was kept goes in first; feeding may free the way for more.
  while (state_ == State::Open && write_pending() && feed_kept()) {
  }
  if (state_ != State::Open) {
    return;
  }
  if (engine_->pending().empty()) {
    const Close close = engine_->close();
    if (close != Close::None) {
      perform_close(close);
      return;
    }
  }
  if (engine_->wants_read() && kept_.empty() && !peer_ended_) {
    wait_readable();
  }
  arm_timer();
}

bool SocketConnection::feed_kept() {
  if (kept_.empty() || !engine_->wants_read()) {
    return false;
  }
  const Bytes kept = std::exchange(kept_, {});
  return feed(kept);
}

bool SocketConnection::feed(ByteView bytes) {
  const std::size_t taken = engine_->feed(bytes, io_now());
  assert(taken <= bytes.size());
  if (taken < bytes.size()) {
    kept_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
  }
  return taken > 0;
}

void SocketConnection::wait_readable() {
  if (waiting_read_) {
    return;
  }
  waiting_read_ = true;
  ++num_handlers_;
  socket_.async_wait(asio::socket_base::wait_read, [this](const error_code& error) {
    waiting_read_ = false;
    on_readable(error);
    handler_done();
  });
}

void SocketConnection::wait_writable() {
  if (waiting_write_) {
    return;
  }
  waiting_write_ = true;
  ++num_handlers_;
  socket_.async_wait(asio::socket_base::wait_write, [this](const error_code& error) {
    waiting_write_ = false;
    if (!error && state_ == State::Open) {
      look();
    }
    handler_done();
  });
}

void SocketConnection::on_readable(const error_code& error) {
  if (error || state_ == State::Over || state_ == State::Vanished) {
    return;
  }
  if (state_ == State::Open && (!engine_->wants_read() || !kept_.empty())) {
    return;  // look() waits again once the engine wants to read
  }
  read_once();
  if (state_ == State::Open) {
    look();
  } else if (state_ == State::Draining) {
    wait_readable();
  }
}

void SocketConnection::read_once() {
  error_code error;
  const std::span<std::byte> buffer = thread_.read_buffer();
  const std::size_t n = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (!error) {
    if (state_ == State::Open) {
      (void)feed(buffer.first(n));
    }
    return;
  }
  if (error == asio::error::would_block || error == asio::error::try_again ||
      error == asio::error::interrupted) {
    return;
  }
  peer_ended(error == asio::error::eof ? End::Fin : End::Reset, error.message());
}

void SocketConnection::peer_ended(End end, const std::string& detail) {
  peer_ended_ = true;
  if (state_ == State::Draining) {
    finish(Gone::Closed, "");
    return;
  }
  engine_->ended(end, io_now());
  if (end == End::Reset) {
    finish(Gone::Reset, detail);
  }
}

bool SocketConnection::write_pending() {
  for (ByteView run = engine_->pending(); !run.empty(); run = engine_->pending()) {
    error_code error;
    const std::size_t n = socket_.write_some(asio::buffer(run.data(), run.size()), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      if (host_deadline_ == kNever) {
        host_deadline_ = io_now() + thread_.options().write_limit;
      }
      wait_writable();
      return true;
    }
    if (error) {
      write_failed(error);
      return false;
    }
    host_deadline_ = kNever;
    engine_->sent(n, io_now());
  }
  host_deadline_ = kNever;
  return true;
}

void SocketConnection::write_failed(const error_code& error) {
  // The peer's last words may have arrived before its reset: read to the end before saying so.
  for (int reads = 0; state_ == State::Open && !peer_ended_ && kept_.empty() && reads < 64 &&
                      engine_->wants_read();
       ++reads) {
    const std::span<std::byte> buffer = thread_.read_buffer();
    error_code read_error;
    const std::size_t n = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), read_error);
    if (read_error) {
      break;
    }
    (void)feed(buffer.first(n));
  }
  if (!peer_ended_) {
    peer_ended_ = true;
    engine_->ended(End::Reset, io_now());
  }
  finish(Gone::Reset, error.message());
}

void SocketConnection::perform_close(Close how) {
  switch (how) {
    case Close::None:
      return;
    case Close::CloseNotifyThenDrain:
    case Close::FinOnly:
      shut_and_drain();
      return;
    case Close::CloseNotify:
      finish(Gone::Closed,
             "");  // close() with unread input makes the kernel send RST: as the name promises
      return;
    case Close::Reset:
      reset(Gone::Reset);
      return;
    case Close::Vanish:
      engine_.reset();
      kept_ = {};
      state_ = State::Vanished;
      host_deadline_ = io_now() + thread_.options().vanish_limit;
      arm_timer();
      return;
  }
}

void SocketConnection::shut_and_drain() {
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  engine_.reset();
  if (error || peer_ended_) {
    finish(Gone::Closed, "");
    return;
  }
  kept_ = {};
  state_ = State::Draining;
  host_deadline_ = io_now() + thread_.options().drain_limit;
  wait_readable();
  arm_timer();
}

void SocketConnection::arm_timer() {
  const TimePoint wanted = std::min(engine_ ? engine_->deadline() : kNever, host_deadline_);
  // Only moved earlier: a timer that fires too soon costs one look, re-arming costs one per read.
  if (wanted >= armed_) {
    return;
  }
  armed_ = wanted;
  ++num_handlers_;
  timer_.expires_at(std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(wanted.time_since_epoch())));
  timer_.async_wait([this](const error_code& error) {
    on_timer(error);
    handler_done();
  });
}

void SocketConnection::on_timer(const error_code& error) {
  if (error || state_ == State::Over) {
    return;  // cancelled: a newer wait has taken over, and armed_ is its time
  }
  armed_ = kNever;
  const TimePoint now = io_now();
  if (host_deadline_ <= now) {
    if (state_ != State::Open) {
      reset(Gone::Closed);
      return;
    }
    if (thread_.log()) {
      thread_.log()(HostEvent::WriteTimedOut, std::to_string(peer_.connection));
    }
    engine_->ended(End::Reset, now);
    reset(Gone::Reset);
    return;
  }
  if (engine_ && engine_->deadline() <= now) {
    engine_->on_time(now);
  }
  if (state_ == State::Open) {
    look();
  } else {
    arm_timer();
  }
}

void SocketConnection::finish(Gone why, const std::string& detail) {
  assert(state_ != State::Over);
  state_ = State::Over;
  engine_.reset();
  kept_ = {};
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  // on_gone_ may start other connections; it must not find this one half dead.
  ++num_handlers_;
  asio::post(thread_.io(), [this, why, detail] {
    const OnGone on_gone = std::exchange(on_gone_, {});
    if (on_gone) {
      on_gone(*this, why, detail);
    }
    handler_done();
  });
}

void SocketConnection::handler_done() {
  --num_handlers_;
  if (can_be_destroyed()) {
    thread_.remove(*this);
  }
}

}  // namespace apns::net
