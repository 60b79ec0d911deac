// Counts numbers by about how large they are, for distributions that are added up and compared.
//
// A number falls into a bucket of those that share its five leading bits, so what is told of it is
// at most a sixteenth too much; numbers below 32 are exact. Adding up is exact, and the result does
// not depend on the order. O(log buckets) per number, O(distinct buckets) memory.
#ifndef COTEXT_SIMULATION_HISTOGRAM_H_
#define COTEXT_SIMULATION_HISTOGRAM_H_

#include <cstdint>
#include <map>
#include <optional>

namespace cotext {

class Histogram {
 public:
  Histogram() = default;
  // Restores one from its buckets; keys that no bucket has are rounded up to one.
  explicit Histogram(const std::map<uint64_t, uint64_t>& buckets);

  void Add(uint64_t number, uint64_t times = 1);
  void Add(const Histogram& other);

  uint64_t count() const { return count_; }
  // By the greatest number that falls into a bucket, how many did.
  const std::map<uint64_t, uint64_t>& buckets() const { return buckets_; }

  // Returns a number that `permille` of all are no greater than; nothing if there are none.
  // REQUIRES: permille is at most 1000.
  std::optional<uint64_t> Quantile(uint64_t permille) const;

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::map<uint64_t, uint64_t> buckets_;
  uint64_t count_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_HISTOGRAM_H_
