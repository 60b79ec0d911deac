// References within an update are read in a way of their own; here, beside what FORMAT.md says of
// them, written down plainly.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_format.h"
#include "document/error.h"
#include "document/random.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Kind = PackedOperation::Kind;

struct Columns {
  std::vector<uint64_t> lengths;  // With their forms.
  std::string references;
  std::string distances;
};

// One change by one replica, without parents, which needs no more than these columns.
std::string BytesOf(const Columns& columns) {
  std::string lengths;
  uint64_t operations = 0;
  uint64_t elements = 0;
  for (const uint64_t value : columns.lengths) {
    AppendVarint(lengths, value);
    operations += (value >> 2U) + 1;
    if ((value & 3U) == kInsertRun) elements += (value >> 2U) + 1;
  }
  std::string bytes{static_cast<char>(kUpdateVersion | kOneChange), 1, 1, 0};
  AppendVarint(bytes, operations << kParentsFormBits | kNoParents);
  return bytes + lengths + columns.references + columns.distances + std::string(elements, 'x');
}

// Reads the columns by the book: elements are numbered from 1, the root is 0, the cursor is where
// the next operation is expected. Nothing is from elsewhere.
std::optional<std::vector<PackedOperation>> ByTheBook(const Columns& columns) {
  std::vector<PackedOperation> operations;
  ByteReader distances(columns.distances);
  int64_t cursor = 0;
  int64_t end = 0;
  for (size_t i = 0; i < columns.lengths.size(); ++i) {
    const auto steps = static_cast<uint8_t>(columns.references[i]);
    int64_t to = 0;
    if (steps != kFar) {
      if (steps > 1 + ZigZag(kStepsMax)) return std::nullopt;
      to = cursor + UnZigZag(steps - 1U);
    } else {
      const std::optional<uint64_t> distance = distances.Varint();
      if (!distance || *distance % 2 != 0 || *distance / 2 > static_cast<uint64_t>(end)) {
        return std::nullopt;
      }
      to = *distance == 0 ? 0 : end + 1 - static_cast<int64_t>(*distance / 2);
    }
    if (to < 0 || to > end) return std::nullopt;
    const auto length = static_cast<int64_t>((columns.lengths[i] >> 2U) + 1);
    const uint64_t form = columns.lengths[i] & 3U;
    if (form == kDeleteAlongList) return std::nullopt;
    if (form == kInsertRun) {
      end += length;
      cursor = end;
    } else {
      const int64_t first = form == kDeleteUpwards ? to : to - length + 1;
      if (to == 0 || first < 1 || first + length - 1 > end) return std::nullopt;
      cursor = first - 1;
    }
    operations.push_back(PackedOperation{
        .length = static_cast<uint32_t>(length),
        .reference = to == 0 ? Reference() : Reference::Within(static_cast<uint32_t>(to - 1)),
        .kind = form == kInsertRun       ? Kind::kInsert
                : form == kDeleteUpwards ? Kind::kDeleteForward
                                         : Kind::kDeleteBackward});
  }
  return operations;
}

// Mostly what is there: a wrong one in a hundred or so.
Columns AnyColumns(Random& random) {
  Columns columns;
  uint64_t end = 0;
  for (uint64_t left = random.Between(1, 25); left > 0; --left) {
    const uint64_t form = random.Chance(1)                ? kDeleteAlongList
                          : random.Chance(60) || end == 0 ? kInsertRun
                          : random.Chance(50)             ? kDeleteUpwards
                                                          : kDeleteDownwards;
    // Of one byte, of two, of three.
    const uint64_t most = form != kInsertRun  ? 3
                          : random.Chance(80) ? 40
                          : random.Chance(90) ? 4000
                                              : 70'000;
    const uint64_t length = random.Below(most);
    columns.lengths.push_back(length << 2U | form);
    if (random.Chance(40)) {
      columns.references.push_back(static_cast<char>(random.Below(random.Chance(98) ? 4 : 70)));
    } else {
      columns.references.push_back(static_cast<char>(kFar));
    }
    if (columns.references.back() == static_cast<char>(kFar)) {
      const uint64_t distance = random.Below(end + (random.Chance(98) ? 1 : 3));
      AppendVarint(columns.distances, distance * 2);
    }
    if (form == kInsertRun) end += length + 1;
  }
  // A digit more than there need be.
  if (random.Chance(5) && !columns.distances.empty()) {
    columns.distances[random.Below(columns.distances.size())] = static_cast<char>(0x80);
  }
  return columns;
}

TEST(UpdateReferencesTest, AreWhatTheBookSays) {
  int right = 0;
  ForEachSeed(5000, [&right](Random& random) {
    const Columns columns = AnyColumns(random);
    const auto expected = ByTheBook(columns);
    const Expected<PackedUpdate> update = DecodePackedUpdate(BytesOf(columns));
    // What is left of the distances would be text, of which there is too much then.
    ASSERT_EQ(update.has_value(), expected.has_value());
    if (!expected) return;
    ++right;
    ASSERT_EQ(std::vector<PackedOperation>(update->operations.begin(), update->operations.end()),
              *expected);
  });
  EXPECT_GT(right, 1000);
}

}  // namespace
}  // namespace cotext
