#include "simulation/trace/trace_repeat.h"

#include <algorithm>
#include <string>
#include <vector>

#include "document/check.h"

namespace cotext {
namespace {

bool FitsTimes(uint64_t size, uint64_t count) {
  return size == 0 || count <= Trace::kColumnMax / size;
}

bool Fits(const Trace& trace, uint64_t count, uint64_t root_parents) {
  return FitsTimes(trace.transaction_count(), count) && FitsTimes(trace.patch_count(), count) &&
         FitsTimes(trace.parent_count() + root_parents, count) &&
         FitsTimes(trace.inserted_bytes(), count) && FitsTimes(trace.end_content().size(), count);
}

uint64_t CountRoots(const Trace& trace) {
  uint64_t roots = 0;
  for (size_t t = 0; t < trace.transaction_count(); ++t) roots += trace.parents(t).empty() ? 1 : 0;
  return roots;
}

// Appends a copy of `trace` to `result`, its transactions without parents with the given ones.
void AppendCopy(const Trace& trace, const std::vector<uint32_t>& root_parents, Trace& result) {
  const auto offset = static_cast<uint32_t>(result.transaction_count());
  std::vector<uint32_t> parents;
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    parents.clear();
    for (const uint32_t parent : trace.parents(t)) parents.push_back(parent + offset);
    result.AddTransaction(trace.agent(t), parents.empty() ? root_parents : parents);
    for (const TracePatch patch : trace.patches(t)) result.AddPatch(patch);
  }
}

}  // namespace

Expected<Trace> Repeat(const Trace& trace, uint64_t count) {
  COTEXT_CHECK(count > 0);
  const std::vector<uint32_t> heads = Heads(trace);
  if (!Fits(trace, count, CountRoots(trace) * heads.size())) {
    return MakeError(ErrorCode::kTooLarge, trace.name() + ": too large to be repeated " +
                                               std::to_string(count) + " times");
  }
  Trace result(trace.name(), trace.kind(), trace.agent_count());
  if (trace.has_start_content()) result.set_has_start_content();
  std::string end_content;
  std::vector<uint32_t> root_parents;
  for (uint64_t copy = 0; copy < count; ++copy) {
    AppendCopy(trace, root_parents, result);
    end_content += trace.end_content();
    const auto shift = static_cast<uint32_t>(copy * trace.transaction_count());
    root_parents = heads;
    for (uint32_t& head : root_parents) head += shift;
  }
  result.set_end_content(std::move(end_content));
  return result;
}

}  // namespace cotext
