#include "ot/edit_history_codec.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "document/sort.h"
#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

enum Form : uint8_t { kInsert = 0, kDelete = 1, kReplace = 2 };

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1U) ^ static_cast<uint64_t>(value >> 63);
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1U) ^ -static_cast<int64_t>(value & 1U);
}

std::vector<uint32_t> AuthorsOf(const EditHistory& history) {
  std::vector<uint32_t> authors;
  for (size_t i = 0; i < history.change_count(); ++i) authors.push_back(history.author(i));
  Sort(authors);
  const auto repeated = std::ranges::unique(authors);
  authors.erase(repeated.begin(), repeated.end());
  return authors;
}

uint64_t CountEdits(const EditHistory& history, size_t change) {
  uint64_t count = 0;
  history.ForEachEdit(change, [&count](const TextEdit& /*edit*/) {
    ++count;
    return true;
  });
  return count;
}

std::string EncodeChanges(const EditHistory& history) {
  std::string bytes;
  const std::vector<uint32_t> authors = AuthorsOf(history);
  AppendVarint(bytes, authors.size());
  uint32_t before = 0;
  for (const uint32_t author : authors) {
    AppendVarint(bytes, author - before);
    before = author;
  }
  AppendVarint(bytes, history.change_count());
  for (size_t i = 0; i < history.change_count(); ++i) {
    const auto author = std::ranges::lower_bound(authors, history.author(i));
    AppendVarint(bytes, static_cast<uint64_t>(author - authors.begin()));
    AppendVarint(bytes, CountEdits(history, i));
    AppendVarint(bytes, history.parents(i).size());
    for (const uint32_t parent : history.parents(i)) AppendVarint(bytes, i - parent);
  }
  return bytes;
}

void EncodeEdit(const TextEdit& edit, uint64_t& cursor, EditColumns& columns) {
  const uint64_t inserted = CountCodePoints(edit.inserted);
  if (edit.deleted == 0) {
    AppendVarint(columns.lengths, (inserted - 1) * 4 + kInsert);
  } else {
    AppendVarint(columns.lengths, (edit.deleted - 1) * 4 + (inserted == 0 ? kDelete : kReplace));
    if (inserted > 0) AppendVarint(columns.lengths, inserted - 1);
  }
  AppendVarint(columns.positions,
               ZigZag(static_cast<int64_t>(edit.position) - static_cast<int64_t>(cursor)));
  columns.text += edit.inserted;
  cursor = edit.position + inserted;
}

std::unexpected<Error> Malformed(const char* column, const char* what) {
  return MakeError(ErrorCode::kMalformedUpdate,
                   std::string("the column of ") + column + " " + what);
}

// Reads the columns side by side.
class Decoder {
 public:
  explicit Decoder(const EditColumns& columns)
      : changes_(columns.changes),
        lengths_(columns.lengths),
        positions_(columns.positions),
        text_(columns.text) {}

  Expected<EditHistory> Run() {
    for (const size_t size : {changes_.remaining(), lengths_.remaining(), text_.size()}) {
      if (size > EditHistory::kColumnMax) {
        return MakeError(ErrorCode::kTooLarge, "a column has more than 2^32 - 1 bytes");
      }
    }
    if (!IsValidUtf8(text_)) return Malformed("text", "is no text");
    characters_left_ = CountCodePoints(text_);
    COTEXT_RETURN_IF_ERROR(ReadAuthors());
    const std::optional<uint64_t> count = changes_.Varint();
    // A change takes three bytes at least.
    if (!count || *count > changes_.remaining()) return Malformed("changes", "ends early");
    for (uint64_t i = 0; i < *count; ++i) COTEXT_RETURN_IF_ERROR(ReadChange());
    if (!changes_.done()) return Malformed("changes", "has bytes at the end");
    if (!lengths_.done()) return Malformed("lengths", "has bytes at the end");
    if (!positions_.done()) return Malformed("positions", "has bytes at the end");
    if (!text_.empty()) return Malformed("text", "has characters at the end");
    return std::move(history_);
  }

 private:
  Expected<void> ReadAuthors() {
    const std::optional<uint64_t> count = changes_.Varint();
    if (!count || *count > changes_.remaining()) return Malformed("changes", "ends early");
    uint64_t author = 0;
    for (uint64_t i = 0; i < *count; ++i) {
      const std::optional<uint64_t> step = changes_.Varint();
      if (!step) return Malformed("changes", "ends early");
      if ((*step == 0 && i > 0) || *step > UINT32_MAX - author) {
        return Malformed("changes", "has authors that do not ascend");
      }
      author += *step;
      authors_.push_back(static_cast<uint32_t>(author));
    }
    return {};
  }

  Expected<void> ReadChange() {
    const std::optional<uint64_t> author = changes_.Varint();
    const std::optional<uint64_t> edits = changes_.Varint();
    const std::optional<uint64_t> count = changes_.Varint();
    if (!author || !edits || !count || *count > changes_.remaining()) {
      return Malformed("changes", "ends early");
    }
    if (*author >= authors_.size()) return Malformed("changes", "names an author it has not");
    std::vector<uint32_t> parents;
    for (uint64_t i = 0; i < *count; ++i) {
      const std::optional<uint64_t> distance = changes_.Varint();
      if (!distance) return Malformed("changes", "ends early");
      const uint64_t change = history_.change_count();
      const bool is_earlier = *distance > 0 && *distance <= change;
      if (!is_earlier || (i > 0 && change - *distance <= parents.back())) {
        return Malformed("changes", "has parents that do not ascend to their change");
      }
      parents.push_back(static_cast<uint32_t>(change - *distance));
    }
    history_.AddChange(authors_[static_cast<size_t>(*author)], parents);
    for (uint64_t i = 0; i < *edits; ++i) COTEXT_RETURN_IF_ERROR(ReadEdit());
    return {};
  }

  Expected<void> ReadEdit() {
    const std::optional<uint64_t> length = lengths_.Varint();
    if (!length) return Malformed("lengths", "ends early");
    uint64_t inserted = 0;
    uint64_t deleted = 0;
    switch (*length % 4) {
      case kInsert: inserted = *length / 4 + 1; break;
      case kDelete: deleted = *length / 4 + 1; break;
      case kReplace: {
        const std::optional<uint64_t> second = lengths_.Varint();
        if (!second || *second > EditHistory::kColumnMax) return Malformed("lengths", "ends early");
        deleted = *length / 4 + 1;
        inserted = *second + 1;
        break;
      }
      default: return Malformed("lengths", "has a form without a meaning");
    }
    return AddEdit(deleted, inserted);
  }

  Expected<void> AddEdit(uint64_t deleted, uint64_t inserted) {
    const std::optional<uint64_t> step = positions_.Varint();
    if (!step || *step > 4 * EditHistory::kColumnMax) return Malformed("positions", "ends early");
    const int64_t position = static_cast<int64_t>(cursor_) + UnZigZag(*step);
    if (position < 0 || position > static_cast<int64_t>(EditHistory::kColumnMax) ||
        deleted > EditHistory::kColumnMax) {
      return Malformed("positions", "leaves what a text can have");
    }
    if (inserted > characters_left_) return Malformed("text", "ends early");
    const std::string_view text = text_.substr(0, ByteOfCodePoint(text_, inserted));
    text_.remove_prefix(text.size());
    characters_left_ -= inserted;
    history_.AppendEdit(TextEdit{
        .position = static_cast<uint64_t>(position), .deleted = deleted, .inserted = text});
    cursor_ = static_cast<uint64_t>(position) + inserted;
    return {};
  }

  ByteReader changes_;
  ByteReader lengths_;
  ByteReader positions_;
  std::string_view text_;  // What is left of it, and how long that is.
  uint64_t characters_left_ = 0;
  std::vector<uint32_t> authors_;
  EditHistory history_;
  uint64_t cursor_ = 0;
};

}  // namespace

EditColumns EncodeEdits(const EditHistory& history) {
  EditColumns columns;
  columns.changes = EncodeChanges(history);
  uint64_t cursor = 0;
  for (size_t i = 0; i < history.change_count(); ++i) {
    history.ForEachEdit(i, [&](const TextEdit& edit) {
      EncodeEdit(edit, cursor, columns);
      return true;
    });
  }
  return columns;
}

Expected<EditHistory> DecodeEdits(const EditColumns& columns) { return Decoder(columns).Run(); }

}  // namespace cotext
