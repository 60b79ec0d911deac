#include "net/access/rate_limiter.h"

#include <algorithm>

#include "document/check.h"

namespace cotext::net {
namespace {

constexpr uint64_t kMilli = 1000;

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, size_t keys_max)
    : limit_(limit), keys_max_(keys_max) {
  COTEXT_CHECK(limit.per_s > 0);
  COTEXT_CHECK(limit.per_s <= kRateTokensMax);
  COTEXT_CHECK(limit.burst > 0);
  COTEXT_CHECK(limit.burst <= kRateTokensMax);
  COTEXT_CHECK(keys_max > 0);
}

uint64_t RateLimiter::Take(std::string_view key, uint64_t cost, uint64_t now_ms) {
  Bucket& bucket = Touch(key, now_ms);
  Fill(bucket, now_ms);
  const uint64_t price = std::min(cost, limit_.burst) * kMilli;
  if (bucket.millitokens >= price) {
    bucket.millitokens -= price;
    return 0;
  }
  return (price - bucket.millitokens + limit_.per_s - 1) / limit_.per_s;
}

void RateLimiter::Forget(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  buckets_.erase(found->second);
  by_key_.erase(found);
}

RateLimiter::Bucket& RateLimiter::Touch(std::string_view key, uint64_t now_ms) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return buckets_.front();
  }
  if (buckets_.size() == keys_max_) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front(
      {.key = std::string(key), .millitokens = limit_.burst * kMilli, .filled_at_ms = now_ms});
  by_key_.emplace(buckets_.front().key, buckets_.begin());
  return buckets_.front();
}

void RateLimiter::Fill(Bucket& bucket, uint64_t now_ms) const {
  const uint64_t full = limit_.burst * kMilli;
  const uint64_t passed_ms = now_ms - std::min(now_ms, bucket.filled_at_ms);
  // So long it takes at most to fill: the product below does not overflow.
  const uint64_t fill_ms = full / limit_.per_s + 1;
  const uint64_t added = std::min(passed_ms, fill_ms) * limit_.per_s;
  bucket.millitokens = std::min(full, bucket.millitokens + added);
  bucket.filled_at_ms = std::max(bucket.filled_at_ms, now_ms);
}

}  // namespace cotext::net
