#include "crdt/codec/id_packer.h"

#include <algorithm>

namespace cotext {

// Stretches.

size_t IdPacker::Stretches::After(uint64_t counter) const {
  if (sorted_.empty() || sorted_.back().counter <= counter) return sorted_.size();
  const auto after = std::ranges::upper_bound(sorted_, counter, {}, &Stretch::counter);
  return static_cast<size_t>(after - sorted_.begin());
}

void IdPacker::Stretches::Add(uint64_t counter, uint32_t number, uint32_t length) {
  const size_t at = After(counter);
  if (at == sorted_.size() && at > 0) {
    Stretch& last = sorted_.back();
    if (last.counter + last.length == counter && last.number + last.length == number) {
      last.length += length;
      return;
    }
  }
  sorted_.insert(sorted_.begin() + static_cast<ptrdiff_t>(at),
                 Stretch{.counter = counter, .number = number, .length = length});
}

std::optional<uint32_t> IdPacker::Stretches::Find(uint64_t counter) const {
  const size_t after = After(counter);
  if (after == 0) return std::nullopt;
  const Stretch& stretch = sorted_[after - 1];
  const uint64_t offset = counter - stretch.counter;
  if (offset >= stretch.length) return std::nullopt;
  return stretch.number + static_cast<uint32_t>(offset);
}

uint32_t IdPacker::Stretches::AlikeFrom(uint64_t counter, uint32_t limit, bool downwards) const {
  const size_t after = After(counter);
  uint64_t alike = limit;
  if (after > 0 && counter - sorted_[after - 1].counter < sorted_[after - 1].length) {
    const uint64_t offset = counter - sorted_[after - 1].counter;
    alike = downwards ? offset + 1 : sorted_[after - 1].length - offset;
  } else if (downwards && after > 0) {
    const Stretch& below = sorted_[after - 1];
    alike = counter + 1 - (below.counter + below.length);
  } else if (!downwards && after < sorted_.size()) {
    alike = sorted_[after].counter - counter;
  }
  return static_cast<uint32_t>(std::min<uint64_t>(alike, limit));
}

// Ids.

const IdPacker::Own* IdPacker::OwnOf(ReplicaId replica) const {
  if (replica == next_.replica) return &own_[current_];
  const uint32_t* const number = numbers_.Find(replica.value);
  return number == nullptr ? nullptr : &own_[*number];
}

std::optional<uint32_t> IdPacker::FindElement(OpId id) const {
  const Own* const own = OwnOf(id.replica);
  return own == nullptr ? std::nullopt : own->elements.Find(id.counter);
}

Reference IdPacker::ElementAt(OpId id) {
  if (id == kRoot) return {};
  const std::optional<uint32_t> number = FindElement(id);
  return number ? Reference::Within(*number) : packer_.Elsewhere(id);
}

// Changes.

void IdPacker::BeginChange(OpId first) {
  packer_.BeginChange(first.replica, first.counter);
  next_ = first;
  const size_t before = numbers_.size();
  uint32_t& number = numbers_[first.replica.value];
  if (numbers_.size() > before) {
    number = static_cast<uint32_t>(own_.size());
    own_.emplace_back();
  }
  current_ = number;
}

void IdPacker::AddParent(OpId parent) {
  const Own* const own = OwnOf(parent.replica);
  const auto number = own == nullptr ? std::nullopt : own->operations.Find(parent.counter);
  packer_.AddParent(number ? Reference::Within(*number) : packer_.Elsewhere(parent));
}

void IdPacker::Advance(uint32_t length) {
  own_[current_].operations.Add(next_.counter, update().end.operation - length, length);
  next_.counter += length;
  ++parts_;
}

// Returns the last operation, if it is of the last change.
const PackedOperation* IdPacker::LastOperation() const {
  const PackedUpdate& update = packer_.update();
  return update.changes.back().runs < update.end.runs ? &update.operations.back() : nullptr;
}

void IdPacker::AddInsert(OpId origin, uint32_t length, std::string_view text) {
  const PackedOperation* const last = LastOperation();
  const OpId before{.counter = next_.counter - 1, .replica = next_.replica};
  const uint32_t element = update().end.element;
  if (last != nullptr && last->is_insert() && origin == before) {
    packer_.ExtendInsert(length, text);
  } else {
    packer_.AddInsert(length, ElementAt(origin), text);
  }
  own_[current_].elements.Add(next_.counter, element, length);
  Advance(length);
}

// Deletes.

uint32_t IdPacker::TargetsAtOnce(OpId first, uint32_t length, bool backward) const {
  const Own* const own = OwnOf(first.replica);
  return own == nullptr ? length : own->elements.AlikeFrom(first.counter, length, backward);
}

void IdPacker::AddDelete(OpId first, uint32_t length, bool backward) {
  while (length > 0) {
    const uint32_t part = TargetsAtOnce(first, length, backward);
    AddPart(first, part, backward);
    first.counter = backward ? first.counter - part : first.counter + part;
    length -= part;
  }
}

// Returns whether a target is the one below the last of another delete (true), the one above it
// (false), or neither.
std::optional<bool> IdPacker::DirectionTo(const PackedOperation& last, OpId first,
                                          std::optional<uint32_t> number) const {
  if (last.is_insert() || last.reference.is_within() != number.has_value()) return std::nullopt;
  uint64_t from = number ? last.reference.number() : 0;
  const uint64_t to = number ? *number : first.counter;
  if (!number) {
    const OpId id = update().ids[last.reference.place()];
    if (id.replica != first.replica) return std::nullopt;
    from = id.counter;
  }
  const uint64_t end = last.backward() ? from - (last.length - 1) : from + (last.length - 1);
  if (to == end + 1) return false;
  if (to + 1 == end) return true;
  return std::nullopt;
}

void IdPacker::AddPart(OpId first, uint32_t length, bool backward) {
  const std::optional<uint32_t> number = FindElement(first);
  const PackedOperation* const last = LastOperation();
  const auto direction = last == nullptr ? std::nullopt : DirectionTo(*last, first, number);
  if (direction && (last->length == 1 || last->backward() == *direction) &&
      (length == 1 || backward == *direction)) {
    packer_.ExtendDelete(*direction, length);
  } else {
    packer_.AddDelete(backward && length > 1, length,
                      number ? Reference::Within(*number) : packer_.Elsewhere(first));
  }
  Advance(length);
}

}  // namespace cotext
