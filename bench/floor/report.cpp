#include "bench/floor/report.h"

#include <array>
#include <charconv>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <system_error>

namespace apns::floor {
namespace {

std::chrono::microseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

rusage usage_of_this_process() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) {
    throw std::runtime_error("The process's own resource usage cannot be read.");
  }
  return usage;
}

}  // namespace

std::chrono::microseconds cpu_time() {
  const rusage usage = usage_of_this_process();
  return to_duration(usage.ru_utime) + to_duration(usage.ru_stime);
}

std::uint64_t max_rss_kb() {
  return static_cast<std::uint64_t>(usage_of_this_process().ru_maxrss);
}

std::uint64_t user_memory_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "RssAnon:") {
      std::uint64_t kb = 0;
      status >> kb;
      return kb;
    }
  }
  return 0;
}

void raise_descriptor_limit(std::uint64_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
      throw std::runtime_error("The limit of open descriptors cannot be raised.");
    }
  }
  if (limit.rlim_cur < needed) {
    throw std::runtime_error("The limit of open descriptors is " + std::to_string(limit.rlim_cur) +
                             ", and this run needs " + std::to_string(needed) +
                             ": raise it with ulimit -n.");
  }
}

JsonLine& JsonLine::add(std::string_view key, std::uint64_t value) {
  add_key(key);
  text_ += std::to_string(value);
  return *this;
}

JsonLine& JsonLine::add(std::string_view key, double value) {
  std::array<char, 64> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::fixed, 1);
  if (error != std::errc{}) {
    throw std::runtime_error("A figure has more than 60 digits.");
  }
  add_key(key);
  text_.append(digits.data(), end);
  return *this;
}

JsonLine& JsonLine::add(std::string_view key, std::string_view plain_text) {
  add_key(key);
  text_ += '"';
  text_ += plain_text;
  text_ += '"';
  return *this;
}

void JsonLine::print() const {
  std::cout << '{' << text_ << '}' << std::endl;
}

void JsonLine::add_key(std::string_view key) {
  text_ += text_.empty() ? "\"" : ",\"";
  text_ += key;
  text_ += "\":";
}

}  // namespace apns::floor
