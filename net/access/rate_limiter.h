// How much each of many may ask for: a bucket of tokens for each key (a connection, an address, a
// user), filled at a rate up to a burst.
//
// Memory is bounded: of more keys than may be, the one that asked the longest ago is forgotten, and
// would begin again with a full bucket. One that was silent for as long as filling takes has lost
// nothing by that; so keys_max is to be more than can ask within that time.
//
// Times are in milliseconds of a clock that does not go back. O(1) a call on average.
// Thread-compatible.
#ifndef COTEXT_NET_ACCESS_RATE_LIMITER_H_
#define COTEXT_NET_ACCESS_RATE_LIMITER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cotext::net {

struct RateLimit {
  uint64_t per_s = 100;
  uint64_t burst = 200;  // Tokens in a full bucket.
};

inline constexpr size_t kRateKeysMax = 100'000;
inline constexpr uint64_t kRateTokensMax = uint64_t{1} << 40U;  // Of a limit.

class RateLimiter {
 public:
  // REQUIRES: limit.per_s and limit.burst in [1, kRateTokensMax], keys_max > 0.
  explicit RateLimiter(const RateLimit& limit, size_t keys_max = kRateKeysMax);

  // Takes `cost` tokens and returns 0 if there are as many; otherwise takes none and returns after
  // how many milliseconds there will be. What costs more than a burst costs a burst.
  uint64_t Take(std::string_view key, uint64_t cost, uint64_t now_ms);

  // A full bucket again: of a connection that is gone.
  void Forget(std::string_view key);

  size_t key_count() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    // Tokens times a thousand: what a millisecond adds is a whole number then.
    uint64_t millitokens = 0;
    uint64_t filled_at_ms = 0;
  };
  using Buckets = std::list<Bucket>;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };

  Bucket& Touch(std::string_view key, uint64_t now_ms);
  void Fill(Bucket& bucket, uint64_t now_ms) const;

  RateLimit limit_;
  size_t keys_max_;
  Buckets buckets_;  // Who asked last is first.
  std::unordered_map<std::string, Buckets::iterator, Hash, std::equal_to<>> by_key_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_RATE_LIMITER_H_
