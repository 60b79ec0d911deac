#include "simulation/trace/trace_edits.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cotext {
namespace {

std::vector<uint32_t> CountChildren(const Trace& trace) {
  std::vector<uint32_t> children(trace.transaction_count());
  for (size_t i = 0; i < trace.transaction_count(); ++i) {
    for (const uint32_t parent : trace.parents(i)) ++children[parent];
  }
  return children;
}

}  // namespace

EditHistory EditsOf(const Trace& trace) {
  const std::vector<uint32_t> children = CountChildren(trace);
  std::vector<uint32_t> change_of(trace.transaction_count());
  std::vector<uint32_t> parents;
  EditHistory history;
  for (uint32_t i = 0; i < trace.transaction_count(); ++i) {
    const auto before = trace.parents(i);
    const bool goes_on = before.size() == 1 && before[0] + 1 == i && children[i - 1] == 1 &&
                         trace.agent(i - 1) == trace.agent(i);
    if (!goes_on) {
      parents.clear();
      for (const uint32_t parent : before) parents.push_back(change_of[parent]);
      history.AddChange(trace.agent(i) + 1, parents);
    }
    change_of[i] = static_cast<uint32_t>(history.change_count() - 1);
    for (const TracePatch& patch : trace.patches(i)) {
      history.AddEdit(TextEdit{
          .position = patch.position, .deleted = patch.deleted, .inserted = patch.inserted});
    }
  }
  return history;
}

}  // namespace cotext
