// Which way a client takes to its server: a WebSocket, or long polling where WebSockets do not get
// through.
//
//     WebSocket --- kFailuresMax in a row that brought nothing ---> polling, once
//     polling brings something: polling from now on, and WebSockets are tried beside it
//     polling brings nothing:   WebSocket again
//
// So a server that is down is tried by WebSocket mostly, and one whose WebSockets are blocked is
// reached by the next try. A connection counts as one that brings something once a packet came: a
// proxy may accept a WebSocket and let nothing through. What was tried beside polling and failed is
// tried again after a wait that doubles, up to retry_ms_max.
//
// Pure; times are of one clock, in milliseconds.
#ifndef COTEXT_NET_CLIENT_TRANSPORT_CHOICE_H_
#define COTEXT_NET_CLIENT_TRANSPORT_CHOICE_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "net/client/client_transport.h"

namespace cotext::net {

enum class TransportMode : uint8_t { kAuto, kWebSocket, kPoll };

struct TransportChoiceOptions {
  TransportMode mode = TransportMode::kAuto;
  uint32_t failures_max = 2;
  uint64_t retry_ms_min = 30'000;
  uint64_t retry_ms_max = 600'000;
};

class TransportChoice {
 public:
  explicit TransportChoice(const TransportChoiceOptions& options = {})
      : options_(options), retry_ms_(options.retry_ms_min) {}

  // Returns what the next connection is to be.
  TransportKind Next() const {
    if (options_.mode == TransportMode::kPoll) return TransportKind::kPoll;
    if (options_.mode == TransportMode::kWebSocket) return TransportKind::kWebSocket;
    const bool polls = is_polling_ || failures_ >= options_.failures_max;
    return polls ? TransportKind::kPoll : TransportKind::kWebSocket;
  }

  // A connection brought its first packet.
  void OnWorks(TransportKind kind, uint64_t now_ms) {
    failures_ = 0;
    if (kind == TransportKind::kWebSocket) {
      is_polling_ = false;
      retry_ms_ = options_.retry_ms_min;
    } else if (!is_polling_) {
      is_polling_ = true;
      ScheduleProbe(now_ms);
    }
  }

  // A connection ended that had brought nothing.
  void OnFailed(TransportKind kind) {
    if (kind == TransportKind::kWebSocket) {
      ++failures_;
    } else {
      failures_ = 0;
      is_polling_ = false;
    }
  }

  // The server has refused a WebSocket in words; whether polling is refused too tells whether it
  // was the server.
  void OnRefused() { failures_ = std::max(failures_, options_.failures_max); }

  // When a WebSocket is to be tried beside polling; nothing: it is not.
  std::optional<uint64_t> probe_at_ms() const {
    return is_polling_ && options_.mode == TransportMode::kAuto ? std::optional(probe_at_ms_)
                                                                : std::nullopt;
  }
  // One was, and failed.
  void OnProbeFailed(uint64_t now_ms) { ScheduleProbe(now_ms); }
  // One was made, and takes the place of polling. If it brings nothing, polling goes on at once.
  void OnProbeOpened() {
    is_polling_ = false;
    failures_ = options_.failures_max - std::min(options_.failures_max, 1U);
  }

 private:
  void ScheduleProbe(uint64_t now_ms) {
    probe_at_ms_ = now_ms + retry_ms_;
    retry_ms_ = std::min(options_.retry_ms_max, 2 * retry_ms_);
  }

  TransportChoiceOptions options_;
  uint32_t failures_ = 0;  // Of WebSockets, in a row.
  bool is_polling_ = false;
  uint64_t retry_ms_;
  uint64_t probe_at_ms_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_TRANSPORT_CHOICE_H_
