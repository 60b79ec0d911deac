#include "crdt/codec/update_tools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_reader.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/allocated_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// A tool may ask for this much in all, and this much per byte of its input: what the decoder asks
// for, and for each part an operation, an id, stretches and positions, in vectors that double.
constexpr uint64_t kAllocationMin = 4'096;
constexpr uint64_t kAllocationPerByte = 1'024;

// Returns what `run` returns, and holds it to those limits.
template <typename Run>
auto Measured(size_t bytes, Run run) {
  const uint64_t before = allocated_bytes;
  auto result = run();
  EXPECT_LE(allocated_bytes - before, kAllocationMin + kAllocationPerByte * bytes);
  return result;
}

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

VersionVector Version(std::initializer_list<OpId> ids) {
  VersionVector version;
  for (const OpId id : ids) version.Observe(id);
  return version;
}

// Returns some way to encode an update; without loss unless `may_drop_text`.
UpdateEncoding AnyEncoding(Random& random, bool may_drop_text) {
  return UpdateEncoding{.neighbours = random.Chance(50),
                        .drops_deleted_text = may_drop_text && random.Chance(50)};
}

Atoms Decoded(std::string_view bytes) {
  const Expected<Update> update = DecodeUpdate(bytes);
  EXPECT_TRUE(update.has_value()) << update.error().message;
  return update ? AtomsOf(*update) : Atoms();
}

std::vector<std::string_view> Views(const std::vector<std::string>& updates) {
  return {updates.begin(), updates.end()};
}

std::string Merged(const std::vector<std::string>& updates) {
  const Expected<std::string> merged = MergeUpdates(Views(updates));
  EXPECT_TRUE(merged.has_value()) << merged.error().message;
  return merged.value_or(std::string());
}

template <typename T>
void Shuffle(Random& random, std::vector<T>& values) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.Below(i)]);
}

// Integrates what bytes hold, which must be accepted.
void MustIntegrateBytes(Rga& rga, std::string_view bytes) {
  const Expected<PackedUpdate> update = DecodePackedUpdate(bytes);
  ASSERT_TRUE(update.has_value()) << update.error().message;
  const auto done = rga.IntegratePacked(*update, Rga::Effects::kIgnore).result;
  ASSERT_TRUE(done.has_value()) << done.error().message;
}

// Returns changes [begin, end) as an update.
std::string Encoded(const std::vector<LooseChange>& changes, size_t begin, size_t end,
                    const UpdateEncoding& encoding = {}) {
  Update update;
  for (size_t i = begin; i < end; ++i) update.Append(changes[i].view());
  return EncodeUpdate(update, encoding);
}

// Returns updates that hold all of a history between them, cut anew, overlapping, in any order.
std::vector<std::string> Shreds(Random& random, const Update& history, bool may_drop_text) {
  std::vector<std::string> shreds;
  for (uint64_t copies = random.Between(1, 3); copies > 0; --copies) {
    const std::vector<LooseChange> changes = CutAnew(random, history);
    for (size_t begin = 0; begin < changes.size();) {
      const size_t end = begin + random.Between(1, changes.size() - begin);
      shreds.push_back(Encoded(changes, begin, end, AnyEncoding(random, may_drop_text)));
      // The first copy leaves nothing out.
      begin = copies == 1 ? end : end + random.Below(4);
    }
  }
  Shuffle(random, shreds);
  return shreds;
}

// Returns keystrokes of one replica, each an update: typing, with every fifth a backspace.
std::vector<std::string> Keystrokes(Random& random, Rga& rga, size_t count) {
  std::vector<std::string> updates;
  uint64_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const VersionVector before = rga.version_vector();
    const uint64_t length = rga.sequence().length();
    if (random.Chance(3)) at = random.Below(length + 1);
    if (at > 0 && random.Chance(20)) {
      EXPECT_TRUE(rga.Replace(--at, 1, "").has_value());
    } else {
      EXPECT_TRUE(rga.Replace(at++, 0, random.Chance(90) ? "a" : "\u20ac").has_value());
    }
    updates.push_back(EncodePackedUpdate(rga.PackedSince(before)));
  }
  return updates;
}

// What an update needs and where it reaches.

TEST(UpdateToolsTest, AnUpdateNeedsTheParentsThatItDoesNotBring) {
  Update update;
  update.BeginChange(ReplicaId{7}, 6);
  update.AddParent(Id(3, 5));
  update.AddParent(Id(5, 300));
  update.AddInsert(kRoot, 2, "ab");
  update.BeginChange(ReplicaId{5}, 8);
  update.AddParent(Id(7, 7));
  update.AddDelete(Id(6, 7), 1, /*backward=*/false);
  const Expected<UpdateRange> range = RangeOfUpdate(EncodeUpdate(update));
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->needs, Version({Id(3, 5), Id(5, 300)}));
  EXPECT_EQ(range->reaches, Version({Id(8, 5), Id(7, 7)}));
}

TEST(UpdateToolsTest, AnEmptyUpdateNeedsAndReachesNothing) {
  const Expected<UpdateRange> range = RangeOfUpdate(EncodeUpdate(Update()));
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range->needs.empty());
  EXPECT_TRUE(range->reaches.empty());
}

TEST(UpdateToolsTest, TheRangeIsReadWithoutOperationsAndText) {
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(rga.Replace(0, 0, "abc").has_value());
  const std::string bytes = EncodePackedUpdate(rga.PackedSince({}));
  const Expected<UpdateRange> range = RangeOfUpdate(bytes.substr(0, bytes.size() - 5));
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->reaches, Version({Id(3, 9)}));
  EXPECT_FALSE(RangeOfUpdate(bytes.substr(0, bytes.size() - 6)).has_value());
}

TEST(UpdateToolsTest, AnUpdateIsAcceptedWhereWhatItNeedsIsKnownAndNowhereElse) {
  std::array<uint64_t, 2> outcomes{};
  ForEachSeed(400, [&outcomes](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const std::vector<LooseChange> changes =
        CutAnew(random, replicas.Any().rga.ChangesSince(replicas.Any().rga.version_vector()));
    const size_t begin = random.Chance(50) ? 0 : random.Below(changes.size() + 1);
    const std::string bytes =
        Encoded(changes, begin, changes.size(), AnyEncoding(random, /*may_drop_text=*/true));
    const UpdateRange range = RangeOfUpdate(bytes).value();
    Rga to = replicas.Any().rga;
    VersionVector version = to.version_vector();
    const bool applies = version.Covers(range.needs);
    ++outcomes[applies ? 1 : 0];
    const auto done =
        to.IntegratePacked(DecodePackedUpdate(bytes).value(), Rga::Effects::kIgnore).result;
    ASSERT_EQ(done.has_value(), applies);
    if (!applies) return;
    version.Join(range.reaches);
    ASSERT_EQ(to.version_vector(), version);
  });
  EXPECT_GT(outcomes[0], 20U);
  EXPECT_GT(outcomes[1], 20U);
}

// Slices.

TEST(UpdateToolsTest, ASliceThatBeginsInsideAChangeHasTheOperationBeforeAsParent) {
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(rga.Replace(0, 0, "a\u20acbc").has_value());
  const std::string bytes = EncodePackedUpdate(rga.PackedSince({}));
  const Update slice =
      DecodeUpdate(SliceUpdate(bytes, Version({Id(2, 9), Id(50, 8)})).value()).value();
  ASSERT_EQ(slice.size(), 1U);
  EXPECT_EQ(slice[0].first_counter, 3U);
  EXPECT_EQ(slice[0].parents[0], Id(2, 9));
  EXPECT_EQ(slice[0].operations[0].reference, Id(2, 9));
  EXPECT_EQ(slice[0].text, "bc");
}

TEST(UpdateToolsTest, SlicesHoldWhatIsNotKnownInTheEncodingOfTheWhole) {
  ForEachSeed(400, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const Rga& from = replicas.Any().rga;
    const VersionVector base = random.Chance(50) ? VersionVector() : from.version_vector();
    const std::string bytes = EncodeUpdate(replicas.Any().rga.ChangesSince(base),
                                           AnyEncoding(random, /*may_drop_text=*/true));
    const VersionVector known = replicas.Any().rga.version_vector();
    const Expected<std::string> slice = SliceUpdate(bytes, known);
    ASSERT_TRUE(slice.has_value()) << slice.error().message;
    Atoms expected = Decoded(bytes);
    std::erase_if(expected, [&known](const auto& atom) { return known.Covers(atom.first); });
    ASSERT_EQ(Decoded(*slice), expected);
    ASSERT_EQ(SliceUpdate(bytes, {}).value(), bytes);
    ASSERT_EQ(SliceUpdate(*slice, known).value(), *slice);
  });
}

TEST(UpdateToolsTest, ASliceThatIsAllOfAnUpdateIsItHoweverItWasWritten) {
  const std::string bytes("\x01\x01\x05\x01\0\x08\0\x01x", 9);  // With a count of one change.
  EXPECT_EQ(SliceUpdate(bytes, {}).value(), bytes);
}

TEST(UpdateToolsTest, SlicesOfStoredUpdatesAreWhatAPeerLacks) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(60);
    const Rga& from = replicas.Any().rga;
    Rga to = replicas.Any().rga;
    const std::vector<LooseChange> changes = CutAnew(random, from.ChangesSince({}));
    for (size_t begin = 0; begin < changes.size();) {
      const size_t end = begin + random.Between(1, changes.size() - begin);
      const std::string stored = Encoded(changes, begin, end);
      begin = end;
      const std::string slice = SliceUpdate(stored, to.version_vector()).value();
      ASSERT_NO_FATAL_FAILURE(MustIntegrateBytes(to, slice));
    }
    ASSERT_TRUE(to.version_vector().Covers(from.version_vector()));
    Rga other = from;
    ASSERT_TRUE(other.IntegrateAll(to.ChangesSince(other.version_vector())).has_value());
    ASSERT_EQ(TextOf(to), TextOf(other));
  });
}

// Merges.

TEST(UpdateToolsTest, KeystrokesOfOneReplicaBecomeOneChange) {
  Rga rga(ReplicaId{9});
  std::vector<std::string> updates;
  for (const std::string_view key : {"a", "b", "c"}) {
    const VersionVector before = rga.version_vector();
    ASSERT_TRUE(rga.Replace(rga.sequence().length(), 0, key).has_value());
    updates.push_back(EncodePackedUpdate(rga.PackedSince(before)));
  }
  std::ranges::reverse(updates);
  EXPECT_EQ(Merged(updates), EncodePackedUpdate(rga.PackedSince({})));
}

TEST(UpdateToolsTest, MergingNothingIsAnEmptyUpdate) {
  EXPECT_EQ(Merged({}), EncodeUpdate(Update()));
  EXPECT_EQ(Merged({EncodeUpdate(Update()), EncodeUpdate(Update())}), EncodeUpdate(Update()));
}

TEST(UpdateToolsTest, WhatWasCutInDifferentPlacesIsThereOnce) {
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(rga.Replace(0, 0, "abcdefgh").has_value());
  ASSERT_TRUE(rga.Replace(2, 4, "").has_value());
  const std::string whole = EncodePackedUpdate(rga.PackedSince({}));
  std::vector<std::string> updates;
  for (const uint64_t known : {10U, 3U, 7U, 1U}) {
    updates.push_back(SliceUpdate(whole, Version({Id(known, 9)})).value());
  }
  EXPECT_EQ(Merged(updates), SliceUpdate(whole, Version({Id(1, 9)})).value());
  updates.push_back(whole);
  EXPECT_EQ(Merged(updates), whole);
}

TEST(UpdateToolsTest, AGapBetweenUpdatesStaysOne) {
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(rga.Replace(0, 0, "abc").has_value());
  const VersionVector middle = rga.version_vector();
  ASSERT_TRUE(rga.Replace(3, 0, "def").has_value());
  const std::string first = EncodePackedUpdate(rga.PackedSince({}));
  ASSERT_TRUE(rga.Replace(6, 0, "ghi").has_value());
  const std::string tail =
      SliceUpdate(EncodePackedUpdate(rga.PackedSince(middle)), Version({Id(6, 9)})).value();
  Rga young(ReplicaId{9});
  ASSERT_TRUE(young.Replace(0, 0, "abc").has_value());
  const std::string head = EncodePackedUpdate(young.PackedSince({}));
  const std::string merged = Merged({tail, head});
  EXPECT_EQ(DecodeUpdate(merged).value().size(), 2U);
  EXPECT_EQ(RangeOfUpdate(merged).value().needs, Version({Id(6, 9)}));
  EXPECT_EQ(Merged({merged, first}), EncodePackedUpdate(rga.PackedSince({})));
}

// Nobody accepts the last change, which does not come after its replica's previous one, and merging
// must not mend that.
TEST(UpdateToolsTest, AChangeBehindAnotherReplicasOperationIsNotJoined) {
  Update update;
  for (const uint64_t replica : {uint64_t{7}, uint64_t{8}}) {
    update.BeginChange(ReplicaId{replica}, 1);
    update.AddInsert(kRoot, 2, "ab");
  }
  update.BeginChange(ReplicaId{7}, 3);
  update.AddParent(Id(2, 8));
  update.AddInsert(Id(2, 7), 1, "c");
  update.AddInsert(Id(3, 8), 1, "d");  // Of the counter before, but not the element before.
  EXPECT_EQ(Decoded(Merged({EncodeUpdate(update)})), AtomsOf(update));
}

TEST(UpdateToolsTest, AnyUpdatesInAnyOrderMergeToTheUnionOfTheirOperations) {
  ForEachSeed(400, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    std::vector<std::string> updates;
    Atoms expected;
    for (uint64_t count = random.Between(1, 6); count > 0; --count) {
      const Rga& rga = replicas.Any().rga;
      const VersionVector known =
          random.Chance(30) ? VersionVector() : replicas.Any().rga.version_vector();
      const std::vector<LooseChange> changes = CutAnew(random, rga.ChangesSince(known));
      const size_t begin = random.Below(changes.size() + 1);
      const size_t end = random.Between(begin, changes.size());
      updates.push_back(Encoded(changes, begin, end, AnyEncoding(random, /*may_drop_text=*/false)));
      expected.merge(Decoded(updates.back()));
    }
    const std::string merged = Merged(updates);
    ASSERT_EQ(Decoded(merged), expected);
    ASSERT_TRUE(CheckOrder(DecodePackedUpdate(merged).value()).has_value());
    // The same bytes in any order, with duplicates, and in steps.
    ASSERT_EQ(Merged({merged}), merged);
    const std::vector<std::string> half(
        updates.begin(), updates.begin() + static_cast<ptrdiff_t>(random.Below(updates.size())));
    Shuffle(random, updates);
    updates.push_back(updates[random.Below(updates.size())]);
    ASSERT_EQ(Merged(updates), merged);
    updates.push_back(Merged(half));
    ASSERT_EQ(Merged(updates), merged);
  });
}

TEST(UpdateToolsTest, AMergedHistoryIntegratesAsItsUpdatesDo) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(60);
    const Rga& full = replicas.Any().rga;
    const std::string merged =
        Merged(Shreds(random, full.ChangesSince({}), /*may_drop_text=*/false));
    ASSERT_EQ(Decoded(merged), AtomsOf(full.ChangesSince({})));
    const Rga nobody(ReplicaId{888'888});
    for (const Rga& before : {nobody, replicas.Any().rga}) {
      Rga merges = before;
      ASSERT_NO_FATAL_FAILURE(MustIntegrateBytes(merges, merged));
      merges.CheckInvariants();
      Rga one_by_one = before;
      ASSERT_TRUE(one_by_one.IntegrateAll(full.ChangesSince({})).has_value());
      ASSERT_EQ(TextOf(merges), TextOf(one_by_one));
      ASSERT_EQ(merges.version_vector(), one_by_one.version_vector());
    }
  });
}

TEST(UpdateToolsTest, TextThatOneUpdateLeftOutIsTakenFromAnother) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(60);
    const Rga& full = replicas.Any().rga;
    const Update history = full.ChangesSince({});
    std::vector<std::string> updates = Shreds(random, history, /*may_drop_text=*/true);
    std::string merged = Merged(updates);
    // Each character is there if any update has it.
    Atoms expected;
    for (const std::string& update : updates) {
      for (const auto& [id, atom] : Decoded(update)) {
        Atom& known = expected[id];
        if (known.character.empty() || known.character[0] == PackedUpdate::kSubstitute) {
          known = atom;
        }
      }
    }
    ASSERT_EQ(Decoded(merged), expected);
    updates.push_back(EncodeUpdate(history));
    Shuffle(random, updates);
    merged = Merged(updates);
    ASSERT_EQ(Decoded(merged), AtomsOf(history));
    // And left out again, if so asked.
    const UpdateEncoding compact{.neighbours = true, .drops_deleted_text = true};
    const std::string small = MergeUpdates(Views(updates), compact).value();
    ASSERT_EQ(small, EncodePackedUpdate(DecodePackedUpdate(merged).value(), compact));
    Rga to(ReplicaId{888'888});
    ASSERT_NO_FATAL_FAILURE(MustIntegrateBytes(to, small));
    ASSERT_EQ(TextOf(to), TextOf(full));
  });
}

TEST(UpdateToolsTest, TenThousandKeystrokesMergeToTheSizeOfOneExport) {
  Random random(1);
  Rga rga(ReplicaId{1'234'567});
  std::vector<std::string> updates = Keystrokes(random, rga, 10'000);
  const std::string whole = EncodePackedUpdate(rga.PackedSince({}));
  Shuffle(random, updates);
  const std::string merged = Merged(updates);
  EXPECT_EQ(merged, whole);
}

TEST(UpdateToolsTest, KeystrokesOfReplicasTakingTurnsMergeToAboutTheSizeOfOneExport) {
  Random random(2);
  std::vector<Rga> rgas;
  rgas.reserve(3);
  for (uint64_t i = 0; i < 3; ++i) rgas.emplace_back(ReplicaId{1'234'567 + i * 1'000'000});
  std::vector<std::string> updates;
  for (int round = 0; round < 200; ++round) {
    Rga& rga = rgas[random.Below(rgas.size())];
    const std::vector<std::string> typed = Keystrokes(random, rga, random.Between(1, 60));
    updates.insert(updates.end(), typed.begin(), typed.end());
    Rga& other = rgas[random.Below(rgas.size())];
    if (&other != &rga) {
      ASSERT_TRUE(other.IntegrateAll(rga.ChangesSince(other.version_vector())).has_value());
    }
  }
  for (Rga& rga : rgas) {
    if (&rga == rgas.data()) continue;
    ASSERT_TRUE(rgas[0].IntegrateAll(rga.ChangesSince(rgas[0].version_vector())).has_value());
  }
  Shuffle(random, updates);
  const std::string merged = Merged(updates);
  EXPECT_EQ(Decoded(merged), AtomsOf(rgas[0].ChangesSince({})));
  EXPECT_LE(merged.size(), EncodePackedUpdate(rgas[0].PackedSince({})).size() * 21 / 20);
}

// Pieces.

// Returns an update that a piece of kSplitMin bytes may be too small for: a change with 60 parents.
std::string CrowdedUpdate() {
  Update update;
  update.BeginChange(ReplicaId{7}, 100);
  for (uint64_t i = 0; i < 60; ++i) update.AddParent(Id(40 + i, 100'000 + i));
  update.AddInsert(kRoot, 200, std::string(200, 'x'));
  return EncodeUpdate(update);
}

TEST(UpdateToolsTest, APieceIsTooLargeOnlyForTheParentsOfItsFirstOperation) {
  const std::string bytes = CrowdedUpdate();
  const std::vector<std::string> pieces = SplitUpdate(bytes, kSplitMin).value();
  ASSERT_GT(pieces.size(), 2U);
  EXPECT_GT(pieces[0].size(), kSplitMin);
  EXPECT_LE(DecodePackedUpdate(pieces[0]).value().text.size(), 4U);
  for (size_t i = 1; i < pieces.size(); ++i) EXPECT_LE(pieces[i].size(), kSplitMin);
  EXPECT_EQ(Merged(pieces), bytes);
}

TEST(UpdateToolsTest, WhatFitsIsOnePiece) {
  const std::string bytes = CrowdedUpdate();
  EXPECT_EQ(SplitUpdate(bytes, bytes.size()).value(), std::vector{bytes});
  const std::string empty = EncodeUpdate(Update());
  EXPECT_EQ(SplitUpdate(empty, kSplitMin).value(), std::vector{empty});
}

TEST(UpdateToolsTest, PiecesBelowTheMinimumAreRefused) {
  const Expected<std::vector<std::string>> pieces = SplitUpdate(CrowdedUpdate(), kSplitMin - 1);
  ASSERT_FALSE(pieces.has_value());
  EXPECT_EQ(pieces.error().code, ErrorCode::kTooLarge);
}

TEST(UpdateToolsTest, PiecesInOrderAreTheWhole) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(static_cast<int>(random.Between(1, 120)));
    const Rga& full = replicas.Any().rga;
    Rga to = replicas.Any().rga;
    const VersionVector known = random.Chance(50) ? to.version_vector() : VersionVector();
    const std::string bytes =
        EncodeUpdate(full.ChangesSince(known), AnyEncoding(random, /*may_drop_text=*/true));
    const size_t max_bytes = kSplitMin + random.Below(300);
    const std::vector<std::string> pieces = SplitUpdate(bytes, max_bytes).value();
    Atoms atoms;
    for (const std::string& piece : pieces) {
      ASSERT_LE(piece.size(), max_bytes);
      ASSERT_FALSE(DecodePackedUpdate(piece).value().changes.empty() && pieces.size() > 1);
      const size_t before = atoms.size();
      Atoms added = Decoded(piece);
      const size_t count = added.size();
      atoms.merge(added);
      ASSERT_EQ(atoms.size(), before + count);  // Nothing twice.
      ASSERT_NO_FATAL_FAILURE(MustIntegrateBytes(to, piece));
    }
    ASSERT_EQ(atoms, Decoded(bytes));
    ASSERT_TRUE(to.version_vector().Covers(full.version_vector()));
    // Merged again, and split again.
    ASSERT_EQ(Merged(pieces), Merged({bytes}));
    std::vector<std::string> again;
    for (const std::string& piece : pieces) {
      for (std::string& small : SplitUpdate(piece, kSplitMin).value()) {
        ASSERT_LE(small.size(), kSplitMin);
        again.push_back(std::move(small));
      }
    }
    Shuffle(random, again);
    ASSERT_EQ(Merged(again), Merged({bytes}));
  });
}

TEST(UpdateToolsTest, PiecesAreNearlyFull) {
  Random random(3);
  Rga rga(ReplicaId{(uint64_t{1} << 52U) + 1});
  Keystrokes(random, rga, 20'000);
  ASSERT_TRUE(rga.Replace(5, 0, std::string(20'000, 'z')).has_value());
  for (const bool neighbours : {false, true}) {
    const std::string bytes = EncodePackedUpdate(rga.PackedSince({}), {.neighbours = neighbours});
    for (const size_t max_bytes : {1'000U, 10'000U}) {
      const std::vector<std::string> pieces = SplitUpdate(bytes, max_bytes).value();
      EXPECT_LE(pieces.size(), bytes.size() * 4 / 3 / max_bytes + 2);
      for (const std::string& piece : pieces) ASSERT_LE(piece.size(), max_bytes);
      EXPECT_EQ(Merged(pieces), Merged({bytes}));
    }
  }
}

TEST(UpdateToolsTest, AnInsertIsCutBetweenCharacters) {
  Rga rga(ReplicaId{9});
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\U0001f600\u20ac\u00e9x";
  ASSERT_TRUE(rga.Replace(0, 0, text).has_value());
  std::string joined;
  for (const std::string& piece :
       SplitUpdate(EncodePackedUpdate(rga.PackedSince({})), kSplitMin).value()) {
    joined += DecodePackedUpdate(piece).value().text;
  }
  EXPECT_EQ(joined, text);
}

// Growth.

// Returns the least processor time of three runs, in seconds.
template <typename Run>
double TimeOf(Run run) {
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) {
    const std::clock_t begin = std::clock();
    run();
    least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

// Returns an update with an insert by each of many replicas, the greatest first.
std::string CrowdOf(uint32_t replicas) {
  Update update;
  for (uint64_t i = 0; i < replicas; ++i) {
    update.BeginChange(ReplicaId{1 + replicas - i}, 1);
    update.AddInsert(kRoot, 1, "x");
  }
  return EncodeUpdate(update);
}

TEST(UpdateToolsTest, TimeGrowsWithTheUpdate) {
  // A hundred times the work, in which what is quadratic would take ten thousand times as long.
  constexpr size_t kCount = 1'000;
  std::array<std::array<double, 2>, 5> times{};
  for (size_t i = 0; i < 2; ++i) {
    Random random(4);
    Rga rga(ReplicaId{77});
    const std::vector<std::string> updates =
        Keystrokes(random, rga, i == 0 ? kCount : 100 * kCount);
    const std::string whole = EncodePackedUpdate(rga.PackedSince({}));
    const VersionVector known = Version({Id(rga.next_counter() / 3, 77)});
    times[0][i] = TimeOf([&] { EXPECT_EQ(Merged(updates), whole); });
    times[1][i] = TimeOf([&] { EXPECT_GT(SplitUpdate(whole, 200).value().size(), 5U); });
    times[2][i] =
        TimeOf([&] { EXPECT_LT(SliceUpdate(whole, known).value().size(), whole.size()); });
  }
  for (size_t i = 0; i < 2; ++i) {
    const std::string crowd = CrowdOf(i == 0 ? kCount : 100 * kCount);
    times[3][i] = TimeOf([&] { EXPECT_FALSE(RangeOfUpdate(crowd)->reaches.empty()); });
    times[4][i] = TimeOf([&] { EXPECT_EQ(Merged({crowd}).size(), crowd.size()); });
  }
  for (const auto& [one, hundred] : times) EXPECT_LT(hundred, 500 * std::max(one, 0.0001));
}

// Bad bytes.

// Checks what the tools say of any bytes, also beside those of a good update.
void CheckTools(Random& random, const std::string& bytes, const std::string& good) {
  const auto check = [](const auto& result) {
    if (result) return true;
    EXPECT_TRUE(result.error().code == ErrorCode::kMalformedUpdate ||
                result.error().code == ErrorCode::kTooLarge);
    return false;
  };
  const bool decodes = DecodePackedUpdate(bytes).has_value();
  const auto range = Measured(bytes.size(), [&] { return RangeOfUpdate(bytes); });
  if (check(range)) range->reaches.CheckInvariants();
  const std::array<std::string_view, 2> both = {bytes, good};
  const auto merged = Measured(bytes.size() + good.size(), [&] { return MergeUpdates(both); });
  if (check(merged)) {
    EXPECT_TRUE(decodes);
    ASSERT_EQ(Merged({*merged}), *merged);
    VersionVector reaches = range->reaches;
    reaches.Join(RangeOfUpdate(good).value().reaches);
    ASSERT_EQ(RangeOfUpdate(*merged).value().reaches, reaches);
  }
  const auto pieces = Measured(bytes.size(), [&] { return SplitUpdate(bytes, kSplitMin); });
  if (check(pieces)) {
    EXPECT_TRUE(decodes);
    const size_t operations = Decoded(bytes).size();
    size_t count = 0;
    for (const std::string& piece : *pieces) count += Decoded(piece).size();
    ASSERT_EQ(count, operations);
  }
  VersionVector known;
  for (const VersionVector::Entry& entry : RangeOfUpdate(good)->reaches.entries()) {
    if (random.Chance(50)) known.Observe(Id(random.Between(1, entry.counter), entry.replica.value));
  }
  const auto slice = Measured(bytes.size(), [&] { return SliceUpdate(bytes, known); });
  if (check(slice)) ASSERT_TRUE(DecodePackedUpdate(*slice).has_value());
}

TEST(UpdateToolsTest, SpoiledUpdatesAreRefusedOrOtherUpdates) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(25);
    replicas.Edit(replicas[0]);
    const std::string good =
        EncodeUpdate(replicas[0].rga.ChangesSince({}), AnyEncoding(random, /*may_drop_text=*/true));
    for (int i = 0; i < 60; ++i) {
      std::string bytes = good;
      for (uint64_t faults = random.Between(1, 2); faults > 0; --faults) {
        const size_t at = random.Below(bytes.size());
        // Small steps, or else lengths take the tests' own oracle to gigabytes.
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ random.Below(32));
        if (random.Chance(20)) bytes.erase(at, 1);
        if (bytes.empty()) break;
      }
      ASSERT_NO_FATAL_FAILURE(CheckTools(random, bytes, good));
    }
    for (size_t size = 0; size < good.size(); ++size) {
      const std::array<std::string_view, 1> cut = {std::string_view(good).substr(0, size)};
      ASSERT_FALSE(MergeUpdates(cut).has_value());
      ASSERT_FALSE(SplitUpdate(cut[0], kSplitMin).has_value());
      ASSERT_FALSE(SliceUpdate(cut[0], {}).has_value());
    }
  });
}

TEST(UpdateToolsTest, AReplicaWhoseChangesGoBackIsMalformed) {
  Update update;
  for (const uint64_t first : {8U, 6U}) {
    update.BeginChange(ReplicaId{7}, first);
    update.AddParent(Id(first - 1, 5));
    update.AddDelete(Id(1, 5), 2, /*backward=*/false);
  }
  const std::string bytes = EncodeUpdate(update);
  ASSERT_TRUE(DecodeUpdate(bytes).has_value());
  const std::array<std::string_view, 1> one = {bytes};
  EXPECT_EQ(RangeOfUpdate(bytes).error().code, ErrorCode::kMalformedUpdate);
  EXPECT_EQ(SliceUpdate(bytes, {}).error().code, ErrorCode::kMalformedUpdate);
  EXPECT_EQ(MergeUpdates(one).error().code, ErrorCode::kMalformedUpdate);
  EXPECT_EQ(SplitUpdate(bytes, 1000).error().code, ErrorCode::kMalformedUpdate);
}

TEST(UpdateToolsTest, UpdatesThatContradictEachOtherMergeToSomeUpdate) {
  std::vector<std::string> updates;
  for (const std::string_view text : {"abcd", "xy"}) {
    Rga rga(ReplicaId{9});
    ASSERT_TRUE(rga.Replace(0, 0, text).has_value());
    updates.push_back(EncodePackedUpdate(rga.PackedSince({})));
  }
  EXPECT_EQ(DecodePackedUpdate(Merged(updates)).value().end.operation, 4U);
}

// Two replicas insert `count` elements in turns; then a third deletes all of them, `count` times,
// in a few bytes each time.
PackedUpdate Exploding(uint32_t count) {
  PackedUpdate update;
  update.replicas = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}};
  PackedUpdate::Change& end = update.end;
  for (uint32_t i = 0; i < 2 * count; ++i) {
    const bool inserts = i < count;
    end.replica = inserts ? i % 2 : 2;
    end.first_counter = uint64_t{end.operation} + 1;
    if (i > 0) update.parents.push_back(Reference::Within(end.operation - 1));
    update.changes.push_back(end);
    PackedOperation& operation = update.operations.emplace_back();
    operation.length = inserts ? 1 : count;
    if (!inserts) operation.reference = Reference::Within(0);
    if (!inserts) operation.kind = PackedOperation::Kind::kDeleteForward;
    if (inserts) update.text += 'x';
    end.operation += operation.length;
    end.parents = i;
    end.runs = i + 1;
    end.element = end.text = static_cast<uint32_t>(update.text.size());
  }
  end.parents = static_cast<uint32_t>(update.parents.size());
  return update;
}

TEST(UpdateToolsTest, DeletesThatFallApartIntoTooManyPiecesAreTooLarge) {
  const std::string bytes = EncodePackedUpdate(Exploding(3'000));
  ASSERT_TRUE(DecodePackedUpdate(bytes).has_value());
  const std::array<std::string_view, 1> one = {bytes};
  EXPECT_EQ(MergeUpdates(one).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(SplitUpdate(bytes, 1000).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(SliceUpdate(bytes, Version({Id(1, 1)})).error().code, ErrorCode::kTooLarge);
  // A small one is worked on.
  const std::string small = EncodePackedUpdate(Exploding(100));
  EXPECT_EQ(Decoded(Merged({small})), Decoded(small));
}

TEST(UpdateToolsTest, MoreOperationsThanAnUpdateCanHoldAreTooLarge) {
  // A few bytes each, for what is elsewhere.
  std::vector<std::string> updates;
  for (uint64_t i = 1; i <= 3; ++i) {
    Update update;
    update.BeginChange(ReplicaId{i}, 1);
    update.AddDelete(Id(1, 9), uint32_t{1} << 30U, /*backward=*/false);
    updates.push_back(EncodeUpdate(update));
  }
  EXPECT_EQ(MergeUpdates(Views(updates)).error().code, ErrorCode::kTooLarge);
}

TEST(UpdateToolsTest, TextThatWasLeftOutIsLimitedForAllUpdatesTogether) {
  Rga rga(ReplicaId{9});
  ASSERT_TRUE(rga.Replace(0, 0, std::string(1'000, 'x')).has_value());
  ASSERT_TRUE(rga.Replace(0, 1'000, "").has_value());
  const std::string bytes = EncodePackedUpdate(rga.PackedSince({}), {.drops_deleted_text = true});
  const std::vector<std::string_view> updates(10, bytes);
  EXPECT_TRUE(MergeUpdates(updates, {}, {.left_out = 10'000}).has_value());
  const Expected<std::string> refused = MergeUpdates(updates, {}, {.left_out = 5'000});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace cotext
