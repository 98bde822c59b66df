#include "cli/waiting_command.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace apns::cli {

namespace {

// First of all what the child is told: without it the parent is gone, or has given up.
constexpr std::string_view kGo = "go";

/// Two ends of a pipe, closed on exec: to read from, to write to.
std::pair<Descriptor, Descriptor> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno) + ".");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t len = ::read(fd, part.data(), part.size());
    if (len == 0 || (len < 0 && errno != EINTR)) {
      return text;
    }
    text.append(part.data(), len > 0 ? static_cast<std::size_t>(len) : 0);
  }
}

/// `told`: "NAME=VALUE\0" again and again.
void set_variables(std::string_view told) {
  while (!told.empty()) {
    const std::string entry(told.substr(0, told.find('\0')));
    const std::size_t equals = entry.find('=');
    (void)::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
    told.remove_prefix(entry.size() + 1);
  }
}

}  // namespace

WaitingCommand::WaitingCommand(const std::vector<std::string>& words,
                               const std::function<void()>& in_child) {
  auto [go, go_here] = make_pipe();
  auto [failure_here, failure] = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(errno) + ".");
  }
  if (pid_ == 0) {
    go_here.close();  // or its own end would keep the pipe open
    wait_and_run(words, in_child, std::move(go), failure.get());
  }
  go_ = std::move(go_here);
  failure_ = std::move(failure_here);
}

void WaitingCommand::wait_and_run(const std::vector<std::string>& words,
                                  const std::function<void()>& in_child, Descriptor go,
                                  int failure) {
  const std::string told = read_all(go.get());
  if (!told.starts_with(kGo)) {
    ::_exit(0);
  }
  set_variables(std::string_view(told).substr(kGo.size()));
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  argv.reserve(copies.size() + 1);
  for (std::string& word : copies) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  in_child();
  (void)::execvp(argv.front(), argv.data());
  const int error = errno;
  const char* const bytes = static_cast<const char*>(static_cast<const void*>(&error));
  (void)write_all(failure, {bytes, sizeof error});
  ::_exit(error == ENOENT ? 127 : 126);
}

WaitingCommand::~WaitingCommand() {
  go_.close();
  if (!is_started_) {
    (void)::waitpid(pid_, nullptr, 0);
  }
}

void WaitingCommand::start(const std::vector<std::pair<std::string, std::string>>& environment) {
  std::string told(kGo);
  for (const auto& [name, value] : environment) {
    told.append(name).append("=").append(value).push_back('\0');
  }
  is_started_ = true;
  (void)write_all(go_.get(), told);  // a child that a signal has ended tells by its end
  go_.close();
}

int WaitingCommand::exec_error() {
  const std::string answer = read_all(failure_.get());
  int error = 0;
  if (answer.size() == sizeof error) {
    std::memcpy(&error, answer.data(), sizeof error);
  }
  return error;
}

}  // namespace apns::cli
