#include "simulation/histogram.h"

#include <bit>

#include "document/check.h"

namespace cotext {
namespace {

constexpr unsigned kBits = 5;

// Returns the greatest number of the bucket.
uint64_t BucketOf(uint64_t number) {
  const auto width = static_cast<unsigned>(std::bit_width(number));
  if (width <= kBits) return number;
  return number | ((uint64_t{1} << (width - kBits)) - 1);
}

}  // namespace

Histogram::Histogram(const std::map<uint64_t, uint64_t>& buckets) {
  for (const auto& [number, times] : buckets) Add(number, times);
}

void Histogram::Add(uint64_t number, uint64_t times) {
  if (times == 0) return;
  buckets_[BucketOf(number)] += times;
  count_ += times;
}

void Histogram::Add(const Histogram& other) {
  for (const auto& [bucket, times] : other.buckets_) Add(bucket, times);
}

std::optional<uint64_t> Histogram::Quantile(uint64_t permille) const {
  COTEXT_CHECK(permille <= 1000);
  if (count_ == 0) return std::nullopt;
  // The rank that is reached, from 1; permille of a count may be a fraction.
  const uint64_t whole = count_ / 1000 * permille;
  const uint64_t rest = (count_ % 1000 * permille + 999) / 1000;
  uint64_t rank = whole + rest;
  if (rank == 0) rank = 1;
  for (const auto& [bucket, times] : buckets_) {
    if (rank <= times) return bucket;
    rank -= times;
  }
  COTEXT_CHECK(false);
  return std::nullopt;
}

}  // namespace cotext
