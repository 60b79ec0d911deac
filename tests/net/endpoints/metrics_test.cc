#include "net/endpoints/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "document/error.h"

namespace cotext::net {
namespace {

TEST(MetricsTest, CountersGrowAndGaugesAreSet) {
  Metrics metrics;
  metrics.Add(Counter::kBytesSent, 1000);
  metrics.Add(Counter::kBytesSent);
  metrics.Set(Gauge::kSessions, 7);
  metrics.Set(Gauge::kSessions, 5);
  const std::string text = metrics.ToText();
  EXPECT_TRUE(text.contains("# TYPE cotext_sent_bytes_total counter\n")) << text;
  EXPECT_TRUE(text.contains("\ncotext_sent_bytes_total 1001\n")) << text;
  EXPECT_TRUE(text.contains("# TYPE cotext_sessions gauge\n")) << text;
  EXPECT_TRUE(text.contains("\ncotext_sessions 5\n")) << text;
  EXPECT_TRUE(text.contains("\ncotext_documents 0\n")) << text;
}

TEST(MetricsTest, ErrorsAreCountedByCode) {
  Metrics metrics;
  metrics.CountError(ErrorCode::kBadMessage);
  metrics.CountError(ErrorCode::kTooSlow);
  metrics.CountError(ErrorCode::kBadMessage);
  const std::string text = metrics.ToText();
  EXPECT_TRUE(text.contains("cotext_errors_total{code=\"bad_message\"} 2\n")) << text;
  EXPECT_TRUE(text.contains("cotext_errors_total{code=\"too_slow\"} 1\n")) << text;
}

TEST(MetricsTest, AllAreThereFromTheStartUnderNamesOfTheirOwn) {
  std::istringstream lines(Metrics().ToText());
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(names.insert(line.substr(0, line.find(' '))).second) << line;
  }
  EXPECT_EQ(names.size(), size_t{kCounters} + kGauges);
}

TEST(MetricsTest, TheTextIsTheSameInWhateverOrderErrorsCame) {
  Metrics forth;
  Metrics back;
  for (int code = 1; code < 80; ++code) forth.CountError(static_cast<ErrorCode>(code));
  for (int code = 79; code > 0; --code) back.CountError(static_cast<ErrorCode>(code));
  EXPECT_EQ(forth.ToText(), back.ToText());
}

}  // namespace
}  // namespace cotext::net
