#include "apns/net/socket_thread.h"

#include <algorithm>
#include <string>
#include <utility>

#include "apns/net/thread_name.h"

namespace apns::net {

SocketThread::SocketThread(unsigned index, const SocketHostOptions& options, const HostLog& log)
    : index_(index), options_(options), log_(log), guard_(boost::asio::make_work_guard(io_)) {}

SocketThread::~SocketThread() {
  stop();
  connections_.clear();
}

void SocketThread::start() {
  thread_ = std::thread([this] {
    name_thread("io-" + std::to_string(index_));
    io_.run();
  });
}

void SocketThread::stop() {
  io_.stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool SocketThread::has_unread() const {
  return std::ranges::any_of(connections_,
                             [](const auto& entry) { return entry.second->has_unread(); });
}

SocketConnection& SocketThread::add(std::unique_ptr<SocketConnection> connection) {
  SocketConnection& added = *connection;
  connections_.emplace(&added, std::move(connection));
  return added;
}

void SocketThread::remove(SocketConnection& connection) {
  connections_.erase(&connection);
}

}  // namespace apns::net
