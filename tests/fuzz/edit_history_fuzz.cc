// Bytes as the columns of a history of edits, each but the last behind its size: written again.
#include <optional>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "document/varint.h"
#include "ot/edit_history.h"
#include "ot/edit_history_codec.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

std::optional<EditColumns> Cut(std::string_view input) {
  EditColumns columns;
  ByteReader reader(input);
  for (std::string* const column : {&columns.changes, &columns.lengths, &columns.positions}) {
    const std::optional<uint64_t> size = reader.Varint();
    const std::optional<std::string_view> bytes =
        size ? reader.Bytes(*size) : std::optional<std::string_view>();
    if (!bytes) return std::nullopt;
    *column = *bytes;
  }
  columns.text = reader.Rest();
  return columns;
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const std::optional<EditColumns> columns = Cut(input);
  if (!columns) return false;
  const Expected<EditHistory> history = DecodeEdits(*columns);
  if (!history) return false;
  const Expected<EditHistory> again = DecodeEdits(EncodeEdits(*history));
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(*again == *history);
  return true;
}

}  // namespace cotext
