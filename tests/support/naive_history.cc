#include "tests/support/naive_history.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "crdt/local_index.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Returns the first character of `text` and moves on.
std::string TakeCharacter(std::string_view& text) {
  const std::string character(text.substr(0, CharacterBytes(text.front())));
  text.remove_prefix(character.size());
  return character;
}

bool IsShapedOperation(const Operation& operation, std::string_view text) {
  if (operation.length == 0 || operation.length >= kIndexLimit) return false;
  if (operation.kind == Operation::Kind::kDelete) return text.empty();
  return IsValidUtf8(text) && CountCodePoints(text) == operation.length;
}

// What can be seen without a history.
std::set<ErrorCode> BrokenShape(const ChangeView& change) {
  std::set<ErrorCode> broken;
  const auto require = [&broken](bool holds, ErrorCode code) {
    if (!holds) broken.insert(code);
  };
  const uint64_t length = change.Length();
  require(IsValid(change.replica), ErrorCode::kInvalidId);
  require(change.first_counter > 0, ErrorCode::kInvalidId);
  require(change.first_counter < kIdLimit, ErrorCode::kInvalidId);
  require(change.first_counter + length <= kIdLimit, ErrorCode::kInvalidId);
  require(!change.operations.empty(), ErrorCode::kInvalidChange);
  require(IsValidUtf8(change.text), ErrorCode::kInvalidUtf8);
  OpId previous = kRoot;
  for (const OpId parent : change.parents) {
    require(IsValid(parent), ErrorCode::kInvalidId);
    require(previous < parent, ErrorCode::kInvalidChange);
    require(parent.counter < change.first_counter, ErrorCode::kWrongCounter);
    previous = parent;
  }
  size_t at = 0;
  for (const Operation& operation : change.operations) {
    const bool fits = operation.text_bytes <= change.text.size() - at;
    require(fits, ErrorCode::kInvalidChange);
    if (!fits) return broken;
    require(IsShapedOperation(operation, change.text.substr(at, operation.text_bytes)),
            ErrorCode::kInvalidChange);
    at += operation.text_bytes;
    OpId last = operation.reference;
    if (operation.kind == Operation::Kind::kInsert) {
      require(last == kRoot || IsValid(last), ErrorCode::kInvalidId);
      continue;
    }
    require(IsValid(last), ErrorCode::kInvalidId);
    last.counter += operation.backward ? 1 - uint64_t{operation.length} : operation.length - 1;
    require(operation.length == 0 || IsValid(last), ErrorCode::kInvalidId);
  }
  require(at == change.text.size(), ErrorCode::kInvalidChange);
  return broken;
}

// Whether an operation that ends with `before` may be continued by the operation `atom`.
bool Continues(const Operation& operation, OpId last_id, const Atom& atom) {
  const bool is_insert = operation.kind == Operation::Kind::kInsert;
  if (is_insert != atom.is_insert) return false;
  if (is_insert) return atom.reference == last_id;
  OpId next = operation.reference;
  const bool down =
      operation.backward || (operation.length == 1 && atom.reference.counter < next.counter);
  next.counter = down ? next.counter - operation.length : next.counter + operation.length;
  return atom.reference == next;
}

}  // namespace

LooseChange Loosen(const ChangeView& change) {
  return LooseChange{.replica = change.replica,
                     .first_counter = change.first_counter,
                     .parents = {change.parents.begin(), change.parents.end()},
                     .operations = {change.operations.begin(), change.operations.end()},
                     .text = std::string(change.text)};
}

Atoms AtomsOf(const ChangeView& change) {
  Atoms atoms;
  OpId id{.counter = change.first_counter, .replica = change.replica};
  std::vector<OpId> parents(change.parents.begin(), change.parents.end());
  std::string_view text = change.text;
  for (const Operation& operation : change.operations) {
    OpId reference = operation.reference;
    for (uint32_t i = 0; i < operation.length; ++i) {
      Atom atom{.parents = parents, .is_insert = false, .reference = reference, .character = {}};
      if (operation.kind == Operation::Kind::kInsert) {
        atom.is_insert = true;
        atom.character = TakeCharacter(text);
        reference = id;
      } else {
        reference.counter += operation.backward ? ~uint64_t{0} : 1;
      }
      atoms[id] = atom;
      parents = {id};
      ++id.counter;
    }
  }
  return atoms;
}

Atoms AtomsOf(const Update& update) {
  Atoms atoms;
  for (size_t i = 0; i < update.size(); ++i) atoms.merge(AtomsOf(update[i]));
  return atoms;
}

LooseChange ChangeOf(Random& random, const Atoms& atoms) {
  LooseChange change{.replica = atoms.begin()->first.replica,
                     .first_counter = atoms.begin()->first.counter,
                     .parents = atoms.begin()->second.parents,
                     .operations = {},
                     .text = {}};
  OpId last_id;
  for (const auto& [id, atom] : atoms) {
    std::vector<Operation>& operations = change.operations;
    if (operations.empty() || !Continues(operations.back(), last_id, atom) || random.Chance(20)) {
      operations.push_back(
          Operation{.reference = atom.reference,
                    .kind = atom.is_insert ? Operation::Kind::kInsert : Operation::Kind::kDelete,
                    .backward = !atom.is_insert && random.Chance(50)});
    }
    Operation& operation = operations.back();
    if (operation.length == 1 && !atom.is_insert) {
      operation.backward = atom.reference < operation.reference;
    }
    ++operation.length;
    operation.text_bytes += static_cast<uint32_t>(atom.character.size());
    change.text += atom.character;
    last_id = id;
  }
  return change;
}

std::set<OpId> NaiveHistory::Past(std::span<const OpId> heads) const {
  std::set<OpId> past;
  std::vector<OpId> pending(heads.begin(), heads.end());
  while (!pending.empty()) {
    const OpId id = pending.back();
    pending.pop_back();
    if (!past.insert(id).second) continue;
    const std::vector<OpId>& parents = atoms_.at(id).parents;
    pending.insert(pending.end(), parents.begin(), parents.end());
  }
  return past;
}

std::vector<OpId> NaiveHistory::Frontier() const {
  std::set<OpId> frontier;
  for (const auto& [id, atom] : atoms_) frontier.insert(id);
  for (const auto& [id, atom] : atoms_) {
    for (const OpId parent : atom.parents) frontier.erase(parent);
  }
  return {frontier.begin(), frontier.end()};
}

VersionVector NaiveHistory::Version() const {
  VersionVector version;
  for (const auto& [id, atom] : atoms_) version.Observe(id);
  return version;
}

std::vector<OpId> NaiveHistory::Visible() const {
  std::map<OpId, std::set<OpId, std::greater<>>> children;
  std::set<OpId> deleted;
  for (const auto& [id, atom] : atoms_) {
    if (atom.is_insert) {
      children[atom.reference].insert(id);
    } else {
      deleted.insert(atom.reference);
    }
  }
  std::vector<OpId> visible;
  std::vector<OpId> pending{kRoot};
  while (!pending.empty()) {
    const OpId id = pending.back();
    pending.pop_back();
    if (id != kRoot && !deleted.contains(id)) visible.push_back(id);
    const auto& siblings = children[id];
    pending.insert(pending.end(), siblings.rbegin(), siblings.rend());
  }
  return visible;
}

std::string NaiveHistory::Text() const {
  std::string text;
  for (const OpId id : Visible()) text += atoms_.at(id).character;
  return text;
}

OpId NaiveHistory::AddNext(ReplicaId replica, Atom atom, Atoms& added) {
  const uint64_t last = atoms_.empty() ? 0 : std::prev(atoms_.end())->first.counter;
  const OpId id{.counter = last + 1, .replica = replica};
  // Within one edit nothing but the operation before is new.
  atom.parents = added.empty() ? Frontier() : std::vector{std::prev(added.end())->first};
  added[id] = atom;
  atoms_[id] = atom;
  return id;
}

Atoms NaiveHistory::Replace(ReplicaId replica, uint64_t position, uint64_t count,
                            std::string_view text) {
  const std::vector<OpId> visible = Visible();
  Atoms added;
  for (uint64_t i = 0; i < count; ++i) {
    AddNext(
        replica,
        Atom{
            .parents = {}, .is_insert = false, .reference = visible[position + i], .character = {}},
        added);
  }
  OpId origin = position == 0 ? kRoot : visible[position - 1];
  while (!text.empty()) {
    origin = AddNext(replica,
                     Atom{.parents = {},
                          .is_insert = true,
                          .reference = origin,
                          .character = TakeCharacter(text)},
                     added);
  }
  return added;
}

bool NaiveHistory::HasElement(OpId id) const {
  const auto at = atoms_.find(id);
  return at != atoms_.end() && at->second.is_insert;
}

std::set<ErrorCode> NaiveHistory::BrokenParents(const ChangeView& change) const {
  for (const OpId parent : change.parents) {
    if (atoms_.contains(parent)) continue;
    const bool passed_over = Version().CounterOf(parent.replica) > parent.counter;
    return {passed_over ? ErrorCode::kInvalidChange : ErrorCode::kMissingDependency};
  }
  std::set<ErrorCode> broken;
  uint64_t greatest = 0;
  for (const OpId parent : change.parents) greatest = std::max(greatest, parent.counter);
  if (change.first_counter != greatest + 1) broken.insert(ErrorCode::kWrongCounter);
  for (const OpId parent : change.parents) {
    std::vector<OpId> others;
    std::ranges::remove_copy(change.parents, std::back_inserter(others), parent);
    if (Past(others).contains(parent)) broken.insert(ErrorCode::kIncompleteParents);
  }
  const std::set<OpId> past = Past(change.parents);
  for (const auto& [id, atom] : atoms_) {
    if (id.replica == change.replica && !past.contains(id)) {
      broken.insert(ErrorCode::kIncompleteParents);
    }
  }
  return broken;
}

std::set<ErrorCode> NaiveHistory::BrokenRules(const ChangeView& change) const {
  std::set<ErrorCode> broken = BrokenShape(change);
  if (!broken.empty()) return broken;
  const uint64_t known = Version().CounterOf(change.replica);
  NaiveHistory after = *this;
  for (const auto& [id, atom] : AtomsOf(change)) {
    const auto here = atoms_.find(id);
    if (id.counter <= known) {
      if (here == atoms_.end() || here->second != atom) return {ErrorCode::kReplicaConflict};
      continue;
    }
    if (id.counter == change.first_counter) broken.merge(BrokenParents(change));
    if (atom.is_insert && atom.reference >= id) broken.insert(ErrorCode::kOriginNotSmaller);
    const bool knowable =
        atom.reference.replica == change.replica || atom.reference.counter < change.first_counter;
    const bool known_element = knowable && after.HasElement(atom.reference);
    if (atom.is_insert && atom.reference != kRoot && !known_element) {
      broken.insert(ErrorCode::kUnknownOrigin);
    }
    if (!atom.is_insert && !known_element) broken.insert(ErrorCode::kUnknownTarget);
    after.atoms_[id] = atom;
  }
  return broken;
}

}  // namespace cotext
