// What people type, integrated a keystroke at a time in the quick way, beside the same by ids.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/small_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// Somebody who types, and jumps from time to time.
struct Writer {
  Rga rga;
  uint64_t caret = 0;
};

void Press(Random& random, Writer& writer) {
  const uint64_t length = writer.rga.sequence().length();
  writer.caret = std::min(writer.caret, length);
  if (random.Chance(10)) writer.caret = random.Below(length + 1);
  constexpr std::array<const char*, 5> kKeys = {"a", "\n", "\u00e4", "\U0001f600", "word"};
  const std::string text = random.Chance(80) ? "a" : kKeys[random.Below(kKeys.size())];
  const auto count = std::min<uint64_t>(random.Between(1, random.Chance(20) ? 6 : 1), length);
  if (random.Chance(60) || length == 0) {
    ASSERT_TRUE(writer.rga.Replace(writer.caret, 0, text).has_value());
    writer.caret += writer.rga.sequence().length() - length;
  } else if (random.Chance(70) && writer.caret >= count) {
    writer.caret -= count;
    ASSERT_TRUE(writer.rga.Replace(writer.caret, count, "").has_value());
  } else {
    const uint64_t rest = std::min(count, length - writer.caret);
    ASSERT_TRUE(writer.rga.Replace(writer.caret, rest, random.Chance(50) ? "" : text).has_value());
  }
}

// Brings what is new in `from` to somebody else.
void Bring(const Rga& from, Rga& to) { MustIntegrate(to, from.ChangesSince(to.version_vector())); }

void CheckSame(const Rga& rga, const Rga& expected) {
  ASSERT_EQ(TextOf(rga), TextOf(expected));
  ASSERT_EQ(rga.version_vector(), expected.version_vector());
  ASSERT_EQ(AtomsOf(rga.ChangesSince({})), AtomsOf(expected.ChangesSince({})));
  rga.CheckInvariants();
}

// Two write and hear of each other now and then; a reader, who edits too, gets every change as it
// is made. Returns of how many the reader took the quick way.
uint64_t ReadAlong(Random& random, Rga::Effects wanted, uint64_t keys) {
  const SequenceOptions options = random.Chance(50) ? kTinySequence : SequenceOptions{};
  std::vector<Writer> writers;
  writers.push_back({.rga = Rga(ReplicaId{random.Between(10, 20)}, options)});
  writers.push_back({.rga = Rga(ReplicaId{random.Between(30, 40)}, options)});
  Rga reader(ReplicaId{random.Between(1, 60) * 100}, options);
  Rga expected = reader;
  uint64_t quick = 0;
  for (uint64_t key = 0; key < keys && !testing::Test::HasFailure(); ++key) {
    Writer& writer = writers[random.Chance(80) ? 0 : 1];
    if (random.Chance(10)) {
      Bring(writers[0].rga, writers[1].rga);
      Bring(writers[1].rga, writers[0].rga);
    }
    Press(random, writer);
    const Update news = writer.rga.ChangesSince(reader.version_vector());
    for (size_t i = 0; i < news.size(); ++i) {
      Update one;
      one.Append(news[i]);
      const std::string bytes = EncodeUpdate(one);
      const std::optional<SmallUpdate> small = ReadSmallUpdate(bytes);
      const auto by_ids = expected.Integrate(news[i], wanted);
      EXPECT_TRUE(by_ids.has_value());
      if (const auto taken = small ? reader.TryIntegrate(*small, wanted) : std::nullopt) {
        ++quick;
        EXPECT_EQ(taken->size(), by_ids->size());
        for (size_t at = 0; at < taken->size(); ++at) {
          EXPECT_EQ((*taken)[at].position, (*by_ids)[at].position);
          EXPECT_EQ((*taken)[at].erased, (*by_ids)[at].erased);
          EXPECT_EQ((*taken)[at].inserted, (*by_ids)[at].inserted);
        }
      } else {
        EXPECT_TRUE(reader.IntegratePacked(*DecodePackedUpdate(bytes), wanted).result.has_value());
      }
    }
    if (random.Chance(15)) {
      const uint64_t at = random.Below(reader.sequence().length() + 1);
      EXPECT_TRUE(reader.Replace(at, 0, "r").has_value());
      EXPECT_TRUE(expected.Replace(at, 0, "r").has_value());
      if (random.Chance(50)) Bring(reader, writer.rga);
    }
    if (random.Chance(10)) CheckSame(reader, expected);
  }
  CheckSame(reader, expected);
  return quick;
}

TEST(RgaKeystrokesTest, AreIntegratedAsByIds) {
  for (const Rga::Effects wanted : {Rga::Effects::kIgnore, Rga::Effects::kCollect}) {
    uint64_t quick = 0;
    ForEachSeed(150, [&](Random& random) { quick += ReadAlong(random, wanted, 150); });
    EXPECT_GT(quick, 100 * 150U) << "of " << 150 * 150;
  }
}

// The parts of an update that was refused must not be there.
TEST(RgaKeystrokesTest, WhatIsNotSimpleChangesNothing) {
  constexpr ReplicaId kA{1};
  constexpr ReplicaId kB{2};
  Rga rga(ReplicaId{9});
  Rga a(kA);
  ASSERT_TRUE(a.Replace(0, 0, "abc").has_value());
  Bring(a, rga);
  const std::string before = TextOf(rga);
  const auto is_taken = [&rga](const Update& update) {
    const std::string bytes = EncodeUpdate(update);
    const std::optional<SmallUpdate> small = ReadSmallUpdate(bytes);
    EXPECT_TRUE(small.has_value());
    return small && rga.TryIntegrate(*small, Rga::Effects::kIgnore).has_value();
  };
  const auto change = [](ReplicaId replica, OpId parent) {
    Update update;
    update.BeginChange(replica, parent.counter + 1);
    update.AddParent(parent);
    return update;
  };
  Update here = change(kA, OpId{2, kA});
  here.AddInsert(OpId{2, kA}, 1, "c");
  EXPECT_FALSE(is_taken(here)) << "it is here already";
  Update unknown_parent = change(kB, OpId{7, kB});
  unknown_parent.AddInsert(OpId{3, kA}, 1, "x");
  EXPECT_FALSE(is_taken(unknown_parent));
  Update unknown_origin = change(kB, OpId{3, kA});
  unknown_origin.AddInsert(OpId{3, kB}, 1, "x");
  EXPECT_FALSE(is_taken(unknown_origin));
  Update second_is_unknown = change(kB, OpId{3, kA});
  second_is_unknown.AddInsert(OpId{3, kA}, 1, "x");
  second_is_unknown.AddDelete(OpId{3, kB}, 1, /*backward=*/false);
  EXPECT_FALSE(is_taken(second_is_unknown));
  Update own_counter = change(kB, OpId{2, kA});
  own_counter.AddDelete(OpId{3, kA}, 1, /*backward=*/false);
  EXPECT_FALSE(is_taken(own_counter)) << "whoever made it did not know the element";
  Update too_many = change(kB, OpId{3, kA});
  too_many.AddDelete(OpId{2, kA}, 3, /*backward=*/false);
  EXPECT_FALSE(is_taken(too_many));
  EXPECT_EQ(TextOf(rga), before);
  EXPECT_EQ(rga.history().graph.end(), a.history().graph.end());

  Update good = change(kB, OpId{3, kA});
  good.AddInsert(OpId{3, kA}, 1, "x");
  EXPECT_TRUE(is_taken(good));
  // Its author did not know its own last edit.
  Update forgetful = change(kB, OpId{4, ReplicaId{5}});
  forgetful.AddInsert(OpId{3, kA}, 1, "y");
  Update other = change(ReplicaId{5}, OpId{3, kA});
  other.AddInsert(OpId{1, kA}, 1, "z");
  EXPECT_TRUE(is_taken(other));
  EXPECT_FALSE(is_taken(forgetful));
  rga.CheckInvariants();
}

TEST(RgaKeystrokesTest, ADocumentTellsItsListenersAndRefusesInsideATransaction) {
  RgaDocument document(ReplicaId{9});
  RgaDocument peer(ReplicaId{1});
  ASSERT_TRUE(peer.Insert(CodePointOffset{0}, "ab").has_value());
  ASSERT_TRUE(document.Merge(*peer.EncodeSince(document.version())).has_value());
  std::string heard = document.Text();
  std::optional<ErrorCode> inside;
  std::string late;
  document.Subscribe([&](const DeltaEvent& event) {
    heard = *Apply(event.delta, heard);
    EXPECT_EQ(event.origin, EditOrigin::kRemote);
    const auto merged = document.Merge(late);
    if (!merged) inside = merged.error().code;
  });
  ASSERT_TRUE(peer.Insert(CodePointOffset{1}, "x").has_value());
  const std::string update = *peer.EncodeSince(document.version());
  ASSERT_TRUE(ReadSmallUpdate(update).has_value());
  late = update;
  ASSERT_TRUE(document.Merge(update).has_value());
  EXPECT_EQ(heard, "axb");
  EXPECT_EQ(inside, ErrorCode::kReentrantEdit);
  ASSERT_TRUE(peer.Insert(CodePointOffset{1}, "y").has_value());
  const std::string next = *peer.EncodeSince(document.version());
  std::optional<ErrorCode> code;
  document.Transact([&] {
    const auto merged = document.Merge(next);
    if (!merged) code = merged.error().code;
  });
  EXPECT_EQ(code, ErrorCode::kTransactionOpen);
  EXPECT_EQ(document.Text(), "axb");
}

}  // namespace
}  // namespace cotext
