// What a server counts and measures, as Prometheus reads it (docs/OPERATIONS.md has the list).
//
// Counters only grow; gauges are set to what is. Names of documents and users are in none of them:
// there would be as many series as somebody likes to make.
//
// Thread-safe.
#ifndef COTEXT_NET_ENDPOINTS_METRICS_H_
#define COTEXT_NET_ENDPOINTS_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext::net {

enum class Counter : uint8_t {
  kConnectionsAccepted,
  kBytesReceived,
  kBytesSent,
  kFramesReceived,
  kFramesSent,
  kRequests,
  kStoreTransactions,
  kStoreFailures,
  kAuthenticationFailures,
  kRateLimited,
  kOriginsRefused,
  kSlowClosed,
};
inline constexpr uint8_t kCounters = 12;

enum class Gauge : uint8_t {
  kConnections,
  kPollConnections,
  kEventStreams,
  kSessions,
  kDocuments,
  kQueueBytes,
  kMessageBytes,
  kStoreWaiting,
  kStoreWaitingBytes,
};
inline constexpr uint8_t kGauges = 9;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void Add(Counter counter, uint64_t count = 1);
  void Set(Gauge gauge, uint64_t value);
  // Counts what ended a connection, or refused a request. Codes are the server's own, or there
  // would be as many series as a client likes.
  void CountError(std::string_view code, uint64_t count = 1);
  void CountError(ErrorCode code, uint64_t count = 1) { CountError(ErrorName(code), count); }

  // Returns the text format, in the same order each time. Its content type is kTextType.
  std::string ToText() const;
  static constexpr char kTextType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_METRICS_H_
