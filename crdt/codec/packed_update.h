// An update whose references are numbers within it: the form between a history and its bytes.
//
// Operations of the update are numbered from 0 in their order, one per character, and so are the
// elements that it inserts, in the order of their operations. A *reference* is such a number, or a
// place in the list of ids from elsewhere. Whoever adds all of the update to a history knows the
// numbers there by adding a base; nothing is looked up but what is from elsewhere.
//
// Invariants, which the decoder and the exporter establish: (1) a reference within the update names
// an earlier operation or element; (2) a change's first counter is 1 + the greatest among its
// parents; (3) its parents are in ascending order of ids; (4) the text is valid UTF-8 of as many
// characters as there are elements; (5) there are at most kOperationsMax operations.
// Columns again: 12 bytes an operation, 32 a change, 4 a parent, and the text.
#ifndef COTEXT_CRDT_CODEC_PACKED_UPDATE_H_
#define COTEXT_CRDT_CODEC_PACKED_UPDATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "crdt/ids.h"

namespace cotext {

// A number of the update itself, a place in PackedUpdate::ids, or the root.
class Reference {
 public:
  // Numbers and places are below this.
  static constexpr uint32_t kLimit = uint32_t{1} << 31U;

  // The root.
  constexpr Reference() = default;
  static constexpr Reference Within(uint32_t number) { return Reference(number); }
  // The root if the number is that before 0.
  static constexpr Reference WithinOrRoot(uint32_t number) { return Reference(number); }
  static constexpr Reference Elsewhere(uint32_t place) { return Reference(place | kLimit); }

  constexpr bool is_root() const { return bits_ == kRootBits; }
  constexpr bool is_within() const { return bits_ < kLimit; }
  constexpr bool is_elsewhere() const { return bits_ >= kLimit && bits_ != kRootBits; }
  // REQUIRES: is_within().
  constexpr uint32_t number() const { return bits_; }
  // REQUIRES: is_elsewhere().
  constexpr uint32_t place() const { return bits_ & ~kLimit; }

  friend constexpr bool operator==(Reference, Reference) = default;

 private:
  static constexpr uint32_t kRootBits = ~uint32_t{0};

  explicit constexpr Reference(uint32_t bits) : bits_(bits) {}

  uint32_t bits_ = kRootBits;
};

struct PackedOperation {
  enum class Kind : uint8_t { kInsert, kDeleteForward, kDeleteBackward };

  uint32_t length = 0;
  // Of an insert: the origin of its first element. Of a delete: its first target; the others are
  // those numbered next upwards or downwards, or of a target from elsewhere, those with the next
  // counters.
  Reference reference;
  Kind kind = Kind::kInsert;

  bool is_insert() const { return kind == Kind::kInsert; }
  bool backward() const { return kind == Kind::kDeleteBackward; }
  friend bool operator==(const PackedOperation&, const PackedOperation&) = default;
};

struct PackedUpdate {
  // Operations are counted in 31 bits, which leaves room to tell references apart.
  static constexpr uint64_t kOperationsMax = Reference::kLimit - 2;
  // Stands for a deleted character whose text was left out: U+001A, SUBSTITUTE.
  static constexpr char kSubstitute = '\x1a';

  // A change begins here in each column, and ends where the next one begins.
  struct Change {
    uint64_t first_counter = 0;
    uint32_t replica = 0;    // Place in `replicas`.
    uint32_t operation = 0;  // The number of its first operation.
    uint32_t element = 0;    // The number of elements before it.
    uint32_t parents = 0;
    uint32_t runs = 0;  // In `operations`.
    uint32_t text = 0;  // In bytes.
  };

  // Columns. A keystroke fits into what is in here.
  absl::InlinedVector<ReplicaId, 1> replicas;  // In the order in which they appear; none twice.
  absl::InlinedVector<OpId, 2> ids;            // From elsewhere.
  absl::InlinedVector<Change, 1> changes;
  absl::InlinedVector<Reference, 2> parents;  // To operations.
  absl::InlinedVector<PackedOperation, 2> operations;
  std::string text;
  Change end;  // Where the next change would begin.

  const Change& EndOf(size_t change) const {
    return change + 1 < changes.size() ? changes[change + 1] : end;
  }
  // Returns the number of operations in a change, one per character.
  uint32_t LengthOf(size_t change) const {
    return EndOf(change).operation - changes[change].operation;
  }
  // Returns the number of elements that a change inserts.
  uint32_t ElementsIn(size_t change) const {
    return EndOf(change).element - changes[change].element;
  }
  OpId FirstIdOf(size_t change) const {
    return OpId{.counter = changes[change].first_counter,
                .replica = replicas[changes[change].replica]};
  }
  std::span<const Reference> ParentsOf(size_t change) const {
    return std::span(parents).subspan(changes[change].parents,
                                      EndOf(change).parents - changes[change].parents);
  }
  std::span<const PackedOperation> OperationsOf(size_t change) const {
    return std::span(operations)
        .subspan(changes[change].runs, EndOf(change).runs - changes[change].runs);
  }
  std::string_view TextOf(size_t change) const {
    return std::string_view(text).substr(changes[change].text,
                                         EndOf(change).text - changes[change].text);
  }

  // Returns the change that an operation is in, and its id. O(log changes).
  size_t ChangeOf(uint32_t operation) const {
    const auto after = std::ranges::upper_bound(changes, operation, {}, &Change::operation);
    return static_cast<size_t>(after - changes.begin()) - 1;
  }
  OpId IdOfOperation(uint32_t operation) const {
    const Change& change = changes[ChangeOf(operation)];
    return OpId{.counter = change.first_counter + (operation - change.operation),
                .replica = replicas[change.replica]};
  }
  // Returns the id of the operation that a reference names.
  // REQUIRES: it is not the root.
  OpId IdOf(Reference reference) const {
    return reference.is_within() ? IdOfOperation(reference.number()) : ids[reference.place()];
  }
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_PACKED_UPDATE_H_
