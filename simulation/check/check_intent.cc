#include "simulation/check/check_intent.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace cotext {
namespace {

std::string NameOf(CharacterNumber character) { return "character " + std::to_string(character); }

class Checker {
 public:
  explicit Checker(const IntentRecord& record) : record_(record) {
    for (const InsertedCharacter& each : record.inserted) inserted_.insert(each.character);
    for (const DeletedCharacter& each : record.deleted) deleted_.insert(each.character);
    exempt_.insert(record.brought_back.begin(), record.brought_back.end());
  }

  std::vector<Violation> Run() {
    CheckText();
    CheckDeletes();
    for (const InsertedCharacter& each : record_.inserted) {
      if (exempt_.contains(each.character)) continue;
      CheckPresence(each);
      CheckNeighbours(each);
    }
    return found_.Take();
  }

 private:
  void CheckText() {
    for (size_t i = 0; i < record_.text.size(); ++i) {
      const CharacterNumber character = record_.text[i];
      if (!inserted_.contains(character)) {
        found_.Add(NameOf(character) + " is in the text, and nobody inserted it");
      }
      const bool is_first = places_.emplace(character, i).second;
      if (!is_first && !exempt_.contains(character)) {
        found_.Add(NameOf(character) + " is in the text twice");
      }
    }
  }

  void CheckDeletes() {
    for (const DeletedCharacter& each : record_.deleted) {
      if (inserted_.contains(each.character)) continue;
      found_.Add(NodeName(each.node) + " deleted " + NameOf(each.character) +
                 ", which nobody inserted");
    }
  }

  void CheckPresence(const InsertedCharacter& each) {
    const bool is_there = places_.contains(each.character);
    const bool is_deleted = deleted_.contains(each.character);
    if (is_there && is_deleted) {
      found_.Add(NameOf(each.character) + " was deleted, and is in the text");
    }
    if (!is_there && !is_deleted) {
      found_.Add(NameOf(each.character) + " of " + NodeName(each.node) +
                 " is not in the text, and nobody deleted it");
    }
  }

  void CheckNeighbours(const InsertedCharacter& each) {
    const std::optional<size_t> here = PlaceOf(each.character);
    if (!here) return;
    const std::optional<size_t> left = PlaceOf(each.left);
    const std::optional<size_t> right = PlaceOf(each.right);
    if (left && *left > *here) {
      found_.Add(NameOf(each.character) + " stands left of " + NameOf(each.left) + ", and " +
                 NodeName(each.node) + " inserted it right of that");
    }
    if (right && *right < *here) {
      found_.Add(NameOf(each.character) + " stands right of " + NameOf(each.right) + ", and " +
                 NodeName(each.node) + " inserted it left of that");
    }
  }

  // Returns where a character is whose place counts.
  std::optional<size_t> PlaceOf(CharacterNumber character) const {
    const auto found = places_.find(character);
    if (found == places_.end() || exempt_.contains(character)) return std::nullopt;
    return found->second;
  }

  const IntentRecord& record_;
  std::set<CharacterNumber> inserted_;
  std::set<CharacterNumber> deleted_;
  std::set<CharacterNumber> exempt_;
  std::map<CharacterNumber, size_t> places_;
  Violations found_{"intent"};
};

}  // namespace

std::vector<Violation> CheckIntent(const IntentRecord& record) { return Checker(record).Run(); }

}  // namespace cotext
