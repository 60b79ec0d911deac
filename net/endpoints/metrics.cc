#include "net/endpoints/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace cotext::net {
namespace {

struct Description {
  const char* name;
  const char* help;
};

// In the order of Counter.
constexpr std::array<Description, kCounters> kCounterNames = {{
    {"cotext_connections_accepted_total",
     "Connections that were let in, by WebSocket or long polling"},
    {"cotext_received_bytes_total", "Bytes of packets that came, of any transport"},
    {"cotext_sent_bytes_total", "Bytes of packets that were sent, of any transport"},
    {"cotext_received_frames_total", "Packets that came, of any transport"},
    {"cotext_sent_frames_total", "Packets that were sent, of any transport"},
    {"cotext_http_requests_total", "Requests over HTTP, with those that were refused"},
    {"cotext_store_transactions_total", "Transactions that the store has committed"},
    {"cotext_store_failures_total", "Writes and loads that the store has answered with an error"},
    {"cotext_authentication_failures_total", "Callers without a token or ticket that holds"},
    {"cotext_rate_limited_total", "Requests and connections that were too many"},
    {"cotext_origins_refused_total", "Requests and handshakes of web pages from elsewhere"},
    {"cotext_slow_closed_total", "Connections and feeds closed because too much waited for them"},
}};

// In the order of Gauge.
constexpr std::array<Description, kGauges> kGaugeNames = {{
    {"cotext_connections", "Connections by WebSocket"},
    {"cotext_poll_connections", "Connections by long polling"},
    {"cotext_event_streams", "Readers of live feeds"},
    {"cotext_sessions", "Sessions, with or without a connection, also the server's own for HTTP"},
    {"cotext_documents", "Documents in memory"},
    {"cotext_queue_bytes", "Bytes that wait in connections to be sent"},
    {"cotext_message_bytes", "Bytes of messages that wait for sessions, each counted once"},
    {"cotext_store_waiting_calls", "Calls that the store has not answered"},
    {"cotext_store_waiting_bytes", "Bytes of calls that the store has not answered"},
}};

// A map without an order has the metrics of a family.
void Sort(std::vector<prometheus::MetricFamily>& families) {
  for (prometheus::MetricFamily& family : families) {
    const auto label = [](const prometheus::ClientMetric& metric) {
      return metric.label.empty() ? std::string() : metric.label.front().value;
    };
    std::ranges::sort(family.metric, {}, label);
  }
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  std::array<prometheus::Counter*, kCounters> counters{};
  std::array<prometheus::Gauge*, kGauges> gauges{};
  prometheus::Family<prometheus::Counter>* errors = nullptr;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  auto& registry = families_->registry;
  for (size_t i = 0; i < kCounters; ++i) {
    const auto& [name, help] = kCounterNames[i];
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    families_->counters[i] = &family.Add({});
  }
  for (size_t i = 0; i < kGauges; ++i) {
    const auto& [name, help] = kGaugeNames[i];
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    families_->gauges[i] = &family.Add({});
  }
  families_->errors =
      &prometheus::BuildCounter()
           .Name("cotext_errors_total")
           .Help("Connections that were closed and requests that were refused, by why")
           .Register(registry);
}

Metrics::~Metrics() = default;

void Metrics::Add(Counter counter, uint64_t count) {
  families_->counters.at(static_cast<size_t>(counter))->Increment(static_cast<double>(count));
}

void Metrics::Set(Gauge gauge, uint64_t value) {
  families_->gauges.at(static_cast<size_t>(gauge))->Set(static_cast<double>(value));
}

void Metrics::CountError(std::string_view code, uint64_t count) {
  families_->errors->Add({{"code", std::string(code)}}).Increment(static_cast<double>(count));
}

std::string Metrics::ToText() const {
  std::vector<prometheus::MetricFamily> metrics = families_->registry.Collect();
  Sort(metrics);
  return prometheus::TextSerializer().Serialize(metrics);
}

}  // namespace cotext::net
