#include "crdt/codec/small_update.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

// Returns a small update in the form in ids.
Update Widened(const SmallUpdate& small) {
  Update update;
  update.BeginChange(small.first.replica, small.first.counter);
  for (const OpId parent : small.Parents()) update.AddParent(parent);
  std::string_view text = small.text;
  for (const SmallUpdate::Operation& operation : small.Operations()) {
    if (operation.kind != PackedOperation::Kind::kInsert) {
      update.AddDelete(operation.reference, operation.length,
                       operation.kind == PackedOperation::Kind::kDeleteBackward);
      continue;
    }
    size_t bytes = 0;
    for (uint32_t left = operation.length; left > 0; --left) {
      do {
        ++bytes;
      } while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U);
    }
    update.AddInsert(operation.reference, operation.length, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return update;
}

// Reads bytes both ways; returns whether the quick one could. If so, both must agree.
bool IsRead(std::string_view bytes, const ReplicaTable* known) {
  const std::optional<SmallUpdate> small = ReadSmallUpdate(bytes, known);
  if (!small) return false;
  const Expected<PackedUpdate> packed = DecodePackedUpdate(bytes, {}, known);
  EXPECT_TRUE(packed.has_value());
  if (!packed) return false;
  EXPECT_EQ(packed->changes.size(), 1U);
  EXPECT_EQ(packed->FirstIdOf(0), small->first);
  EXPECT_EQ(packed->LengthOf(0), small->length);
  EXPECT_EQ(packed->text, small->text);
  EXPECT_EQ(packed->text.size(), small->size.bytes);
  EXPECT_EQ(packed->end.element, small->size.code_points);
  EXPECT_EQ(packed->operations.size(), small->operation_count);
  EXPECT_EQ(AtomsOf(Unpack(*packed)), AtomsOf(Widened(*small)));
  return true;
}

TEST(SmallUpdateTest, IsReadAsTheDecoderReadsIt) {
  uint64_t read = 0;
  uint64_t all = 0;
  uint64_t damaged_read = 0;
  ForEachSeed(300, [&](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(30);
    const Update changes = replicas.Any().rga.ChangesSince({});
    ReplicaTable table;
    for (size_t i = 0; i < replicas.size(); ++i) {
      if (random.Chance(50)) table.Add(replicas[i].rga.replica());
    }
    for (size_t i = 0; i < changes.size(); ++i) {
      Update one;
      one.Append(changes[i]);
      const ReplicaTable* const known = random.Chance(50) ? &table : nullptr;
      const std::string bytes =
          EncodeUpdate(one, {.neighbours = random.Chance(20), .known = known});
      ++all;
      if (IsRead(bytes, known)) ++read;
      for (int tries = 0; tries < 20; ++tries) {
        std::string damaged = bytes;
        for (uint64_t times = random.Between(1, 3); times > 0; --times) {
          damaged = Damage(random, damaged);
        }
        if (IsRead(damaged, known)) ++damaged_read;
      }
    }
  });
  EXPECT_GT(read, all / 4) << "of " << all;
  EXPECT_GT(damaged_read, 100U);
}

// A change by replica 7 after 4@7.
Update Change() {
  Update update;
  update.BeginChange(ReplicaId{7}, 5);
  update.AddParent(Id(4, 7));
  return update;
}

TEST(SmallUpdateTest, AKeystrokeIsRead) {
  Update typed = Change();
  typed.AddInsert(Id(4, 7), 1, "x");
  const std::string bytes = EncodeUpdate(typed);
  const std::optional<SmallUpdate> small = ReadSmallUpdate(bytes);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->first, Id(5, 7));
  EXPECT_EQ(small->length, 1U);
  ASSERT_EQ(small->Parents().size(), 1U);
  EXPECT_EQ(small->Parents()[0], Id(4, 7));
  ASSERT_EQ(small->Operations().size(), 1U);
  EXPECT_EQ(small->Operations()[0].reference, Id(4, 7));
  EXPECT_EQ(small->text, "x");
}

TEST(SmallUpdateTest, WhatRefersToTheUpdateItselfOrIsLargerIsNotRead) {
  const auto is_read = [](const Update& update) {
    const std::string bytes = EncodeUpdate(update);
    EXPECT_TRUE(DecodeUpdate(bytes).has_value());
    return ReadSmallUpdate(bytes).has_value();
  };
  Update deletes = Change();
  for (uint64_t i = 0; i < SmallUpdate::kOperationsMax; ++i) {
    deletes.AddDelete(Id(2, 10 + 2 * i), 1, /*backward=*/false);
  }
  EXPECT_FALSE(is_read(deletes)) << "it names too many replicas";
  Update replacement = Change();
  replacement.AddDelete(Id(2, 7), 2, /*backward=*/false);
  replacement.AddInsert(Id(1, 7), 3, "\u00e4bc");
  EXPECT_TRUE(is_read(replacement));
  replacement.AddDelete(Id(7, 7), 1, /*backward=*/false);
  EXPECT_FALSE(is_read(replacement)) << "it deletes what it inserted";

  Update three = Change();
  three.AddParent(Id(4, 8));
  three.AddInsert(kRoot, 1, "x");
  EXPECT_TRUE(is_read(three)) << "two parents";
  Update parents = Change();
  parents.AddParent(Id(4, 8));
  parents.AddParent(Id(4, 9));
  parents.AddInsert(kRoot, 1, "x");
  EXPECT_FALSE(is_read(parents)) << "three parents";

  Update first;
  first.BeginChange(ReplicaId{7}, 1);
  first.AddInsert(kRoot, 1, "x");
  EXPECT_FALSE(is_read(first)) << "no parent";
  Update two = Change();
  two.AddInsert(kRoot, 1, "x");
  two.BeginChange(ReplicaId{7}, 6);
  two.AddParent(Id(5, 7));
  two.AddInsert(kRoot, 1, "y");
  EXPECT_FALSE(is_read(two)) << "two changes";

  Update many = Change();
  for (uint64_t i = 0; i <= SmallUpdate::kOperationsMax; ++i) many.AddInsert(kRoot, 1, "x");
  EXPECT_FALSE(is_read(many)) << "five operations";
}

TEST(SmallUpdateTest, TextThatWasLeftOutIsNotRead) {
  Update deleted = Change();
  deleted.AddDelete(Id(2, 7), 1, /*backward=*/false);
  EXPECT_TRUE(ReadSmallUpdate(EncodeUpdate(deleted)).has_value());
  EXPECT_FALSE(ReadSmallUpdate(EncodeUpdate(deleted, {.drops_deleted_text = true})).has_value());
}

}  // namespace
}  // namespace cotext
