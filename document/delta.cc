#include "document/delta.h"

#include <algorithm>
#include <utility>

#include "document/check.h"
#include "document/common_ends.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

// Returns the first `count` code points of `rest` and leaves the others in it.
// REQUIRES: count <= rest.count.
Component TakeFront(Component& rest, uint64_t count) {
  if (count == rest.count) return std::exchange(rest, Component{.kind = rest.kind});
  const size_t bytes = rest.has_text() ? ByteOfCodePoint(rest.text, count) : 0;
  const Component front{rest.kind, count, rest.text.substr(0, bytes)};
  rest.count -= count;
  rest.text.remove_prefix(bytes);
  return front;
}

// Returns the error that a deleted text is not the one found, which begins at `position`.
std::unexpected<Error> DeletesOther(std::string_view deleted, std::string_view found,
                                    uint64_t position) {
  position += CountCodePoints(deleted.substr(0, CommonPrefixBytes(deleted, found)));
  return MakeError(
      ErrorCode::kDeltaMismatch,
      "the deleted text differs from the text at code point " + std::to_string(position));
}

// Calls `visit` with each component and the part of `base` that it retains or deletes. Returns
// where the uncovered rest of `base` begins, or an error if the delta does not apply.
template <typename Visit>
Expected<size_t> WalkOver(const Delta& delta, std::string_view base, Visit visit) {
  if (const uint64_t length = CountCodePoints(base); length < delta.base_length()) {
    return MakeError(ErrorCode::kDeltaMismatch, "the delta reaches code point " +
                                                    std::to_string(delta.base_length()) +
                                                    ", the text ends at " + std::to_string(length));
  }
  uint64_t position = 0;
  size_t byte = 0;
  for (const Component& component : delta) {
    std::string_view covered;
    if (component.kind != Kind::kInsert) {
      covered = base.substr(byte);
      covered = covered.substr(0, ByteOfCodePoint(covered, component.count));
      if (component.has_text() && component.text != covered) {
        return DeletesOther(component.text, covered, position);
      }
      position += component.count;
      byte += covered.size();
    }
    visit(component, covered);
  }
  return byte;
}

// Appends to `out` what a retain or delete of the second delta makes of the output of the first,
// which `cursor` reads and of which `position` code points lie before the component.
Expected<void> ComposeOver(DeltaCursor& cursor, const Component& component, uint64_t position,
                           Delta& out) {
  Component rest = component;
  while (rest.count > 0) {
    if (cursor.Peek().kind == Kind::kDelete) {
      out.Append(cursor.Take(cursor.Peek().count));
      continue;
    }
    const Component below = cursor.Take(rest.count);
    const Component above = TakeFront(rest, below.count);
    if (above.kind == Kind::kRetain) {
      out.Append(below);
    } else if (below.kind == Kind::kRetain) {
      out.Append(above);
    } else if (above.has_text() && above.text != below.text) {
      return DeletesOther(above.text, below.text, position);
    }
    position += above.count;
  }
  return {};
}

}  // namespace

Delta& Delta::Retain(uint64_t count) {
  COTEXT_CHECK(count <= kMaxLength - pending_retain_);
  pending_retain_ += count;
  return *this;
}

Delta& Delta::Insert(std::string_view text) {
  return Append({Kind::kInsert, CountCodePoints(text), text});
}

Delta& Delta::Delete(uint64_t count) { return Append({Kind::kDelete, count}); }

Delta& Delta::DeleteText(std::string_view text) {
  return Append({Kind::kDelete, CountCodePoints(text), text});
}

Delta& Delta::Append(const Component& component) {
  if (component.kind == Kind::kRetain) return Retain(component.count);
  if (component.count == 0) return *this;
  COTEXT_DCHECK(IsValidUtf8(component.text));
  COTEXT_DCHECK(component.has_text() ? CountCodePoints(component.text) == component.count
                                     : component.kind == Kind::kDelete);
  FlushRetain();
  Push(component.kind, component.count, component.text);
  return *this;
}

void Delta::FlushRetain() {
  if (pending_retain_ > 0) Push(Kind::kRetain, std::exchange(pending_retain_, 0), {});
}

void Delta::Push(Kind kind, uint64_t count, std::string_view text) {
  AddLength(kind, count);
  if (components_.empty() || components_.back().kind != kind) {
    components_.push_back({kind, count, text_.size(), text.size()});
    text_.append(text);
    return;
  }
  Stored& last = components_.back();
  last.count += count;
  if ((last.text_bytes == 0) != text.empty()) {
    text_.resize(last.text_begin);
    last.text_bytes = 0;
  } else {
    last.text_bytes += text.size();
    text_.append(text);
  }
}

void Delta::AddLength(Kind kind, uint64_t count) {
  if (kind != Kind::kInsert) {
    COTEXT_CHECK(count <= kMaxLength - base_length_);
    base_length_ += count;
  }
  if (kind != Kind::kDelete) {
    COTEXT_CHECK(count <= kMaxLength - target_length_);
    target_length_ += count;
  }
}

Component Delta::operator[](size_t index) const {
  COTEXT_DCHECK(index < size());
  const Stored& stored = components_[index];
  return {stored.kind, stored.count,
          std::string_view(text_).substr(stored.text_begin, stored.text_bytes)};
}

Delta::Iterator Delta::begin() const { return {this, 0}; }
Delta::Iterator Delta::end() const { return {this, size()}; }

void Delta::CheckInvariants() const {
  COTEXT_CHECK(empty() || components_.back().kind != Kind::kRetain);
  COTEXT_CHECK(IsValidUtf8(text_));
  Delta copy;
  size_t text_begin = 0;
  for (size_t i = 0; i < size(); ++i) {
    const Stored& stored = components_[i];
    COTEXT_CHECK(stored.count > 0);
    COTEXT_CHECK(i == 0 || stored.kind != components_[i - 1].kind);
    COTEXT_CHECK(stored.text_begin == text_begin);
    text_begin += stored.text_bytes;
    COTEXT_CHECK(text_begin <= text_.size());
    const std::string_view text = (*this)[i].text;
    COTEXT_CHECK(stored.kind != Kind::kInsert || !text.empty());
    COTEXT_CHECK(stored.kind != Kind::kRetain || text.empty());
    COTEXT_CHECK(text.empty() || CountCodePoints(text) == stored.count);
    copy.AddLength(stored.kind, stored.count);
  }
  COTEXT_CHECK(text_begin == text_.size());
  COTEXT_CHECK(copy.base_length_ == base_length_);
  COTEXT_CHECK(copy.target_length_ == target_length_);
}

DeltaCursor::DeltaCursor(const Delta& delta) : delta_(&delta) { Load(); }

void DeltaCursor::Load() {
  rest_ = AtEnd() ? Component{Kind::kRetain, UINT64_MAX} : (*delta_)[index_];
}

Component DeltaCursor::Take(uint64_t max_count) {
  COTEXT_DCHECK(max_count > 0);
  if (AtEnd()) return {Kind::kRetain, max_count};
  const Component taken = TakeFront(rest_, std::min(max_count, rest_.count));
  if (rest_.count == 0) {
    ++index_;
    Load();
  }
  return taken;
}

Expected<std::string> Apply(const Delta& delta, std::string_view base) {
  std::string result;
  result.reserve(base.size());
  const Expected<size_t> rest =
      WalkOver(delta, base, [&result](const Component& component, std::string_view covered) {
        if (component.kind == Kind::kInsert) result += component.text;
        if (component.kind == Kind::kRetain) result += covered;
      });
  COTEXT_RETURN_IF_ERROR(rest);
  result += base.substr(*rest);
  return result;
}

Expected<Delta> Compose(const Delta& first, const Delta& then) {
  // What `then` reaches past the output of `first` comes from the base.
  const uint64_t base_past_first =
      then.base_length() - std::min(then.base_length(), first.target_length());
  const uint64_t output_past_then =
      first.target_length() - std::min(then.base_length(), first.target_length());
  if (first.base_length() + base_past_first > Delta::kMaxLength ||
      then.target_length() + output_past_then > Delta::kMaxLength) {
    return MakeError(ErrorCode::kTooLarge, "the composition is longer than 2^53 code points");
  }
  Delta composed;
  DeltaCursor cursor(first);
  uint64_t position = 0;
  for (const Component& component : then) {
    if (component.kind == Kind::kInsert) {
      composed.Append(component);
    } else {
      COTEXT_RETURN_IF_ERROR(ComposeOver(cursor, component, position, composed));
      position += component.count;
    }
  }
  while (!cursor.AtEnd()) composed.Append(cursor.Take(cursor.Peek().count));
  return composed;
}

Expected<Delta> ComposeAll(std::span<const Delta> deltas) {
  if (deltas.empty()) return Delta();
  if (deltas.size() == 1) return deltas.front();
  const size_t half = deltas.size() / 2;
  const Expected<Delta> first = ComposeAll(deltas.first(half));
  if (!first) return first;
  const Expected<Delta> then = ComposeAll(deltas.subspan(half));
  if (!then) return then;
  return Compose(*first, *then);
}

Expected<Delta> Invert(const Delta& delta, std::string_view base) {
  Delta inverse;
  COTEXT_RETURN_IF_ERROR(
      WalkOver(delta, base, [&inverse](const Component& component, std::string_view covered) {
        switch (component.kind) {
          case Kind::kRetain: inverse.Retain(component.count); return;
          case Kind::kInsert: inverse.DeleteText(component.text); return;
          case Kind::kDelete: inverse.Insert(covered); return;
        }
      }));
  return inverse;
}

Expected<Delta> Invert(const Delta& delta) {
  Delta inverse;
  for (const Component& component : delta) {
    if (component.kind == Kind::kDelete && !component.has_text()) {
      return MakeError(ErrorCode::kInvalidDelta, "a delete without its text cannot be inverted");
    }
    const Kind kind = component.kind == Kind::kRetain   ? Kind::kRetain
                      : component.kind == Kind::kInsert ? Kind::kDelete
                                                        : Kind::kInsert;
    inverse.Append({kind, component.count, component.text});
  }
  return inverse;
}

Delta WithoutDeletedText(const Delta& delta) {
  Delta stripped;
  for (const Component& component : delta) {
    if (component.kind == Kind::kDelete) {
      stripped.Delete(component.count);
    } else {
      stripped.Append(component);
    }
  }
  return stripped;
}

CodePointOffset TransformPosition(const Delta& delta, CodePointOffset position, Bias bias) {
  uint64_t gap = 0;     // How far into the base the components so far reach.
  uint64_t before = 0;  // What of the result stands before the position.
  for (const Component& component : delta) {
    if (component.kind == Kind::kInsert) {
      if (gap < position.value || (gap == position.value && bias == Bias::kAfter)) {
        before += component.count;
      }
      continue;
    }
    const uint64_t covered = std::min(component.count, position.value - gap);
    if (component.kind == Kind::kRetain) before += covered;
    gap += component.count;
    if (gap > position.value) return {before};
  }
  return {before + position.value - gap};
}

}  // namespace cotext
