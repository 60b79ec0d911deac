#include "document/text_copy.h"

#include <algorithm>
#include <cstdint>

#include "document/check.h"
#include "document/offset.h"

namespace cotext {

bool TextCopy::Copy(const TextBuffer& text, uint64_t chars) {
  const uint64_t all = text.metrics().code_points;
  const uint64_t begin = copy_.metrics().code_points;
  COTEXT_CHECK(begin <= all);
  const uint64_t end = begin + std::min(chars, all - begin);
  const auto part = text.Slice(CodePointOffset{begin}, CodePointOffset{end});
  COTEXT_CHECK(part.has_value());
  COTEXT_CHECK(copy_.Insert(CodePointOffset{begin}, *part).has_value());
  return end == all;
}

// What is inserted where the copy ends comes with the next part.
void TextCopy::OnEdit(const Delta& delta) {
  Delta here;
  DeltaCursor cursor(delta);
  for (uint64_t left = copy_.metrics().code_points; left > 0 && !cursor.AtEnd();) {
    const bool is_insert = cursor.Peek().kind == Delta::Kind::kInsert;
    const Delta::Component component = cursor.Take(is_insert ? cursor.Peek().count : left);
    if (!is_insert) left -= component.count;
    here.Append(component);
  }
  COTEXT_CHECK(copy_.Apply(here).has_value());
}

}  // namespace cotext
