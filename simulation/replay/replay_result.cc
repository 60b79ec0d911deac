#include "simulation/replay/replay_result.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "document/check.h"
#include "document/common_ends.h"
#include "document/utf8.h"

namespace cotext {

double ReplayResult::MedianMs() const { return MedianOf(ms); }

double ReplayResult::MinMs() const {
  COTEXT_CHECK(!ms.empty());
  return std::ranges::min(ms);
}

Decompressor TimedDecompressor(double& milliseconds, ClockKind clock) {
  return [&milliseconds, clock, native = NativeDecompressor()](
             Compression method, std::string_view bytes, size_t raw_size) {
    const Stopwatch watch(clock);
    auto raw = native(method, bytes, raw_size);
    milliseconds += watch.Milliseconds();
    return raw;
  };
}

double MedianOf(std::vector<double> values) {
  COTEXT_CHECK(!values.empty());
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::optional<uint64_t> FirstDifference(const std::string& left, const std::string& right) {
  if (left == right) return std::nullopt;
  const size_t common = CommonPrefixBytes(left, right);
  return CountCodePoints(std::string_view(left).substr(0, common));
}

}  // namespace cotext
