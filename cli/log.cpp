#include "cli/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace apns::cli {

namespace {

constexpr std::size_t kQueueLen = 8192;

}  // namespace

Log::Log() {
  spdlog::init_thread_pool(kQueueLen, 1);
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("apnslab");
  logger->set_pattern("%v");
  spdlog::set_default_logger(std::move(logger));
}

Log::~Log() {
  spdlog::shutdown();
}

void Log::info(std::string_view area, std::string_view text) const {
  spdlog::info("info {} {}", area, text);
}

void Log::warn(std::string_view area, std::string_view text) const {
  spdlog::warn("warn {} {}", area, text);
}

}  // namespace apns::cli
