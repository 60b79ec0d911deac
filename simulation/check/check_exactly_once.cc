#include "simulation/check/check_exactly_once.h"

#include <map>
#include <set>
#include <utility>

namespace cotext {
namespace {

using EditName = std::pair<uint64_t, uint64_t>;

EditName NameOf(const EditRecord& edit) { return {edit.writer, edit.number}; }

std::string Describe(const EditName& name) {
  return "edit " + std::to_string(name.second) + " of writer " + std::to_string(name.first);
}

}  // namespace

std::vector<Violation> CheckExactlyOnce(const ExactlyOnceRecord& record) {
  Violations found("exactly once");
  std::map<EditName, std::string_view> made;
  for (const EditRecord& edit : record.made) {
    const bool is_new = made.emplace(NameOf(edit), edit.content).second;
    if (!is_new) found.Add(Describe(NameOf(edit)) + " was made twice");
  }
  std::set<EditName> may_miss;
  for (const EditRecord& edit : record.lost) may_miss.insert(NameOf(edit));

  for (const CopyRecord& copy : record.copies) {
    std::set<EditName> applied;
    for (const EditRecord& edit : copy.applied) {
      const EditName name = NameOf(edit);
      const auto original = made.find(name);
      if (original == made.end()) {
        found.Add(NodeName(copy.node) + " has " + Describe(name) + ", which nobody made");
      } else if (original->second != edit.content) {
        found.Add(NodeName(copy.node) + " has " + Describe(name) + " with other content");
      }
      if (!applied.insert(name).second) {
        found.Add(NodeName(copy.node) + " applied " + Describe(name) + " twice");
      }
    }
    if (!copy.is_final) continue;
    for (const auto& [name, content] : made) {
      if (applied.contains(name) || may_miss.contains(name)) continue;
      found.Add(NodeName(copy.node) + " lacks " + Describe(name));
    }
  }
  return found.Take();
}

}  // namespace cotext
