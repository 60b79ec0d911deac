#include "crdt/codec/update_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "crdt/change.h"
#include "crdt/codec/id_packer.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

UpdateReader ReaderOf(const Update& update) {
  return UpdateReader::Decode(EncodeUpdate(update), {}).value();
}

TEST(UpdateReaderTest, WhatIsCopiedInBitsAndPiecesIsTheSame) {
  ForEachSeed(200, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const Update update = replicas.Any().rga.ChangesSince(replicas.Any().rga.version_vector());
    const UpdateReader reader = ReaderOf(update);
    IdPacker packer;
    for (size_t i = 0; i < reader.update().changes.size(); ++i) {
      UpdateReader::Position at = reader.BeginningOf(i);
      UpdateReader::Position end = at;
      reader.Skip(end, reader.update().LengthOf(i));
      while (at.id != end.id) {
        const bool is_first = at.id == reader.BeginningOf(i).id;
        if (is_first || random.Chance(10)) reader.Begin(i, at, packer);
        const auto count = static_cast<uint32_t>(random.Between(1, end.id.counter - at.id.counter));
        ASSERT_TRUE(reader.Copy(at, count, packer, UINT64_MAX).has_value());
      }
      ASSERT_EQ(at.run, end.run);
      ASSERT_EQ(at.text, end.text);
    }
    ASSERT_EQ(AtomsOf(Unpack(packer.Take())), AtomsOf(update));
  });
}

TEST(UpdateReaderTest, CharactersThatFitAreWholeOnes) {
  Update update;
  update.BeginChange(ReplicaId{9}, 1);
  update.AddInsert(kRoot, 4, "a\u20ac\U0001f600b");
  const UpdateReader reader = ReaderOf(update);
  UpdateReader::Position at = reader.BeginningOf(0);
  constexpr std::array<uint32_t, 11> kExpected = {0, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4};
  for (size_t bytes = 0; bytes < kExpected.size(); ++bytes) {
    EXPECT_EQ(reader.CharactersIn(at, bytes), kExpected[bytes]) << bytes;
  }
  EXPECT_EQ(reader.Next(at, 2).text, "a\u20ac");
  EXPECT_EQ(reader.CharactersIn(at, 4), 1U);
  const UpdateReader::Part rest = reader.Next(at, 9);
  EXPECT_EQ(rest.text, "\U0001f600b");
  EXPECT_EQ(rest.reference, (OpId{.counter = 2, .replica = ReplicaId{9}}));
}

TEST(UpdateReaderTest, ChangesOfOneReplicaMayNotOverlapByASingleOperation) {
  for (const uint64_t parent : {1U, 2U}) {
    Update update;
    update.BeginChange(ReplicaId{9}, 1);
    update.AddInsert(kRoot, 2, "ab");
    update.BeginChange(ReplicaId{9}, parent + 1);
    update.AddParent(OpId{.counter = parent, .replica = ReplicaId{9}});
    update.AddInsert(kRoot, 1, "c");
    EXPECT_EQ(UpdateReader::Decode(EncodeUpdate(update), {}).has_value(), parent == 2) << parent;
  }
}

TEST(UpdateReaderTest, PartsAreCounted) {
  Update update;
  update.BeginChange(ReplicaId{9}, 1);
  update.AddInsert(kRoot, 4, "abcd");
  update.AddDelete(OpId{.counter = 1, .replica = ReplicaId{9}}, 2, /*backward=*/false);
  const UpdateReader reader = ReaderOf(update);
  for (const uint64_t parts_max : {1U, 2U}) {
    IdPacker packer;
    UpdateReader::Position at = reader.BeginningOf(0);
    reader.Begin(0, at, packer);
    const Expected<void> copied = reader.Copy(at, 6, packer, parts_max);
    ASSERT_EQ(copied.has_value(), parts_max == 2);
    if (!copied) EXPECT_EQ(copied.error().code, ErrorCode::kTooLarge);
  }
}

}  // namespace
}  // namespace cotext
