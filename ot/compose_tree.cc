#include "ot/compose_tree.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/common_ends.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;
using Place = ComponentTree::Place;

Expected<void> CheckLengths(const ComponentTree& tree, const Delta& then) {
  const uint64_t common = std::min(then.base_length(), tree.target_length());
  if (tree.base_length() + (then.base_length() - common) <= Delta::kMaxLength &&
      then.target_length() + (tree.target_length() - common) <= Delta::kMaxLength) {
    return {};
  }
  return MakeError(ErrorCode::kTooLarge, "the composition is longer than 2^53 code points");
}

// Typing and backspace, in one place.
bool TypeOn(ComponentTree& tree, const Delta& then) {
  if (then.empty() || then.size() > 2) return false;
  const Component last = then[then.size() - 1];
  const uint64_t position = then.size() == 1 ? 0 : then[0].count;
  if (then.size() == 2 && then[0].kind != Kind::kRetain) return false;
  if (last.kind == Kind::kInsert) return tree.TypeOn(position, last.text, last.count);
  return tree.TakeBack(position + last.count, last.count, last.text);
}

// Returns the error of deleting a text that the tree inserts differently.
Expected<void> CheckDeletedText(const ComponentTree& tree, uint64_t position, Component deleted) {
  while (deleted.count > 0 && position < tree.target_length()) {
    const Place place = tree.PassDeletes(tree.BehindTarget(position));
    const ComponentTree::Rest rest = tree.After(place);
    const uint64_t count = std::min(rest.count, deleted.count);
    const std::string_view text = deleted.text.substr(0, ByteOfCodePoint(deleted.text, count));
    if (rest.kind == Kind::kInsert) {
      const std::string_view found = tree.TextAfter(place, count);
      if (found != text) {
        position += CountCodePoints(text.substr(0, CommonPrefixBytes(text, found)));
        return MakeError(
            ErrorCode::kDeltaMismatch,
            "the deleted text differs from the text at code point " + std::to_string(position));
      }
    }
    position += count;
    deleted.count -= count;
    deleted.text.remove_prefix(text.size());
  }
  return {};
}

Expected<void> CheckDeletedTexts(const ComponentTree& tree, const Delta& then) {
  uint64_t position = 0;
  for (const Component& component : then) {
    if (component.kind == Kind::kInsert) continue;
    if (component.has_text()) COTEXT_RETURN_IF_ERROR(CheckDeletedText(tree, position, component));
    position += component.count;
  }
  return {};
}

// Returns the place `count` behind `place`, past the end too, where X retains everything.
Place Retain(ComponentTree& tree, Place place, uint64_t count) {
  const uint64_t target = tree.Join(place).target + count;
  if (target <= tree.target_length()) return tree.BehindTarget(target);
  return tree.Put(tree.End(), {Kind::kRetain, target - tree.target_length()});
}

// Deletes what `deleted` says, up to the end of a piece, and returns the place behind it.
Place DeletePiece(ComponentTree& tree, Place place, DeltaCursor& deleted) {
  const uint64_t count = deleted.Peek().count;
  place = tree.PassDeletes(tree.Join(place));
  if (tree.AtEnd(place)) return tree.Put(place, deleted.Take(count));
  const ComponentTree::Rest rest = tree.After(place);
  const Component piece = deleted.Take(std::min(count, rest.count));
  tree.Cut(place, piece.count);
  return rest.kind == Kind::kRetain ? tree.Put(place, piece) : place;
}

}  // namespace

Expected<void> ComposeOnto(ComponentTree& tree, const Delta& then) {
  COTEXT_RETURN_IF_ERROR(CheckLengths(tree, then));
  if (TypeOn(tree, then)) return {};
  tree.Settle();
  COTEXT_RETURN_IF_ERROR(CheckDeletedTexts(tree, then));
  Place place = tree.Begin();
  for (DeltaCursor cursor(then); !cursor.AtEnd();) {
    const Component next = cursor.Peek();
    switch (next.kind) {
      case Kind::kRetain: place = Retain(tree, place, cursor.Take(next.count).count); break;
      case Kind::kInsert: place = tree.Put(place, cursor.Take(next.count)); break;
      case Kind::kDelete: place = DeletePiece(tree, place, cursor); break;
    }
  }
  place = tree.Join(place);
  tree.TrimEnd();
  tree.Type(place);
  return {};
}

}  // namespace cotext
