// What replicas exchange: changes, and updates made of them.
//
// A *change* is a run of operations of one replica with consecutive counters and the frontier it
// was made at: `parents`, the last operations that nothing else it knew came after, in ascending id
// order. Its first counter is 1 + the greatest parent counter. An *operation* here is a run:
//   insert  `length` characters taking `length` counters; the first has origin `reference` (kRoot
//           for the beginning), every other one the character before it;
//   delete  `length` characters of one replica with consecutive counters, beginning at `reference`
//           and going up, or down if `backward` (as a backspace key does).
//
// An Update is a list of changes in an order in which each comes after its parents, kept as columns
// so that decoding and concatenation allocate per column, not per change. Nothing here is checked:
// an Update may come from outside, and Rga::Integrate checks it.
#ifndef COTEXT_CRDT_CHANGE_H_
#define COTEXT_CRDT_CHANGE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"

namespace cotext {

struct Operation {
  enum class Kind : uint8_t { kInsert, kDelete };

  OpId reference;
  uint32_t length = 0;      // In characters, which is also in counters.
  uint32_t text_bytes = 0;  // Of an insert: its share of the change's text.
  Kind kind = Kind::kInsert;
  bool backward = false;

  friend bool operator==(const Operation&, const Operation&) = default;
};

// One change, seen in place.
struct ChangeView {
  ReplicaId replica;
  uint64_t first_counter = 0;
  std::span<const OpId> parents;
  std::span<const Operation> operations;
  std::string_view text;  // Of the inserts, in order, UTF-8.

  // Returns the number of counters the change takes.
  uint64_t Length() const {
    uint64_t length = 0;
    for (const Operation& operation : operations) length += operation.length;
    return length;
  }
};

class Update {
 public:
  size_t size() const { return changes_.size(); }
  bool empty() const { return changes_.empty(); }
  // Returns the number of operations in all changes.
  size_t operation_count() const { return operations_.size(); }

  // Returns change number `index`; valid until the update changes.
  ChangeView operator[](size_t index) const {
    const Header& header = changes_[index];
    const Header& end = index + 1 < changes_.size() ? changes_[index + 1] : end_;
    return ChangeView{
        .replica = header.replica,
        .first_counter = header.first_counter,
        .parents = std::span(parents_).subspan(header.parents, end.parents - header.parents),
        .operations =
            std::span(operations_).subspan(header.operations, end.operations - header.operations),
        .text = std::string_view(text_).substr(header.text, end.text - header.text)};
  }

  // Builds a change piece by piece: BeginChange, its parents, its operations.
  void BeginChange(ReplicaId replica, uint64_t first_counter) {
    end_.replica = replica;
    end_.first_counter = first_counter;
    changes_.push_back(end_);
  }
  void AddParent(OpId parent) {
    parents_.push_back(parent);
    end_.parents = parents_.size();
  }
  void AddInsert(OpId origin, uint32_t length, std::string_view text) {
    operations_.push_back(Operation{.reference = origin,
                                    .length = length,
                                    .text_bytes = static_cast<uint32_t>(text.size()),
                                    .kind = Operation::Kind::kInsert});
    text_ += text;
    end_.operations = operations_.size();
    end_.text = text_.size();
  }
  void AddDelete(OpId first, uint32_t length, bool backward) {
    operations_.push_back(Operation{.reference = first,
                                    .length = length,
                                    .kind = Operation::Kind::kDelete,
                                    .backward = backward});
    end_.operations = operations_.size();
  }

  // Adds a copy of `change` at the end.
  void Append(const ChangeView& change);

  // Adds copies of all changes of `other` at the end.
  // REQUIRES: other is not this update.
  void Append(const Update& other) {
    for (size_t i = 0; i < other.size(); ++i) Append(other[i]);
  }

  void Clear() { *this = Update(); }

 private:
  // Where a change begins in each column; `end_` is where the next one would.
  struct Header {
    ReplicaId replica;
    uint64_t first_counter = 0;
    size_t parents = 0;
    size_t operations = 0;
    size_t text = 0;
  };

  std::vector<Header> changes_;
  std::vector<OpId> parents_;
  std::vector<Operation> operations_;
  std::string text_;
  Header end_;
};

inline void Update::Append(const ChangeView& change) {
  BeginChange(change.replica, change.first_counter);
  parents_.insert(parents_.end(), change.parents.begin(), change.parents.end());
  operations_.insert(operations_.end(), change.operations.begin(), change.operations.end());
  text_ += change.text;
  end_.parents = parents_.size();
  end_.operations = operations_.size();
  end_.text = text_.size();
}

}  // namespace cotext

#endif  // COTEXT_CRDT_CHANGE_H_
