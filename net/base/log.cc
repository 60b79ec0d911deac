#include "net/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

namespace cotext::net {
namespace {

using Json = nlohmann::ordered_json;

struct TheLog {
  std::shared_ptr<spdlog::logger> logger;
  bool is_json = false;
};

// Set up before there are threads, and never torn down.
TheLog& Get() {
  static TheLog* const log = new TheLog;
  return *log;
}

spdlog::level::level_enum LevelOf(LogLevel level) {
  constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                  spdlog::level::err, spdlog::level::off};
  return kLevels.at(static_cast<size_t>(level));
}

// Not UTF-8 is written as if it were.
std::string Quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

bool IsPlain(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-[]@";
  return !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string ValueOf(const LogField& field, bool is_json) {
  if (const auto* const text = std::get_if<std::string_view>(&field.value)) {
    return !is_json && IsPlain(*text) ? std::string(*text) : Quoted(*text);
  }
  if (const auto* const is = std::get_if<bool>(&field.value)) return *is ? "true" : "false";
  return std::to_string(std::get<int64_t>(field.value));
}

}  // namespace

std::string LogLine(std::string_view event, std::initializer_list<LogField> fields, bool is_json) {
  std::string line = is_json ? "\"event\":" + Quoted(event) : std::string(event);
  for (const LogField& field : fields) {
    line += is_json ? "," + Quoted(field.name) + ":" : " " + std::string(field.name) + "=";
    line += ValueOf(field, is_json);
  }
  return line;
}

void SetUpLog(const LogOptions& options) {
  auto logger =
      std::make_shared<spdlog::logger>("cotext", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(LevelOf(options.level));
  logger->set_pattern(options.is_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                      : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
  Get() = {.logger = std::move(logger), .is_json = options.is_json};
}

bool IsLogged(LogLevel level) {
  const TheLog& log = Get();
  return log.logger != nullptr && log.logger->should_log(LevelOf(level));
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!IsLogged(level)) return;
  const TheLog& log = Get();
  log.logger->log(LevelOf(level), "{}", LogLine(event, fields, log.is_json));
}

}  // namespace cotext::net
