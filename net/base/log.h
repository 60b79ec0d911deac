// The log of a server: events with named values, a line each on standard error, for people or as
// JSON objects.
//
//     Log(LogLevel::kInfo, "connection closed", {{"connection", 7}, {"reason", "timed_out"}});
//     2026-01-31T12:00:00.000Z info connection closed connection=7 reason=timed_out
//
// Values from outside are quoted, so that none can forge a line. What is secret does not belong
// here: tokens, tickets, the text of documents, query strings. Thread-safe.
#ifndef COTEXT_NET_BASE_LOG_H_
#define COTEXT_NET_BASE_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace cotext::net {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };

struct LogField {
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, const std::string& text)
      : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, bool is) : name(field), value(is) {}
  template <std::integral Number>
  LogField(std::string_view field, Number number)
      : name(field), value(static_cast<int64_t>(number)) {}

  std::string_view name;
  std::variant<std::string_view, int64_t, bool> value;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  // And above.
  bool is_json = false;
};

// Until it is called, nothing is logged.
void SetUpLog(const LogOptions& options);
// Returns whether Log writes anything at that level.
bool IsLogged(LogLevel level);
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The event and its fields as Log writes them behind time and level. For tests.
std::string LogLine(std::string_view event, std::initializer_list<LogField> fields, bool is_json);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_LOG_H_
