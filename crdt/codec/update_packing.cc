#include "crdt/codec/update_packing.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "crdt/codec/element_ids.h"
#include "crdt/codec/id_packer.h"
#include "crdt/codec/packer.h"
#include "crdt/op_log.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

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
    const OpIndexes parents = history_.graph.ParentIndexesOf(stretch.first);
    if (parents.empty()) {
      for (const OpId head : history_.graph.horizon().frontier) {
        packer_.AddParent(packer_.Elsewhere(head));
      }
    }
    for (const OpIndex parent : parents) {
      const auto number = operations_.Find(parent);
      packer_.AddParent(number ? Reference::Within(number->number)
                               : packer_.Elsewhere(history_.graph.IdOf(parent)));
    }
    operations_.Add(stretch.first, stretch.length);
    history_.log.ForEachIn(stretch.first, stretch.length,
                           [this](const OpLog::Run& run) { AddRun(run); });
  }

  PackedUpdate Take() { return packer_.Take(); }

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

}  // namespace

PackedUpdate ExportPacked(const History& history, std::span<const CausalGraph::Stretch> stretches) {
  Exporter exporter(history);
  for (const CausalGraph::Stretch& stretch : stretches) exporter.AddStretch(stretch);
  return exporter.Take();
}

PackedUpdate Pack(const Update& update) {
  IdPacker packer;
  for (size_t i = 0; i < update.size(); ++i) {
    const ChangeView change = update[i];
    packer.BeginChange(OpId{.counter = change.first_counter, .replica = change.replica});
    uint64_t greatest = 0;
    for (const OpId parent : change.parents) {
      packer.AddParent(parent);
      greatest = std::max(greatest, parent.counter);
    }
    COTEXT_CHECK(change.first_counter == greatest + 1);
    std::string_view text = change.text;
    for (const Operation& operation : change.operations) {
      if (operation.kind == Operation::Kind::kInsert) {
        packer.AddInsert(operation.reference, operation.length,
                         text.substr(0, operation.text_bytes));
      } else {
        packer.AddDelete(operation.reference, operation.length, operation.backward);
      }
      text.remove_prefix(operation.text_bytes);
    }
  }
  return packer.Take();
}

// To ids.

Unpacker::Unpacker(const PackedUpdate& update) : update_(update), ids_(update) {
  GoTo(0, update.changes.size());
}

void Unpacker::GoTo(size_t begin, size_t end) {
  change_ = begin;
  end_ = end;
  if (begin == update_.changes.size()) return;
  const PackedUpdate::Change& change = update_.changes[begin];
  run_ = change.runs;
  skipped_ = 0;
  counter_ = change.first_counter;
  text_ = change.text;
}

Update Unpacker::Next(uint64_t parts_max) {
  result_.Clear();
  while (!is_done() && AddRest(parts_max)) GoTo(change_ + 1, end_);
  return std::move(result_);
}

void Unpacker::BeginRest() {
  const PackedUpdate::Change& change = update_.changes[change_];
  const ReplicaId replica = update_.replicas[change.replica];
  result_.BeginChange(replica, counter_);
  if (counter_ > change.first_counter) {
    return result_.AddParent(OpId{.counter = counter_ - 1, .replica = replica});
  }
  for (const Reference parent : update_.ParentsOf(change_)) result_.AddParent(update_.IdOf(parent));
}

bool Unpacker::AddRest(uint64_t& parts_left) {
  const size_t end = update_.EndOf(change_).runs;
  const bool is_cut_at_once = !update_.operations[run_].is_insert() && parts_left == 0;
  if (is_cut_at_once) return false;
  BeginRest();
  for (; run_ < end; ++run_) {
    const PackedOperation& operation = update_.operations[run_];
    if (operation.is_insert()) {
      const std::string_view text = std::string_view(update_.text).substr(text_);
      const size_t bytes = ByteOfCodePoint(text, operation.length);
      result_.AddInsert(ids_.IdOf(operation.reference), operation.length, text.substr(0, bytes));
      text_ += static_cast<uint32_t>(bytes);
      counter_ += operation.length;
      continue;
    }
    for (; skipped_ < operation.length;) {
      if (parts_left == 0) return false;
      --parts_left;
      const ElementIds::Targets targets = ids_.TargetsOf(operation, skipped_);
      result_.AddDelete(targets.first, targets.length, operation.backward());
      skipped_ += targets.length;
      counter_ += targets.length;
    }
    skipped_ = 0;
  }
  return true;
}

Update Unpack(const PackedUpdate& update) { return Unpacker(update).Next(UINT64_MAX); }

uint64_t CountParts(const PackedUpdate& update) {
  const ElementIds ids(update);
  uint64_t parts = 0;
  for (const PackedOperation& operation : update.operations) {
    if (!operation.is_insert()) parts += ids.PartsOf(operation);
  }
  return parts;
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
