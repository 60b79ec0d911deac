#include "crdt/stored_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "crdt/codec/packed_update.h"
#include "document/for_each_where.h"
#include "document/sort.h"
#include "document/utf8.h"

namespace cotext {
namespace {

uint64_t CountVisible(std::span<const ElementRun> runs) {
  uint64_t visible = 0;
  for (const ElementRun& run : runs) visible += run.deleted ? 0 : run.length;
  return visible;
}

// Every character is a byte: each has its place.
std::string ArrangeBytes(std::span<const ElementRun> runs, const BitRanges& deleted, Lv end,
                         const StoredText& text) {
  std::string inserted;
  inserted.resize_and_overwrite(end.value, [&](char* to, size_t /*size*/) {
    const char* from = text.current.data();
    ForEachWhere(
        runs.size(), [&runs](size_t i) { return !runs[i].deleted; },
        [&](size_t i) {
          std::memcpy(to + runs[i].first.value, from, runs[i].length);
          from += runs[i].length;
        });
    from = text.deleted.data();
    deleted.ForEachSet(end.value, [&](uint32_t first, uint32_t length) {
      if (text.lacks_deleted) {
        std::memset(to + first, PackedUpdate::kSubstitute, length);
      } else {
        std::memcpy(to + first, from, length);
        from += length;
      }
    });
    // Not the size that came along: GCC 12's library gives the capacity.
    return size_t{end.value};
  });
  return inserted;
}

// Takes the text of the next `count` characters.
std::string_view Take(std::string_view& text, uint64_t count) {
  const size_t bytes = ByteOfCodePoint(text, count);
  const std::string_view taken = text.substr(0, bytes);
  text.remove_prefix(bytes);
  return taken;
}

// Visible runs are put into the order of insertion, and what was deleted between them.
std::string ArrangeCharacters(std::span<const ElementRun> runs, Lv end, const StoredText& text) {
  struct Piece {
    Lv first;
    uint32_t length;
    std::string_view text;
  };
  std::vector<Piece> pieces;
  std::string_view current = text.current;
  for (const ElementRun& run : runs) {
    if (run.deleted) continue;
    pieces.push_back(
        Piece{.first = run.first, .length = run.length, .text = Take(current, run.length)});
  }
  Sort(pieces, {}, &Piece::first);
  std::string inserted;
  inserted.reserve(text.current.size() +
                   (text.lacks_deleted ? size_t{end.value} : text.deleted.size()));
  std::string_view deleted = text.deleted;
  Lv at;
  const auto fill_to = [&](Lv to) {
    if (text.lacks_deleted) {
      inserted.append(to - at, PackedUpdate::kSubstitute);
    } else {
      inserted += Take(deleted, to - at);
    }
  };
  for (const Piece& piece : pieces) {
    fill_to(piece.first);
    inserted += piece.text;
    at = piece.first + piece.length;
  }
  fill_to(end);
  return inserted;
}

}  // namespace

std::optional<std::string> InInsertionOrder(std::span<const ElementRun> runs,
                                            const BitRanges& deleted, Lv end,
                                            const StoredText& text) {
  const uint64_t visible = CountVisible(runs);
  const uint64_t stored = text.lacks_deleted ? 0 : end.value - visible;
  if (CountCodePoints(text.current) != visible || CountCodePoints(text.deleted) != stored) {
    return std::nullopt;
  }
  const bool all_bytes = text.current.size() == visible && text.deleted.size() == stored;
  return all_bytes ? ArrangeBytes(runs, deleted, end, text) : ArrangeCharacters(runs, end, text);
}

}  // namespace cotext
