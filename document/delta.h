// A delta: one edit of a text, as a sequence of retain, insert and delete components.
//
// It is read from left to right over the text it applies to, its base. Retain keeps the next
// characters, delete removes them, insert adds text in front of the next character; what no
// component covers is kept. Between two base characters lies a gap, and an insert stands in the gap
// that the components before it reach: [{d:1},"x"] and ["x",{d:1}] give the same text, but insert
// into different gaps, so a concurrent edit meets them differently. Their order is therefore never
// changed.
//
// Invariants (the normal form, which makes equal edits equal values):
// 1. No component is empty, no two neighbours are of one kind, and the last is no retain.
// 2. All text is valid UTF-8; a delete has all of its text or none.
// 3. base_length() and target_length() are at most kMaxLength.
//
// Every count and length is in code points. Building, Apply, Compose and Invert are linear in the
// bytes they read and write; all text lies in one string.
#ifndef COTEXT_DOCUMENT_DELTA_H_
#define COTEXT_DOCUMENT_DELTA_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "document/offset.h"

namespace cotext {

class Delta {
 public:
  // The greatest length: integers up to here are exact in JavaScript, and a sum of many of them
  // still fits 64 bits.
  static constexpr uint64_t kMaxLength = uint64_t{1} << 53U;

  enum class Kind : uint8_t { kRetain, kInsert, kDelete };

  // One component. Its text, if it has any, belongs to the delta it was read from.
  struct Component {
    Kind kind = Kind::kRetain;
    uint64_t count = 0;
    std::string_view text = {};  // Of every insert, of no retain, of a delete that carries it.

    bool has_text() const { return !text.empty(); }
    friend bool operator==(const Component&, const Component&) = default;
  };

  class Iterator;

  // The edit that changes nothing.
  Delta() = default;

  // The next four append a component, if it is not empty, and keep the normal form: it is merged
  // with a last one of its kind, and a retain takes effect only when something follows it. A delete
  // that carries its text loses it when merged with one that does not.
  // REQUIRES: text is valid UTF-8, and the lengths stay within kMaxLength.
  Delta& Retain(uint64_t count);
  Delta& Insert(std::string_view text);
  Delta& Delete(uint64_t count);
  Delta& DeleteText(std::string_view text);

  // Appends a component in the same way.
  // REQUIRES: as above, and count is the number of code points of the text, if there is text.
  Delta& Append(const Component& component);

  bool empty() const { return components_.empty(); }
  size_t size() const { return components_.size(); }
  // REQUIRES: index < size().
  Component operator[](size_t index) const;
  Iterator begin() const;
  Iterator end() const;

  // The length of the shortest text that the delta applies to, and what it makes of that length. A
  // text of `n` code points becomes n - base_length() + target_length() long.
  uint64_t base_length() const { return base_length_; }
  uint64_t target_length() const { return target_length_; }

  // Returns whether both are the same edit.
  friend bool operator==(const Delta& left, const Delta& right) {
    return left.components_ == right.components_ && left.text_ == right.text_;
  }

  // Stops the program unless every invariant holds.
  void CheckInvariants() const;

 private:
  friend class DeltaTestPeer;

  struct Stored {
    Kind kind;
    uint64_t count;
    size_t text_begin;  // Texts lie in text_ in the order of their components, without gaps.
    size_t text_bytes;  // 0 without text.
    friend bool operator==(const Stored&, const Stored&) = default;
  };

  void Push(Kind kind, uint64_t count, std::string_view text);
  void FlushRetain();
  void AddLength(Kind kind, uint64_t count);

  std::vector<Stored> components_;
  std::string text_;
  uint64_t base_length_ = 0;
  uint64_t target_length_ = 0;
  uint64_t pending_retain_ = 0;  // Where the builder stands after the last component; not a value.
};

class Delta::Iterator {
 public:
  using difference_type = ptrdiff_t;
  using value_type = Component;
  using iterator_concept = std::forward_iterator_tag;

  Iterator() = default;
  Component operator*() const { return (*delta_)[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) { return {delta_, index_++}; }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  friend class Delta;
  Iterator(const Delta* delta, size_t index) : delta_(delta), index_(index) {}

  const Delta* delta_ = nullptr;
  size_t index_ = 0;
};

// Reads a delta in pieces of any size. Behind the last component stands a retain without end.
// REQUIRES: the delta outlives the cursor and the pieces, unchanged.
class DeltaCursor {
 public:
  explicit DeltaCursor(const Delta& delta);

  // Returns whether only the endless retain is left.
  bool AtEnd() const { return index_ == delta_->size(); }
  // Returns what is left of the current component; the endless retain counts UINT64_MAX.
  Delta::Component Peek() const { return rest_; }
  // Returns at most `max_count` code points of what is left of the current component, and moves
  // behind them.
  // REQUIRES: max_count > 0.
  Delta::Component Take(uint64_t max_count);

 private:
  void Load();

  const Delta* delta_;
  size_t index_ = 0;
  Delta::Component rest_;
};

// Returns `base` after `delta`. kDeltaMismatch if it is too short or differs from a deleted text.
// REQUIRES: base is valid UTF-8.
Expected<std::string> Apply(const Delta& delta, std::string_view base);

// Returns the one delta that does what `first` and after it `then` do. An insert of `then` stands
// right behind the character before it, so in front of what `first` deleted there; otherwise
// deletes keep their places. Text inserted by `first` and deleted by `then` leaves nothing.
//
// Composing is associative, except that deletes with and without text may merge, and which do
// depends on the grouping: then results may differ in which deletes carry text, and a wrong one may
// pass. kDeltaMismatch if `then` deletes an insert of `first` with another text; kTooLarge past
// kMaxLength.
Expected<Delta> Compose(const Delta& first, const Delta& then);

// Returns the composition of all of them in order, by halves: O(total size * log count).
Expected<Delta> ComposeAll(std::span<const Delta> deltas);

// Returns the delta that leads from the edited text back to `base`; its deletes carry their texts.
// Errors: as Apply.
// REQUIRES: base is valid UTF-8.
Expected<Delta> Invert(const Delta& delta, std::string_view base);

// The same from the deleted texts alone: kInvalidDelta if a delete lacks its text.
Expected<Delta> Invert(const Delta& delta);

// Returns the same edit without the text of its deletes, as peers need it.
Delta WithoutDeletedText(const Delta& delta);

// Returns where a position in the base is found after `delta`.
//
// The position lies in a gap, and keeps its order to everything in the base and in other gaps: text
// inserted into a gap further left ends up before it, further right behind it. Text inserted into
// its own gap ends up behind it with kBefore, before it with kAfter. Deleted characters only shrink
// the distance, so a position inside a deleted range falls to its start, but stays behind text
// inserted at that start and before text inserted at its end: of ["x",{d:2},"y"], position 1
// becomes 1.
CodePointOffset TransformPosition(const Delta& delta, CodePointOffset position, Bias bias);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_DELTA_H_
