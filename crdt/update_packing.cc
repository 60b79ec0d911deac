#include "crdt/update_packing.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "crdt/id_map.h"
#include "crdt/op_log.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Change = PackedUpdate::Change;
using Kind = PackedOperation::Kind;

// Builds a PackedUpdate piece by piece.
class Packer {
 public:
  void BeginChange(ReplicaId replica, uint64_t first_counter) {
    COTEXT_CHECK(update_.end.operation <= PackedUpdate::kOperationsMax);
    update_.end.replica = NumberOf(replica);
    update_.end.first_counter = first_counter;
    update_.changes.push_back(update_.end);
  }
  void AddParent(Reference parent) {
    update_.parents.push_back(parent);
    update_.end.parents = static_cast<uint32_t>(update_.parents.size());
  }
  void AddInsert(uint32_t length, Reference origin, std::string_view text) {
    Add(Kind::kInsert, length, origin);
    update_.end.element += length;
    update_.text += text;
    update_.end.text = static_cast<uint32_t>(update_.text.size());
  }
  void AddDelete(bool backward, uint32_t length, Reference first) {
    Add(backward ? Kind::kDeleteBackward : Kind::kDeleteForward, length, first);
  }

  Reference Elsewhere(OpId id) {
    update_.ids.push_back(id);
    return Reference::Elsewhere(static_cast<uint32_t>(update_.ids.size() - 1));
  }

  const PackedUpdate& update() const { return update_; }
  PackedUpdate& update() { return update_; }

 private:
  uint32_t NumberOf(ReplicaId replica) {
    if (replica == last_replica_) return last_number_;
    const size_t before = numbers_.size();
    uint32_t& number = numbers_[replica.value];
    if (numbers_.size() > before) {
      number = static_cast<uint32_t>(update_.replicas.size());
      update_.replicas.push_back(replica);
    }
    last_replica_ = replica;
    last_number_ = number;
    return number;
  }

  void Add(Kind kind, uint32_t length, Reference reference) {
    PackedOperation& operation = update_.operations.emplace_back();
    operation.length = length;
    operation.reference = reference;
    operation.kind = kind;
    update_.end.operation += length;
    update_.end.runs = static_cast<uint32_t>(update_.operations.size());
  }

  PackedUpdate update_;
  IdMap numbers_;
  ReplicaId last_replica_;
  uint32_t last_number_ = 0;
};

// Numbers of a history, in ranges, as numbers of the update.
template <typename Index>
class Renumbering {
 public:
  // A range of the history's numbers that are in the update.
  struct Found {
    uint32_t number;
    uint32_t length;  // From here on.
  };

  // Says that the next `length` numbers of the update are those from `first` on.
  void Add(Index first, uint32_t length) {
    if (!ranges_.empty() && ranges_.back().first + ranges_.back().length == first) {
      ranges_.back().length += length;
    } else {
      ranges_.push_back(Range{.first = first, .number = end_, .length = length});
    }
    end_ += length;
  }

  std::optional<Found> Find(Index at) const {
    // A whole history is one range.
    const auto after = ranges_.size() == 1
                           ? ranges_.end()
                           : std::ranges::upper_bound(ranges_, at, {}, &Range::first);
    if (after == ranges_.begin()) return std::nullopt;
    const Range& range = *(after - 1);
    if (at < range.first || at - range.first >= range.length) return std::nullopt;
    const uint32_t offset = at - range.first;
    return Found{.number = range.number + offset, .length = range.length - offset};
  }

  // Returns how many numbers from `at` on, which is not in the update, are not either; at most
  // `limit`.
  uint32_t AbsentFrom(Index at, uint32_t limit) const {
    const auto after = std::ranges::upper_bound(ranges_, at, {}, &Range::first);
    return after == ranges_.end() ? limit : std::min(limit, after->first - at);
  }

 private:
  struct Range {
    Index first;
    uint32_t number;
    uint32_t length;
  };
  absl::InlinedVector<Range, 2> ranges_;
  uint32_t end_ = 0;
};

// From a history.

class Exporter {
 public:
  explicit Exporter(const History& history) : history_(history) {}

  void AddStretch(const CausalGraph::Stretch& stretch) {
    packer_.BeginChange(stretch.id.replica, stretch.id.counter);
    for (const OpIndex parent : history_.graph.ParentIndexesOf(stretch.first)) {
      const auto number = operations_.Find(parent);
      packer_.AddParent(number ? Reference::Within(number->number)
                               : packer_.Elsewhere(history_.graph.IdOf(parent)));
    }
    operations_.Add(stretch.first, stretch.length);
    history_.log.ForEachIn(stretch.first, stretch.length,
                           [this](const OpLog::Run& run) { AddRun(run); });
  }

  PackedUpdate Take() { return std::move(packer_.update()); }

 private:
  void AddRun(const OpLog::Run& run) {
    if (run.is_insert) {
      elements_.Add(run.element, run.length);
      packer_.AddInsert(run.length, OriginOf(run), history_.text.Slice(run.element, run.length));
    } else if (run.backward) {
      AddBackwardDelete(run.reference, run.length);
    } else {
      AddDelete(run.reference, run.length);
    }
  }

  Reference OriginOf(const OpLog::Run& run) {
    if (run.reference == kNoLv) return Reference();
    const auto found = elements_.Find(run.reference);
    return found ? Reference::Within(found->number)
                 : packer_.Elsewhere(history_.IdOf(run.reference));
  }

  // Returns the elements from `first` on, at most `limit`, that one operation can name.
  struct Part {
    uint32_t length;
    std::optional<uint32_t> number;  // Of the first, if it is in the update.
  };
  Part PartFrom(Lv first, uint32_t limit) const {
    if (const auto found = elements_.Find(first)) {
      return Part{.length = std::min(limit, found->length), .number = found->number};
    }
    const uint32_t absent = elements_.AbsentFrom(first, limit);
    return Part{.length = history_.ConsecutiveIds(first, absent), .number = std::nullopt};
  }

  void AddDelete(Lv first, uint32_t length) {
    while (length > 0) {
      const Part part = PartFrom(first, length);
      packer_.AddDelete(
          /*backward=*/false, part.length,
          part.number ? Reference::Within(*part.number) : packer_.Elsewhere(history_.IdOf(first)));
      first = first + part.length;
      length -= part.length;
    }
  }

  // The same from the other end: cuts [first - length + 1, first] upwards, then adds the parts in
  // descending order.
  void AddBackwardDelete(Lv first, uint32_t length) {
    absl::InlinedVector<std::pair<Lv, Part>, 4> parts;
    for (Lv at = first + 1 - length; at <= first;) {
      const Part part = PartFrom(at, first + 1 - at);
      parts.emplace_back(at, part);
      at = at + part.length;
    }
    for (auto next = parts.rbegin(); next != parts.rend(); ++next) {
      const auto& [low, part] = *next;
      packer_.AddDelete(/*backward=*/true, part.length,
                        part.number ? Reference::Within(*part.number + (part.length - 1))
                                    : packer_.Elsewhere(history_.IdOf(low + (part.length - 1))));
    }
  }

  const History& history_;
  Packer packer_;
  Renumbering<OpIndex> operations_;
  Renumbering<Lv> elements_;
};

// From ids.

// Finds the operations and elements of an update by their ids.
class Finder {
 public:
  void AddChange(ReplicaId replica, uint64_t first_counter, uint32_t operation) {
    const size_t before = numbers_.size();
    uint32_t& number = numbers_[replica.value];
    if (numbers_.size() > before) {
      number = static_cast<uint32_t>(changes_.size());
      changes_.emplace_back();
    }
    std::vector<Stretch>& own = changes_[number];
    const Stretch added{.counter = first_counter, .operation = operation, .length = 0};
    last_ =
        &*own.insert(std::ranges::upper_bound(own, first_counter, {}, &Stretch::counter), added);
  }
  // Adds operations to the last change.
  void AddOperations(uint32_t length) { last_->length += length; }
  void AddElements(uint32_t operation, uint32_t element, uint32_t length) {
    runs_.push_back(Run{.operation = operation, .element = element, .length = length});
  }

  std::optional<uint32_t> OperationOf(OpId id) const {
    const uint32_t* const number = numbers_.Find(id.replica.value);
    if (number == nullptr) return std::nullopt;
    const std::vector<Stretch>& own = changes_[*number];
    const auto after = std::ranges::upper_bound(own, id.counter, {}, &Stretch::counter);
    if (after == own.begin()) return std::nullopt;
    const uint64_t offset = id.counter - (after - 1)->counter;
    if (offset >= (after - 1)->length) return std::nullopt;
    return (after - 1)->operation + static_cast<uint32_t>(offset);
  }

  // Returns the element that an operation inserted, and how many from there on were inserted by
  // operations that follow each other.
  struct Found {
    uint32_t element;
    uint32_t length;
  };
  std::optional<Found> ElementOf(OpId id) const {
    const std::optional<uint32_t> operation = OperationOf(id);
    if (!operation) return std::nullopt;
    const auto after = std::ranges::upper_bound(runs_, *operation, {}, &Run::operation);
    if (after == runs_.begin()) return std::nullopt;
    const Run& run = *(after - 1);
    const uint32_t offset = *operation - run.operation;
    if (offset >= run.length) return std::nullopt;
    return Found{.element = run.element + offset, .length = run.length - offset};
  }

 private:
  // Operations with consecutive counters, and those of them that inserted elements.
  struct Stretch {
    uint64_t counter;
    uint32_t operation;
    uint32_t length;
  };
  struct Run {
    uint32_t operation;
    uint32_t element;
    uint32_t length;
  };

  IdMap numbers_;
  std::vector<std::vector<Stretch>> changes_;  // By replica, ascending by counter.
  std::vector<Run> runs_;
  Stretch* last_ = nullptr;
};

class IdPacker {
 public:
  void AddChange(const ChangeView& change) {
    uint64_t greatest = 0;
    packer_.BeginChange(change.replica, change.first_counter);
    for (const OpId parent : change.parents) {
      const auto number = finder_.OperationOf(parent);
      packer_.AddParent(number ? Reference::Within(*number) : packer_.Elsewhere(parent));
      greatest = std::max(greatest, parent.counter);
    }
    COTEXT_CHECK(change.first_counter == greatest + 1);
    finder_.AddChange(change.replica, change.first_counter, packer_.update().end.operation);
    std::string_view text = change.text;
    for (const Operation& operation : change.operations) {
      AddOperation(operation, text.substr(0, operation.text_bytes));
      text.remove_prefix(operation.text_bytes);
    }
  }

  PackedUpdate Take() { return std::move(packer_.update()); }

 private:
  void AddOperation(const Operation& operation, std::string_view text) {
    const OpId id = operation.reference;
    if (operation.kind == Operation::Kind::kInsert) {
      const auto origin = finder_.ElementOf(id);
      finder_.AddElements(packer_.update().end.operation, packer_.update().end.element,
                          operation.length);
      packer_.AddInsert(operation.length,
                        origin        ? Reference::Within(origin->element)
                        : id == kRoot ? Reference()
                                      : packer_.Elsewhere(id),
                        text);
    } else {
      AddDelete(operation);
    }
    finder_.AddOperations(operation.length);
  }

  void AddDelete(const Operation& operation) {
    // Upwards, then written down in the operation's own direction.
    OpId low = operation.reference;
    if (operation.backward) low.counter -= operation.length - 1;
    struct Part {
      OpId low;
      uint32_t length;
      std::optional<uint32_t> element;
    };
    absl::InlinedVector<Part, 4> parts;
    for (uint32_t left = operation.length; left > 0;) {
      Part part{.low = low, .length = 1, .element = {}};
      if (const auto found = finder_.ElementOf(low)) {
        part.element = found->element;
        part.length = std::min(left, found->length);
      } else {
        while (part.length < left && !finder_.ElementOf(After(low, part.length))) ++part.length;
      }
      parts.push_back(part);
      low = After(low, part.length);
      left -= part.length;
    }
    if (operation.backward) std::ranges::reverse(parts);
    for (const Part& part : parts) {
      const uint32_t skip = operation.backward ? part.length - 1 : 0;
      packer_.AddDelete(operation.backward, part.length,
                        part.element ? Reference::Within(*part.element + skip)
                                     : packer_.Elsewhere(After(part.low, skip)));
    }
  }

  static OpId After(OpId id, uint32_t count) {
    id.counter += count;
    return id;
  }

  Packer packer_;
  Finder finder_;
};

}  // namespace

PackedUpdate ExportPacked(const History& history, std::span<const CausalGraph::Stretch> stretches) {
  Exporter exporter(history);
  for (const CausalGraph::Stretch& stretch : stretches) exporter.AddStretch(stretch);
  return exporter.Take();
}

PackedUpdate Pack(const Update& update) {
  IdPacker packer;
  for (size_t i = 0; i < update.size(); ++i) packer.AddChange(update[i]);
  return packer.Take();
}

// To ids.

Unpacker::Unpacker(const PackedUpdate& update) : update_(update) {
  uint32_t operation = 0;
  uint32_t element = 0;
  for (const PackedOperation& run : update.operations) {
    if (run.is_insert()) {
      runs_.push_back(Run{.element = element, .operation = operation, .length = run.length});
      element += run.length;
    }
    operation += run.length;
  }
}

Update Unpacker::Unpack(size_t begin, size_t end) {
  result_.Clear();
  for (size_t i = begin; i < end; ++i) AddChange(i);
  return std::move(result_);
}

void Unpacker::AddChange(size_t index) {
  const Change& change = update_.changes[index];
  result_.BeginChange(update_.replicas[change.replica], change.first_counter);
  for (const Reference parent : update_.ParentsOf(index)) result_.AddParent(update_.IdOf(parent));
  std::string_view text = update_.TextOf(index);
  for (const PackedOperation& operation : update_.OperationsOf(index)) {
    if (operation.is_insert()) {
      const size_t bytes = ByteOfCodePoint(text, operation.length);
      result_.AddInsert(OriginOf(operation.reference), operation.length, text.substr(0, bytes));
      text.remove_prefix(bytes);
    } else {
      AddDelete(operation);
    }
  }
}

OpId Unpacker::OriginOf(Reference origin) const {
  if (origin.is_root()) return kRoot;
  if (origin.is_elsewhere()) return update_.ids[origin.place()];
  return PartFrom(origin.number(), 1).low;
}

Unpacker::Part Unpacker::PartFrom(uint32_t element, uint32_t limit) const {
  const Run& run = *(std::ranges::upper_bound(runs_, element, {}, &Run::element) - 1);
  const uint32_t offset = element - run.element;
  return Part{.low = update_.IdOfOperation(run.operation + offset),
              .length = std::min(limit, run.length - offset)};
}

void Unpacker::AddDelete(const PackedOperation& operation) {
  if (operation.reference.is_elsewhere()) {
    result_.AddDelete(update_.ids[operation.reference.place()], operation.length,
                      operation.backward());
    return;
  }
  uint32_t at = operation.reference.number();
  if (operation.backward()) at -= operation.length - 1;
  absl::InlinedVector<Part, 4> parts;
  for (uint32_t left = operation.length; left > 0;) {
    const Part part = PartFrom(at, left);
    parts.push_back(part);
    at += part.length;
    left -= part.length;
  }
  if (operation.backward()) std::ranges::reverse(parts);
  for (const Part& part : parts) {
    OpId first = part.low;
    if (operation.backward()) first.counter += part.length - 1;
    result_.AddDelete(first, part.length, operation.backward());
  }
}

Update Unpack(const PackedUpdate& update) {
  return Unpacker(update).Unpack(0, update.changes.size());
}

BitRanges DeletedElements(const PackedUpdate& update) {
  BitRanges deleted(update.end.element);
  for (const PackedOperation& operation : update.operations) {
    if (operation.is_insert() || !operation.reference.is_within()) continue;
    const uint32_t at = operation.reference.number();
    deleted.Set(operation.backward() ? at - (operation.length - 1) : at, operation.length);
  }
  return deleted;
}

}  // namespace cotext
