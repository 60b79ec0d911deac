#include "simulation/check/check_handed_back.h"

#include <string>

namespace cotext {

std::vector<Violation> CheckHandedBack(std::span<const HandedBackEdits> all) {
  Violations found("handed back");
  for (const HandedBackEdits& each : all) {
    const std::string who = AtTime(each.at_us) + " " + NodeName(each.node);
    for (const CharacterNumber character : each.inserted) {
      if (each.returned.contains(character)) continue;
      found.Add(who + " was not given back character " + std::to_string(character));
    }
    for (const CharacterNumber character : each.returned) {
      if (each.inserted.contains(character)) continue;
      found.Add(who + " was given back character " + std::to_string(character) +
                ", which is not in its edits");
    }
  }
  return found.Take();
}

}  // namespace cotext
