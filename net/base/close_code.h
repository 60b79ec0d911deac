// Why a connection is closed, and the WebSocket close code that tells it (docs/PROTOCOL.md).
#ifndef COTEXT_NET_BASE_CLOSE_CODE_H_
#define COTEXT_NET_BASE_CLOSE_CODE_H_

#include <cstdint>

#include "document/error.h"

namespace cotext::net {

inline constexpr uint16_t kCloseTooBig = 1009;
inline constexpr uint16_t kCloseRestart = 1012;
inline constexpr uint16_t kCloseTryLater = 1013;
// An ErrorCode is added; it is below 100. Of these the first say not to try again.
inline constexpr uint16_t kCloseFinal = 4400;
inline constexpr uint16_t kCloseRetry = 4500;

struct CloseReason {
  Error error;
  // Whether the other end may come back at once, as if nothing had been.
  bool may_retry = false;
};

inline uint16_t CloseCodeOf(const CloseReason& reason) {
  if (reason.error.code == ErrorCode::kShuttingDown) return kCloseRestart;
  const auto code = static_cast<uint16_t>(reason.error.code);
  return static_cast<uint16_t>((reason.may_retry ? kCloseRetry : kCloseFinal) + code);
}

inline bool IsFinal(uint16_t close_code) {
  return close_code >= kCloseFinal && close_code < kCloseRetry;
}

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_CLOSE_CODE_H_
