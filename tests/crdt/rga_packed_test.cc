// Packed updates: exported, converted, and integrated, beside the same changes by ids.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// Returns some version that a replica passed, or one it never had.
VersionVector SomeVersion(Random& random, TwinReplicas& replicas) {
  if (random.Chance(30)) return {};
  return replicas.Any().rga.version_vector();
}

// Returns what becomes of `length` visible characters, numbered from a million on: the numbers of
// those that stay and of the elements that are inserted.
std::vector<uint32_t> After(const std::vector<Rga::Effect>& effects, uint64_t length) {
  std::vector<uint32_t> text(length);
  std::iota(text.begin(), text.end(), 1'000'000U);
  for (const Rga::Effect& effect : effects) {
    const auto at = text.begin() + static_cast<ptrdiff_t>(effect.position);
    if (effect.erased > 0) {
      text.erase(at, at + static_cast<ptrdiff_t>(effect.erased));
      continue;
    }
    std::vector<uint32_t> inserted(effect.inserted.length);
    std::iota(inserted.begin(), inserted.end(), effect.inserted.first.value);
    text.insert(at, inserted.begin(), inserted.end());
  }
  return text;
}

TEST(RgaPackedTest, ExportsWhatChangesSinceExports) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const VersionVector known = SomeVersion(random, replicas);
    const Rga& rga = replicas.Any().rga;
    const Update changes = rga.ChangesSince(known);
    const PackedUpdate packed = rga.PackedSince(known);
    ASSERT_EQ(packed.changes.size(), changes.size());
    ASSERT_EQ(AtomsOf(Unpack(packed)), AtomsOf(changes));
    ASSERT_EQ(AtomsOf(Unpack(Pack(changes))), AtomsOf(changes));
  });
}

// A peer needs a few bytes for as many operations as it likes: it deletes the same again and again.
TEST(RgaPackedTest, ADocumentTakesNoMoreOperationsThanAnUpdateCanHold) {
  constexpr uint32_t kLength = uint32_t{1} << 20U;
  Rga rga(ReplicaId{1});
  ASSERT_TRUE(rga.Replace(0, 0, std::string(kLength, 'x')).has_value());
  Update update;
  update.BeginChange(ReplicaId{2}, kLength + 1);
  update.AddParent(OpId{.counter = kLength, .replica = ReplicaId{1}});
  for (uint64_t total = kLength; total <= PackedUpdate::kOperationsMax; total += kLength) {
    update.AddDelete(OpId{.counter = 1, .replica = ReplicaId{1}}, kLength, /*backward=*/false);
  }
  const Expected<void> integrated = rga.IntegrateAll(update);
  ASSERT_FALSE(integrated.has_value());
  EXPECT_EQ(integrated.error().code, ErrorCode::kTooLarge);
}

TEST(RgaPackedTest, IntegratesAsByIds) {
  uint64_t partly_known = 0;
  uint64_t refused = 0;
  ForEachSeed(600, [&](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(static_cast<int>(random.Between(1, 60)));
    Twin to = replicas.Any();
    // What it lacks, or somebody else does: then part of it is here, or what it depends on is not.
    const VersionVector known =
        random.Chance(50) ? to.rga.version_vector() : SomeVersion(random, replicas);
    const Rga& from = replicas.Any().rga;
    const Update changes = from.ChangesSince(known);
    const PackedUpdate packed =
        random.Chance(50)
            ? from.PackedSince(known)
            : DecodePackedUpdate(EncodeUpdate(changes, {.neighbours = random.Chance(50)})).value();
    if (!changes.empty() &&
        to.rga.version_vector().Covers(OpId{changes[0].first_counter, changes[0].replica})) {
      ++partly_known;
    }
    Rga by_ids = to.rga;
    std::vector<Rga::Effect> effects;
    Expected<void> result;
    for (size_t i = 0; i < changes.size() && result; ++i) {
      const auto done = by_ids.Integrate(changes[i], Rga::Effects::kCollect);
      if (done) {
        effects.insert(effects.end(), done->begin(), done->end());
      } else {
        result = std::unexpected(done.error());
      }
    }
    if (!result) ++refused;
    for (const auto wanted : {Rga::Effects::kCollect, Rga::Effects::kIgnore}) {
      Rga rga = to.rga;
      const Rga::Integration done = rga.IntegratePacked(packed, wanted);
      ASSERT_EQ(done.result.has_value(), result.has_value());
      if (!result) {
        ASSERT_EQ(done.result.error().code, result.error().code);
        ASSERT_EQ(done.result.error().message, result.error().message);
      }
      rga.CheckInvariants();
      ASSERT_EQ(TextOf(rga), TextOf(by_ids));
      ASSERT_EQ(AtomsOf(rga.ChangesSince({})), AtomsOf(by_ids.ChangesSince({})));
      if (wanted == Rga::Effects::kCollect) {
        const uint64_t length = to.rga.sequence().length();
        ASSERT_EQ(After(done.effects, length), After(effects, length));
      }
    }
  });
  EXPECT_GT(partly_known, 50U);
  EXPECT_GT(refused, 10U);
}

// One change of replica 2 with an operation that only ids can say: the element is not there.
PackedUpdate Referring(PackedOperation::Kind kind, uint32_t length, OpId id) {
  PackedUpdate update;
  update.replicas = {ReplicaId{2}};
  update.changes.push_back({.first_counter = 4});
  update.ids = {OpId{3, ReplicaId{1}}, id};
  update.parents = {Reference::Elsewhere(0)};
  update.operations = {{.length = length, .reference = Reference::Elsewhere(1), .kind = kind}};
  const bool inserts = kind == PackedOperation::Kind::kInsert;
  if (inserts) update.text = std::string(length, 'x');
  update.end = {.first_counter = 4,
                .operation = length,
                .element = inserts ? length : 0,
                .parents = 1,
                .runs = 1,
                .text = inserts ? length : 0};
  return update;
}

// A delete of all elements, of which no two have consecutive ids, is a few bytes and many parts.
TEST(RgaPackedTest, AnUpdateWhoseDeletesFallApartIsTakenAsOftenAsItComes) {
  constexpr uint64_t kElements = 1000;
  Update update;
  update.BeginChange(ReplicaId{2}, 1);
  for (uint64_t i = 0; i < kElements; ++i) {
    update.AddInsert(kRoot, 1, "x");
    update.AddDelete(OpId{2 * i + 1, ReplicaId{2}}, 1, /*backward=*/false);
  }
  Update known;
  known.Append(update);
  for (uint64_t i = 0; i < 200 * kElements; ++i) {
    update.AddDelete(OpId{2 * (i % kElements) + 1, ReplicaId{2}}, 1, /*backward=*/false);
  }
  const PackedUpdate packed = Pack(update);
  EXPECT_EQ(CountParts(packed), 201 * kElements);
  EXPECT_LT(packed.operations.size(), 3 * kElements);
  for (const auto wanted : {Rga::Effects::kCollect, Rga::Effects::kIgnore}) {
    Rga rga(ReplicaId{1});
    ASSERT_TRUE(rga.IntegratePacked(packed, wanted).result.has_value());
    const VersionVector version = rga.version_vector();
    ASSERT_TRUE(rga.IntegratePacked(packed, wanted).result.has_value()) << "all of it is known";
    EXPECT_EQ(rga.version_vector(), version);
    Rga partly(ReplicaId{1});
    ASSERT_TRUE(partly.IntegrateAll(known).has_value());
    ASSERT_TRUE(partly.IntegratePacked(packed, wanted).result.has_value());
    partly.CheckInvariants();
    EXPECT_EQ(partly.version_vector(), version);
    EXPECT_EQ(partly.PackedSince({}).operations, rga.PackedSince({}).operations);
  }
}

TEST(RgaPackedTest, AnUpdateIsUnpackedBitByBit) {
  uint64_t cut = 0;
  ForEachSeed(300, [&cut](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const Rga& rga = replicas.Any().rga;
    const PackedUpdate packed = rga.PackedSince({});
    const uint64_t parts_max = random.Between(1, 5);
    Rga other(ReplicaId{50});
    uint64_t parts = 0;
    for (Unpacker unpacker(packed); !unpacker.is_done();) {
      const Update some = unpacker.Next(parts_max);
      uint64_t here = 0;
      for (size_t i = 0; i < some.size(); ++i) {
        for (const Operation& operation : some[i].operations) {
          if (operation.kind == Operation::Kind::kDelete) ++here;
        }
      }
      ASSERT_LE(here, parts_max);
      parts += here;
      if (!unpacker.is_done()) {
        ++cut;
        ASSERT_EQ(here, parts_max);
      }
      ASSERT_TRUE(other.IntegrateAll(some).has_value());
    }
    EXPECT_EQ(parts, CountParts(packed));
    EXPECT_EQ(TextOf(other), TextOf(rga));
    EXPECT_EQ(AtomsOf(other.ChangesSince({})), AtomsOf(rga.ChangesSince({})));
  });
  EXPECT_GT(cut, 100U);
}

TEST(RgaPackedTest, WhatIsMovedIsGivenBackToMemoryBeforeItIsPutInOrder) {
  Rga author(ReplicaId{1});
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(author.Replace(i / 2, 0, "ab").has_value());
  PackedUpdate update = author.PackedSince({});
  const PackedUpdate kept = update;
  Rga copying(ReplicaId{2});
  ASSERT_TRUE(copying.IntegratePacked(update, Rga::Effects::kIgnore).result.has_value());
  EXPECT_EQ(update.text, kept.text);
  EXPECT_EQ(update.operations, kept.operations);
  Rga moving(ReplicaId{2});
  ASSERT_TRUE(moving.IntegratePacked(std::move(update), Rga::Effects::kIgnore).result.has_value());
  EXPECT_LT(update.text.capacity(), 100U);        // NOLINT: moved from, and looked at.
  EXPECT_LT(update.operations.capacity(), 100U);  // NOLINT
  EXPECT_EQ(TextOf(moving), TextOf(author));
  EXPECT_EQ(TextOf(copying), TextOf(author));
  moving.CheckInvariants();
}

TEST(RgaPackedTest, ReferencesElsewhereAreChecked) {
  using Kind = PackedOperation::Kind;
  Rga before(ReplicaId{1});
  ASSERT_TRUE(before.Replace(0, 0, "abc").has_value());
  const auto integrate = [&before](const PackedUpdate& update) -> std::string {
    Rga rga = before;
    const Rga::Integration done = rga.IntegratePacked(update, Rga::Effects::kIgnore);
    rga.CheckInvariants();
    return done.result ? TextOf(rga) : std::string(ErrorName(done.result.error().code));
  };
  EXPECT_EQ(integrate(Referring(Kind::kInsert, 2, OpId{2, ReplicaId{1}})), "abxxc");
  EXPECT_EQ(integrate(Referring(Kind::kInsert, 2, OpId{2, ReplicaId{9}})), "unknown_origin");
  EXPECT_EQ(integrate(Referring(Kind::kInsert, 2, OpId{4, ReplicaId{9}})), "origin_not_smaller");
  EXPECT_EQ(integrate(Referring(Kind::kDeleteForward, 2, OpId{2, ReplicaId{1}})), "a");
  EXPECT_EQ(integrate(Referring(Kind::kDeleteForward, 3, OpId{2, ReplicaId{1}})), "unknown_target");
  EXPECT_EQ(integrate(Referring(Kind::kDeleteBackward, 2, OpId{2, ReplicaId{1}})), "c");
  EXPECT_EQ(integrate(Referring(Kind::kDeleteBackward, 3, OpId{2, ReplicaId{1}})), "invalid_id");
}

// Replica 1 inserts a to d; at the same time, after c, replica 2 refers to d, whose id is less than
// that of its change, but has the same counter.
TEST(RgaPackedTest, AnElementWithTheCounterOfAChangeIsNotBeforeIt) {
  Update before;
  before.BeginChange(ReplicaId{1}, 1);
  before.AddInsert(kRoot, 4, "abcd");
  const OpId c{.counter = 3, .replica = ReplicaId{1}};
  const OpId d{.counter = 4, .replica = ReplicaId{1}};
  const auto integrate = [&](const auto& add_operation) -> std::vector<std::string> {
    Update change;
    change.BeginChange(ReplicaId{2}, 4);
    change.AddParent(c);
    add_operation(change);
    Update both = before;
    both.Append(change);
    std::vector<std::string> results;
    // With d here, and with d in the same update.
    for (const bool here : {true, false}) {
      Rga rga(ReplicaId{9});
      if (here) EXPECT_TRUE(rga.IntegrateAll(before).has_value());
      const auto done = rga.IntegratePacked(Pack(here ? change : both), Rga::Effects::kIgnore);
      rga.CheckInvariants();
      results.push_back(done.result ? TextOf(rga)
                                    : std::string(ErrorName(done.result.error().code)));
    }
    return results;
  };
  const auto twice = [](const std::string& result) { return std::vector(2, result); };
  EXPECT_EQ(integrate([&](Update& to) { to.AddInsert(c, 1, "x"); }), twice("abcxd"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddInsert(d, 1, "x"); }), twice("unknown_origin"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddDelete(c, 1, /*backward=*/false); }), twice("abd"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddDelete(d, 1, /*backward=*/false); }),
            twice("unknown_target"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddDelete(c, 2, /*backward=*/false); }),
            twice("unknown_target"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddDelete(c, 2, /*backward=*/true); }), twice("ad"));
  EXPECT_EQ(integrate([&](Update& to) { to.AddDelete(d, 2, /*backward=*/true); }),
            twice("unknown_target"));
}

// A change that only ResolveChange could accept counts as its replica's last one, too.
TEST(RgaPackedTest, AChangeMustComeAfterItsReplicasPreviousOneHoweverThatWasChecked) {
  constexpr ReplicaId kA{1};
  constexpr ReplicaId kB{2};
  constexpr ReplicaId kC{3};
  constexpr ReplicaId kX{4};
  // a and b have consecutive ids, but what b is numbered here is not next to a.
  Rga a(kA);
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(a.Replace(0, 0, "a").has_value());
  ASSERT_TRUE(rga.IntegrateAll(a.ChangesSince({})).has_value());
  for (const ReplicaId other : {kB, kC}) {
    Rga one(other);
    ASSERT_TRUE(one.Replace(0, 0, "1234").has_value());
    ASSERT_TRUE(rga.IntegrateAll(one.ChangesSince({})).has_value());
  }
  ASSERT_TRUE(a.Replace(1, 0, "b").has_value());
  ASSERT_TRUE(rga.IntegrateAll(a.ChangesSince(rga.version_vector())).has_value());
  Update update;
  update.BeginChange(kX, 5);
  for (const OpId parent : {OpId{2, kA}, OpId{4, kB}, OpId{4, kC}}) update.AddParent(parent);
  update.AddDelete(OpId{1, kA}, 2, /*backward=*/false);
  update.BeginChange(kX, 7);
  update.AddParent(OpId{6, kX});
  update.AddInsert(kRoot, 1, "x");
  Rga good = rga;
  ASSERT_TRUE(good.IntegratePacked(Pack(update), Rga::Effects::kIgnore).result.has_value());
  // Somebody else's operation of that counter, which is before or beside X's.
  Rga other(ReplicaId{5});
  ASSERT_TRUE(other.Replace(0, 0, "123456").has_value());
  ASSERT_TRUE(rga.IntegrateAll(other.ChangesSince({})).has_value());
  Update bad;
  bad.Append(update[0]);
  bad.BeginChange(kX, 7);
  bad.AddParent(OpId{6, ReplicaId{5}});
  bad.AddInsert(kRoot, 1, "x");
  const Rga::Integration done = rga.IntegratePacked(Pack(bad), Rga::Effects::kIgnore);
  ASSERT_FALSE(done.result.has_value());
  EXPECT_EQ(done.result.error().code, ErrorCode::kIncompleteParents);
}

// Two replicas take turns at a line, then a third deletes it over and over: one operation each time
// in the update's own numbers, as many as there are characters by ids.
TEST(RgaPackedTest, DeletesThatFallApartByIdsAreLimitedThereOnly) {
  constexpr uint64_t kCharacters = 500;
  Update update;
  OpId last = kRoot;
  std::vector<OpId> line;
  for (uint64_t i = 1; i <= kCharacters; ++i) {
    const OpId id{.counter = i, .replica = ReplicaId{1 + i % 2}};
    update.BeginChange(id.replica, i);
    if (last != kRoot) update.AddParent(last);
    update.AddInsert(last, 1, "x");
    line.push_back(id);
    last = id;
  }
  update.BeginChange(ReplicaId{3}, kCharacters + 1);
  update.AddParent(last);
  for (int i = 0; i < 400; ++i) {
    for (const OpId id : line) update.AddDelete(id, 1, /*backward=*/false);
  }
  const PackedUpdate packed = Pack(update);
  ASSERT_LT(packed.operations.size(), 1'000U);
  const std::string bytes = EncodePackedUpdate(packed);
  EXPECT_EQ(DecodeUpdate(bytes).error().code, ErrorCode::kTooLarge);
  Rga rga(ReplicaId{9});
  EXPECT_TRUE(rga.IntegratePacked(packed, Rga::Effects::kIgnore).result.has_value());
  EXPECT_EQ(TextOf(rga), "");
  // Once more, to be compared with what is there.
  EXPECT_TRUE(rga.IntegratePacked(packed, Rga::Effects::kIgnore).result.has_value());
  rga.CheckInvariants();
}

TEST(RgaPackedTest, TextThatWasLeftOutAgreesWithAnyAndIsFilledUp) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(50);
    const Rga& full = replicas.Any().rga;
    const std::string compact = EncodePackedUpdate(
        full.PackedSince({}), {.neighbours = random.Chance(50), .drops_deleted_text = true});
    const PackedUpdate decoded = DecodePackedUpdate(compact).value();
    Rga stripped(ReplicaId{888'888});
    ASSERT_TRUE(stripped.IntegratePacked(decoded, Rga::Effects::kIgnore).result.has_value());
    stripped.CheckInvariants();
    ASSERT_EQ(TextOf(stripped), TextOf(full));
    // Both ways, whoever knows what: nothing conflicts.
    Rga again = full;
    ASSERT_TRUE(again.IntegratePacked(decoded, Rga::Effects::kIgnore).result.has_value());
    ASSERT_TRUE(stripped.IntegrateAll(full.ChangesSince({})).has_value());
    ASSERT_EQ(TextOf(again), TextOf(full));
    // And it goes on among the others.
    Twin& other = replicas.Any();
    ASSERT_TRUE(
        stripped.IntegrateAll(other.rga.ChangesSince(stripped.version_vector())).has_value());
    ASSERT_TRUE(stripped.Replace(0, 0, "new").has_value());
    ASSERT_TRUE(
        other.rga.IntegrateAll(stripped.ChangesSince(other.rga.version_vector())).has_value());
    ASSERT_EQ(TextOf(stripped), TextOf(other.rga));
  });
}

}  // namespace
}  // namespace cotext
