// How long to wait before connecting again: exponential with full jitter, so that clients that lost
// a server at once do not come back at once.
//
// The k-th wait in a row is random in [0, min(most, least * 2^k)), and at least what the server
// asked for. (Brooker: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
#ifndef COTEXT_SYNC_BACKOFF_H_
#define COTEXT_SYNC_BACKOFF_H_

#include <algorithm>
#include <cstdint>

namespace cotext::sync {

struct BackoffOptions {
  uint64_t least_ms = 500;
  uint64_t most_ms = 30'000;
};

class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options = {}) : options_(options) {}

  // Returns the next wait. `random` is any 64 bits.
  uint64_t NextMs(uint64_t random, uint64_t asked_for_ms = 0) {
    constexpr uint32_t kDoublingsMax = 20;
    const uint64_t limit =
        std::min(options_.most_ms, options_.least_ms << std::min(attempts_, kDoublingsMax));
    ++attempts_;
    const uint64_t wait = limit == 0 ? 0 : random % limit;
    // Those who were asked to wait are spread too.
    return asked_for_ms + wait;
  }

  void Reset() { attempts_ = 0; }
  uint32_t attempts() const { return attempts_; }

 private:
  BackoffOptions options_;
  uint32_t attempts_ = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_BACKOFF_H_
