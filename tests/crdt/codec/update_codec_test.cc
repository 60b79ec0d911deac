#include "crdt/codec/update_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "document/varint.h"
#include "tests/support/allocated_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// A decoder may ask for this much in all, and this much per byte of its input. A column element
// takes up to 40 bytes of memory and 2 of input (a change; 12 and 2 an operation, 8 and 1 an
// element with neighbours), a column that grows by doubling asks for up to four times its size, and
// so does the form in ids, in which a run of deletes may be as many as it has characters.
constexpr uint64_t kAllocationMin = 1024;
constexpr uint64_t kAllocationPerByte = 256;

std::string Bytes(std::initializer_list<unsigned> bytes) {
  std::string result;
  for (const unsigned byte : bytes) result.push_back(static_cast<char>(byte));
  return result;
}

std::string Numbers(std::initializer_list<uint64_t> numbers) {
  std::string bytes;
  for (const uint64_t number : numbers) AppendVarint(bytes, number);
  return bytes;
}

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

// All ways to encode that need no table.
constexpr std::array<UpdateEncoding, 4> kEncodings = {
    UpdateEncoding{.neighbours = false, .drops_deleted_text = false},
    UpdateEncoding{.neighbours = true, .drops_deleted_text = false},
    UpdateEncoding{.neighbours = false, .drops_deleted_text = true},
    UpdateEncoding{.neighbours = true, .drops_deleted_text = true}};

// Returns what an update does with the text of what it deletes left out.
Atoms WithoutDeletedText(Atoms atoms) {
  std::vector<OpId> deleted;
  for (const auto& [id, atom] : atoms) {
    if (!atom.is_insert) deleted.push_back(atom.reference);
  }
  for (const OpId id : deleted) {
    const auto found = atoms.find(id);
    if (found != atoms.end()) found->second.character = PackedUpdate::kSubstitute;
  }
  return atoms;
}

void ExpectEqual(const Update& left, const Update& right) {
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(left[i].replica, right[i].replica);
    ASSERT_EQ(left[i].first_counter, right[i].first_counter);
    ASSERT_TRUE(std::ranges::equal(left[i].parents, right[i].parents));
  }
  ASSERT_EQ(AtomsOf(left), AtomsOf(right));
}

// Decodes, and holds the decoder to its limits.
Expected<Update> Decode(std::string_view bytes) {
  const uint64_t before = allocated_bytes;
  Expected<Update> update = DecodeUpdate(bytes);
  const uint64_t used = allocated_bytes - before;
  EXPECT_LE(used, kAllocationMin + kAllocationPerByte * bytes.size());
  if (!update && update.error().code != ErrorCode::kTooLarge) {
    EXPECT_EQ(update.error().code, ErrorCode::kMalformedUpdate);
  }
  return update;
}

bool Decodes(std::string_view bytes) { return Decode(bytes).has_value(); }

// Returns the column that an error's message names.
std::string ColumnOf(std::string_view bytes) {
  const Expected<Update> update = DecodeUpdate(bytes);
  if (update) return "none";
  const std::string_view message = update.error().message;
  constexpr std::string_view kPrefix = "the update's column of ";
  if (!message.starts_with(kPrefix)) return "head";
  return std::string(message.substr(kPrefix.size(), message.find(" is") - kPrefix.size()));
}

Update RandomUpdate(Random& random) {
  TwinReplicas replicas(random, 3);
  replicas.Run(40);
  return replicas.Any().rga.ChangesSince(VersionVector{});
}

// One of each kind of operation, by replica 300 after 2@5.
Update SmallUpdate() {
  Update update;
  update.BeginChange(ReplicaId{300}, 3);
  update.AddParent(Id(2, 5));
  update.AddInsert(kRoot, 1, "\u00e9");
  update.AddInsert(Id(2, 5), 2, "ab");
  update.AddDelete(Id(1, 5), 2, /*backward=*/false);
  update.AddDelete(Id(5, 300), 2, /*backward=*/true);
  return update;
}

TEST(UpdateCodecTest, GoldenBytes) {
  EXPECT_EQ(EncodeUpdate(Update()), Bytes({0x11, 0x00}));
  EXPECT_EQ(EncodeUpdate(SmallUpdate()),
            Bytes({0x09,                    // Version 1, one change.
                   0x02, 0x05, 0xa7, 0x02,  // Two replicas: 5, 300.
                   0x01, 0x3b,              // Replica 300, 7 operations, one parent:
                   0x02, 0x02,              // of replica 5, with counter 2.
                   0x00, 0x04, 0x05, 0x06,  // Insert 1, insert 2, delete 2 up, delete 2 down.
                   0x00, 0x00, 0x00, 0x07,  // The first three by distance; 3 steps from the root.
                   0x00,                    // The root;
                   0x01, 0x02,              // of replica 5, 1 before the change: 2@5;
                   0x01, 0x04,              // of replica 5, 2 before the change: 1@5.
                   0xc3, 0xa9, 0x61, 0x62}));
  const auto neighbours = UpdateEncoding{.neighbours = true};
  EXPECT_EQ(EncodeUpdate(SmallUpdate(), neighbours),
            Bytes({0x29, 0x02, 0x05, 0xa7, 0x02, 0x01, 0x3b, 0x02, 0x02, 0x00, 0x04, 0x05,
                   0x06,                    // As above, but that the version has a flag.
                   0x00, 0x00, 0x00, 0x00,  // What was inserted behind 2@5 is not in the list.
                   0x00, 0x01, 0x02, 0x01, 0x04,
                   0x02,  // The latest element.
                   0xc3, 0xa9, 0x61, 0x62}));
}

TEST(UpdateCodecTest, GoldenBytesOfWhatTheListOfNeighboursIsFor) {
  // "abcd", then "X" behind b, then everything but a and d is deleted at once.
  Update update;
  update.BeginChange(ReplicaId{1}, 1);
  update.AddInsert(kRoot, 4, "abcd");
  update.AddInsert(Id(2, 1), 1, "X");
  update.AddDelete(Id(2, 1), 1, /*backward=*/false);
  update.AddDelete(Id(5, 1), 1, /*backward=*/false);
  update.AddDelete(Id(3, 1), 1, /*backward=*/false);
  const UpdateEncoding compact{.neighbours = true, .drops_deleted_text = true};
  EXPECT_EQ(EncodeUpdate(update, compact),
            Bytes({0x69,              // Version 1, one change, neighbours, deleted text left out.
                   0x01, 0x01,        // One replica: 1.
                   0x00, 0x40,        // Replica 1, 8 operations, no parents.
                   0x0c, 0x00, 0x0b,  // Insert 4, insert 1, delete 3 along the list.
                   0x01, 0x04, 0x02,  // At the cursor, 2 steps back, 1 step back.
                   0x61, 0x64}));
  const Expected<Update> decoded = DecodeUpdate(EncodeUpdate(update, compact));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ((*decoded)[0].text,
            "a\x1a\x1a"
            "d\x1a");
  EXPECT_EQ(AtomsOf(*decoded), WithoutDeletedText(AtomsOf(update)));
}

TEST(UpdateCodecTest, EveryKindOfOperationRoundTrips) {
  const Expected<Update> decoded = Decode(EncodeUpdate(SmallUpdate()));
  ASSERT_TRUE(decoded.has_value());
  ExpectEqual(*decoded, SmallUpdate());
}

TEST(UpdateCodecTest, RandomHistoriesRoundTripInEveryEncoding) {
  ForEachSeed(200, [](Random& random) {
    const Update update = RandomUpdate(random);
    for (const UpdateEncoding& encoding : kEncodings) {
      const std::string bytes = EncodeUpdate(update, encoding);
      const Expected<Update> decoded = Decode(bytes);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      if (encoding.drops_deleted_text) {
        ASSERT_EQ(AtomsOf(*decoded), WithoutDeletedText(AtomsOf(update)));
      } else {
        ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, update));
      }
      ASSERT_EQ(EncodeUpdate(*decoded, encoding), bytes);
    }
  });
}

TEST(UpdateCodecTest, WhatOnePeerLacksRoundTripsInEveryEncoding) {
  ForEachSeed(200, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const Update update = replicas.Any().rga.ChangesSince(replicas.Any().rga.version_vector());
    for (const UpdateEncoding& encoding : kEncodings) {
      const Expected<Update> decoded = Decode(EncodeUpdate(update, encoding));
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      ASSERT_EQ(AtomsOf(*decoded), encoding.drops_deleted_text ? WithoutDeletedText(AtomsOf(update))
                                                               : AtomsOf(update));
    }
  });
}

// The list of neighbours may lead in a circle. Here it does: c stands in front of a, and b behind
// it; that b and c are deleted as one run makes a its own neighbour.
TEST(UpdateCodecTest, WhatIsDeletedTwiceWhereTheListIsACircleRoundTrips) {
  Update update;
  update.BeginChange(ReplicaId{1}, 1);
  update.AddInsert(kRoot, 2, "ab");
  update.AddInsert(kRoot, 1, "c");
  update.AddDelete(Id(2, 1), 2, /*backward=*/false);
  update.AddDelete(Id(1, 1), 1, /*backward=*/false);
  update.AddDelete(Id(1, 1), 1, /*backward=*/false);
  Rga rga(ReplicaId{2});
  ASSERT_TRUE(rga.IntegrateAll(update).has_value());
  const PackedUpdate packed = rga.PackedSince({});
  for (const UpdateEncoding& encoding : kEncodings) {
    const auto decoded = DecodePackedUpdate(EncodePackedUpdate(packed, encoding));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(AtomsOf(Unpack(*decoded)),
              encoding.drops_deleted_text ? WithoutDeletedText(AtomsOf(update)) : AtomsOf(update));
  }
}

TEST(UpdateCodecTest, CountersUpToTheirLimitRoundTrip) {
  constexpr uint64_t kMost = kIdLimit - 1;
  Update update;
  update.BeginChange(ReplicaId{kMost}, kMost);
  update.AddParent(Id(kMost - 1, 5));
  update.AddInsert(Id(1, 5), 1, "x");
  update.BeginChange(ReplicaId{6}, 1);
  update.AddDelete(Id(kMost, 5), 1, /*backward=*/false);
  for (const UpdateEncoding& encoding : kEncodings) {
    const Expected<Update> decoded = Decode(EncodeUpdate(update, encoding));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, update));
  }
}

TEST(UpdateCodecTest, UpdatesThatAreJoinedHoldTheChangesOfBoth) {
  ForEachSeed(50, [](Random& random) {
    const Update one = RandomUpdate(random);
    const Update other = RandomUpdate(random);
    Update joined = one;
    joined.Append(other);
    ASSERT_EQ(joined.size(), one.size() + other.size());
    const Expected<Update> decoded = Decode(EncodeUpdate(joined));
    ASSERT_TRUE(decoded.has_value());
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, joined));
    joined.Clear();
    ASSERT_TRUE(joined.empty());
    ASSERT_EQ(EncodeUpdate(joined), EncodeUpdate(Update()));
  });
}

TEST(UpdateCodecTest, ReplicasThatTheReceiverKnowsAreNotSpelledOut) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 4);
    replicas.Run(40);
    const PackedUpdate update = replicas.Any().rga.PackedSince({});
    ReplicaTable known;
    known.Add(ReplicaId{77});  // One that has nothing to do with it.
    for (const ReplicaId replica : update.replicas) {
      if (random.Chance(50)) known.Add(replica);
    }
    const UpdateEncoding encoding{.neighbours = random.Chance(50), .known = &known};
    const std::string bytes = EncodePackedUpdate(update, encoding);
    ASSERT_LE(bytes.size(), EncodePackedUpdate(update, {.neighbours = encoding.neighbours}).size());
    const Expected<PackedUpdate> decoded = DecodePackedUpdate(bytes, {}, &known);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(Unpack(*decoded), Unpack(update)));
  });
}

TEST(UpdateCodecTest, AReplicaThatTheReceiverKnowsMayNotBeNew) {
  ReplicaTable known;
  known.Add(ReplicaId{300});
  EXPECT_FALSE(DecodePackedUpdate(EncodeUpdate(SmallUpdate()), {}, &known).has_value());
}

// Sizes.

TEST(UpdateCodecTest, AKeystrokeTakesAtMost16BytesOnceReplicasAreKnown) {
  Rga one(ReplicaId{(uint64_t{1} << 52U) + 12345});
  Rga other(ReplicaId{(uint64_t{1} << 51U) + 54321});
  ReplicaTable known;
  known.Add(one.replica());
  known.Add(other.replica());
  // Counters of 21 bits: two million keystrokes before.
  for (Rga* const rga : {&one, &other}) {
    ASSERT_TRUE(rga->Replace(0, 0, std::string(2'000, 'x')).has_value());
  }
  ASSERT_TRUE(one.IntegrateAll(other.ChangesSince(one.version_vector())).has_value());
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(one.Replace(0, 4'000, std::string(4'000, 'y')).has_value());
  }
  ASSERT_GT(one.next_counter(), uint64_t{1} << 21U);
  ASSERT_TRUE(other.IntegrateAll(one.ChangesSince(other.version_vector())).has_value());
  size_t most = 0;
  Random random(1);
  const auto type = [&](Rga& from, Rga& to, uint64_t position, uint64_t erased,
                        std::string_view text) {
    const VersionVector before = from.version_vector();
    ASSERT_TRUE(from.Replace(position, erased, text).has_value());
    const std::string bytes = EncodePackedUpdate(from.PackedSince(before), {.known = &known});
    most = std::max(most, bytes.size());
    const auto decoded = DecodePackedUpdate(bytes, {}, &known);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_TRUE(to.IntegratePacked(*decoded, Rga::Effects::kIgnore).result.has_value());
  };
  for (int i = 0; i < 500; ++i) {
    Rga& from = random.Chance(50) ? one : other;
    Rga& to = &from == &one ? other : one;
    const uint64_t position = random.Below(from.sequence().length());
    if (random.Chance(30)) {
      ASSERT_NO_FATAL_FAILURE(type(from, to, position, 1, ""));
    } else {
      ASSERT_NO_FATAL_FAILURE(type(from, to, position, 0, random.Chance(50) ? "a" : "\u20ac"));
    }
  }
  EXPECT_LE(most, 16U);
}

// Bad bytes.

TEST(UpdateCodecTest, EveryTruncationAndEveryExtensionIsMalformed) {
  ForEachSeed(20, [](Random& random) {
    const Update update = RandomUpdate(random);
    for (const UpdateEncoding& encoding : kEncodings) {
      const std::string bytes = EncodeUpdate(update, encoding);
      for (size_t size = 0; size < bytes.size(); ++size) {
        ASSERT_FALSE(Decodes(std::string_view(bytes).substr(0, size)));
      }
      for (const char last : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
        ASSERT_FALSE(Decodes(bytes + last));
      }
    }
  });
}

TEST(UpdateCodecTest, OtherVersionsOfTheFormatAreMalformed) {
  std::string bytes = EncodeUpdate(SmallUpdate());
  for (unsigned head = 0; head < 256; ++head) {
    bytes[0] = static_cast<char>(head);
    const bool is_known = (head & 0x07U) == 1 && head < 0x80;
    if (!is_known) EXPECT_EQ(ColumnOf(bytes), "head") << head;
  }
}

TEST(UpdateCodecTest, ErrorsNameTheColumn) {
  const std::string bytes = EncodeUpdate(SmallUpdate());
  const auto with = [&bytes](size_t at, unsigned byte) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(byte);
    return changed;
  };
  EXPECT_EQ(ColumnOf(bytes), "none");
  EXPECT_EQ(ColumnOf(with(2, 0)), "replicas");        // Replica 0.
  EXPECT_EQ(ColumnOf(with(1, 0x7f)), "replicas");     // More than there are bytes.
  EXPECT_EQ(ColumnOf(with(5, 2)), "changes");         // A replica that is not there.
  EXPECT_EQ(ColumnOf(with(6, 0x03)), "changes");      // A change of no operations.
  EXPECT_EQ(ColumnOf(with(8, 0)), "changes");         // A parent with counter 0.
  EXPECT_EQ(ColumnOf(with(10, 0x7f)), "lengths");     // Longer than the change.
  EXPECT_EQ(ColumnOf(with(13, 0x42)), "references");  // More steps than are allowed.
  EXPECT_EQ(ColumnOf(with(16, 0x09)), "references");  // An element that is not there yet.
  EXPECT_EQ(ColumnOf(with(17, 0x02)), "references");  // The same by distance.
  EXPECT_EQ(ColumnOf(with(22, 0xff)), "text");        // No UTF-8.
  EXPECT_EQ(ColumnOf(bytes + "x"), "text");           // A character too many.
}

// Returns the last byte in the column of references.
unsigned LastStepsOf(const Update& update, bool neighbours) {
  const std::string column = EncodeColumns(Pack(update), {.neighbours = neighbours}).references;
  return static_cast<unsigned char>(column.back());
}

TEST(UpdateCodecTest, StepsAreWrittenIfThirtyTwoSuffice) {
  // From what is elsewhere.
  const auto elsewhere = [](uint64_t counter) {
    Update update;
    update.BeginChange(ReplicaId{6}, 101);
    update.AddParent(Id(100, 5));
    update.AddDelete(Id(41, 5), 1, /*backward=*/false);
    update.AddInsert(Id(counter, 5), 1, "x");
    return LastStepsOf(update, /*neighbours=*/false);
  };
  EXPECT_EQ(elsewhere(40 - 32), 0x40U);
  EXPECT_EQ(elsewhere(40 - 33), 0U);
  EXPECT_EQ(elsewhere(40 + 32), 0x41U);
  EXPECT_EQ(elsewhere(40 + 33), 0U);
  for (const bool neighbours : {false, true}) {
    // Counters are greater by one than the numbers of elements. The cursor is element 49.
    const auto within = [neighbours](uint64_t element) {
      Update update;
      update.BeginChange(ReplicaId{5}, 1);
      update.AddInsert(kRoot, 100, std::string(100, 'x'));
      update.AddDelete(Id(51, 5), 1, /*backward=*/false);
      update.AddInsert(Id(element + 1, 5), 1, "x");
      return LastStepsOf(update, neighbours);
    };
    // The list lacks element 50.
    const uint64_t skipped = neighbours ? 1 : 0;
    EXPECT_EQ(within(49 - 32), 0x40U);
    EXPECT_EQ(within(49 - 33), 0U);
    EXPECT_EQ(within(49 + 32 + skipped), 0x41U);
    EXPECT_EQ(within(49 + 33 + skipped), 0U);
  }
}

// In the list and without one, 33 steps would lead to an element here.
TEST(UpdateCodecTest, AReferenceIsAtMost32StepsAwayEvenIfTheNextElementIsThere) {
  constexpr uint64_t kInsert40 = 39U << 2U;
  constexpr uint64_t kDelete1 = 1;
  constexpr uint64_t kInsert1 = 0;
  const auto decodes = [](uint64_t form, uint64_t length, const std::string& operations) {
    return Decodes(Numbers({form, 1, 5, 0, length << 3U}) + operations + std::string(41, 'x'));
  };
  for (const uint64_t form : {0x09U, 0x29U}) {
    // Backwards from the last of 40 elements.
    const auto backwards = [&](uint64_t steps) {
      return decodes(form, 41, Numbers({kInsert40, kInsert1, 1, 2 * steps}));
    };
    EXPECT_TRUE(backwards(32));
    EXPECT_FALSE(backwards(33));
    // Forwards from the first, in front of the second, which is deleted: it is 39 back from the
    // end.
    const auto forwards = [&](uint64_t steps) {
      return decodes(form, 42, Numbers({kInsert40, kDelete1, kInsert1, 1, 0, 1 + 2 * steps, 78}));
    };
    EXPECT_TRUE(forwards(32));
    EXPECT_FALSE(forwards(33));
  }
}

TEST(UpdateCodecTest, AParentInsideAChangeIsNeitherItsLastOperationNorBeforeIt) {
  // Replica 5 inserts 3 characters; replica 6 inserts one after that which is `from_end` before the
  // last of them.
  const auto decodes = [](uint64_t from_end) {
    return Decodes(Numbers({1, 2, 5, 1, 2, 0, 3U << 3U, 1, 1U << 3U | 3U, 1, from_end}) +
                   Numbers({2U << 2U, 0, 1, 1}) + "abcx");
  };
  EXPECT_FALSE(decodes(0));
  EXPECT_TRUE(decodes(1));
  EXPECT_TRUE(decodes(2));
  EXPECT_FALSE(decodes(3));
}

TEST(UpdateCodecTest, AChangeEndsAtTheLastCounter) {
  const auto decodes = [](uint64_t length) {
    return Decodes(Numbers({9, 1, 5, 0, length << 3U | 2U, kIdLimit - 3, (length - 1) << 2U, 1}) +
                   std::string(length, 'x'));
  };
  EXPECT_TRUE(decodes(2));
  EXPECT_FALSE(decodes(3));
}

TEST(UpdateCodecTest, DeletesOfWhatIsElsewhereEndAtTheFirstAndTheLastCounter) {
  // Downwards from 3@5, after it.
  const auto downwards = [](uint64_t length) {
    return Decodes(Numbers({9, 1, 5, 0, length << 3U | 2U, 3, (length - 1) << 2U | 2U, 1}));
  };
  EXPECT_TRUE(downwards(3));
  EXPECT_FALSE(downwards(4));
  // Upwards from the last counter but one, which is so far behind the change, the first.
  constexpr uint64_t kBehind = kIdLimit - 2 - 1;
  const auto upwards = [](uint64_t length) {
    return Decodes(
        Numbers({9, 1, 5, 0, length << 3U, (length - 1) << 2U | 1U, 0, 1, 2 * kBehind - 1}));
  };
  EXPECT_TRUE(upwards(2));
  EXPECT_FALSE(upwards(3));
}

TEST(UpdateCodecTest, CountsThatTheBytesCannotHoldAreMalformed) {
  for (const uint64_t count : {uint64_t{7}, uint64_t{1} << 20U, uint64_t{1} << 31U,
                               uint64_t{1} << 32U, uint64_t{1} << 63U, ~uint64_t{0}}) {
    EXPECT_FALSE(Decodes(Numbers({1, count, 5, 0})));                   // Replicas.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, count})));                   // Changes.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, count, 0, 8, 0, 1, 'x'})));  // Of which one is there.
    EXPECT_FALSE(Decodes(Numbers({9, 1, 5, 0, 12, count, 2, 1, 0, 1, 'x'})));  // Parents.
    if (count < uint64_t{1} << 61U) {
      const Expected<Update> decoded = DecodeUpdate(Numbers({9, 1, 5, 0, count << 3U, 0, 1, 'x'}));
      EXPECT_FALSE(decoded.has_value());  // Operations.
    }
  }
  EXPECT_TRUE(Decodes(Numbers({9, 1, 5, 0, 8, 0, 1, 'x'})));
}

TEST(UpdateCodecTest, TheCheapestElementsOfEachColumnTakeBoundedMemory) {
  constexpr uint64_t kCount = 10000;
  const auto repeat = [](std::string_view bytes) {
    std::string result;
    for (uint64_t i = 0; i < kCount; ++i) result += bytes;
    return result;
  };
  // Replicas; changes that delete 1@5; operations that do; parents.
  EXPECT_TRUE(Decodes(Numbers({1, kCount}) + repeat("\x01") + Numbers({0})));
  EXPECT_TRUE(Decodes(Numbers({1, 1, 5, kCount}) + repeat(Numbers({0, 8})) + repeat("\x01") +
                      std::string(kCount, '\0') + repeat(Numbers({1, 0}))));
  EXPECT_TRUE(Decodes(Numbers({9, 1, 5, 0, kCount << 3U}) + repeat("\x01") +
                      std::string(kCount, '\0') + repeat(Numbers({1, 0}))));
  std::string parents;
  for (uint64_t i = 1; i <= kCount; ++i) parents += Numbers({2, i});
  EXPECT_TRUE(Decodes(Numbers({9, 1, 5, 0, 12, kCount}) + parents + Numbers({0, 0, 0, 'x'})));
  // Elements in a list of neighbours.
  EXPECT_TRUE(Decodes(Numbers({0x29, 1, 5, 0, kCount << 3U, (kCount - 1) << 2U, 1}) + repeat("x")));
}

TEST(UpdateCodecTest, TextThatWasLeftOutIsLimited) {
  const auto of_size = [](uint64_t size) {
    // Inserts that many and deletes them again.
    return Numbers({0x49, 1, 5, 0, size << 4U, (size - 1) << 2U, (size - 1) << 2U | 2U, 1, 1});
  };
  const auto decoded = DecodePackedUpdate(of_size(1000), {.left_out = 1000});
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(decoded->text, std::string(1000, PackedUpdate::kSubstitute));
  const uint64_t before = allocated_bytes;
  for (const uint64_t size : {uint64_t{1} << 20U, uint64_t{1} << 29U}) {
    const auto refused = DecodePackedUpdate(of_size(size), {.left_out = 1000});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  }
  EXPECT_LT(allocated_bytes - before, 10'000U);
}

TEST(UpdateCodecTest, MoreOperationsThanCanBeCountedAreTooLarge) {
  // Two changes of 2^30 operations each, which need no text.
  const uint64_t length = uint64_t{1} << 30U;
  const std::string bytes = Numbers({1, 1, 5, 2, 0, length << 3U, 0, length << 3U | 1U});
  const auto decoded = DecodePackedUpdate(bytes);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kTooLarge);
}

TEST(UpdateCodecTest, NumbersInALongerFormAreMalformed) {
  const std::string bytes = EncodeUpdate(SmallUpdate());
  // Each byte of the columns of numbers is a number, or the end of one.
  for (const size_t at : {1U, 2U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 17U, 18U, 19U, 20U, 21U}) {
    std::string longer = bytes;
    longer[at] = static_cast<char>(static_cast<unsigned char>(longer[at]) | 0x80U);
    longer.insert(at + 1, 1, '\0');
    EXPECT_FALSE(Decodes(longer)) << at;
  }
}

TEST(UpdateCodecTest, ADeleteAlongTheListStopsAtWhatIsDeletedAndAtItsEnd) {
  const auto decodes = [](std::initializer_list<uint64_t> operations, std::string_view references,
                          uint64_t length) {
    std::string bytes = Numbers({0x29, 1, 5, 0, length << 3U});
    return Decodes(bytes + Numbers(operations) + std::string(references) + "abcd");
  };
  constexpr uint64_t kInsert4 = 3U << 2U;
  // Three steps back from d stands a.
  EXPECT_TRUE(decodes({kInsert4, 3U << 2U | 3U}, "\x01\x06", 8));
  EXPECT_FALSE(decodes({kInsert4, 4U << 2U | 3U}, "\x01\x06", 9));  // A fifth.
  // b and c, then a and what is next, twice.
  EXPECT_TRUE(decodes({kInsert4, 1U << 2U | 1U, 1U << 2U | 3U}, "\x01\x04\x01", 8));
  EXPECT_FALSE(decodes({kInsert4, 1U << 2U | 3U, 1U << 2U | 3U, 0U | 3U}, "\x01\x04\x01\x01", 9));
}

TEST(UpdateCodecTest, WhatDecodesFromRandomBytesRoundTrips) {
  uint64_t decoded_count = 0;
  ForEachSeed(200, [&decoded_count](Random& random) {
    for (int i = 0; i < 500; ++i) {
      const uint64_t flags = random.Below(8) << 4U | (random.Chance(70) ? 8U : 0U);
      std::string bytes = Numbers({flags | 1U});
      if ((flags & 0x10U) == 0) bytes += Numbers({1, 5});
      for (uint64_t size = random.Below(24); size > 0; --size) {
        bytes.push_back(static_cast<char>(random.Chance(95) ? random.Below(9) : random.Below(256)));
      }
      const Expected<Update> decoded = Decode(bytes);
      if (!decoded) continue;
      ++decoded_count;
      for (const UpdateEncoding& encoding : {kEncodings[0], kEncodings[1]}) {
        const Expected<Update> again = Decode(EncodeUpdate(*decoded, encoding));
        ASSERT_TRUE(again.has_value());
        ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, *again));
      }
    }
  });
  EXPECT_GT(decoded_count, 100U);
}

// Spoiled updates, decoded and integrated.

std::string Spoiled(Random& random, std::string bytes) {
  for (uint64_t faults = random.Between(1, 3); faults > 0 && !bytes.empty(); --faults) {
    const size_t at = random.Below(bytes.size());
    switch (random.Below(5)) {
      case 0:
      case 1:
        bytes[at] =
            static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random.Below(8)));
        break;
      case 2: bytes[at] = static_cast<char>(random.Below(256)); break;
      case 3: bytes.erase(at, random.Between(1, 4)); break;
      default: bytes.insert(at, bytes, random.Below(bytes.size()), random.Between(1, 8)); break;
    }
  }
  return bytes;
}

struct Outcomes {
  uint64_t malformed = 0;
  uint64_t refused = 0;
  uint64_t accepted = 0;
};

// Integrates what the bytes hold, up to the first change that is refused, which must change
// nothing.
void IntegrateSpoiled(Twin twin, std::string_view bytes, Outcomes& outcomes) {
  const Expected<Update> update = Decode(bytes);
  if (!update) {
    ++outcomes.malformed;
    return;
  }
  for (size_t i = 0; i < update->size(); ++i) {
    const auto done = twin.rga.Integrate((*update)[i], Rga::Effects::kCollect);
    if (done) twin.naive.Add(AtomsOf((*update)[i]));
    ASSERT_NO_FATAL_FAILURE(CheckTwin(twin));
    if (!done) {
      ++outcomes.refused;
      return;
    }
  }
  ++outcomes.accepted;
}

void ExpectEachOutcome(const Outcomes& outcomes) {
  EXPECT_GT(outcomes.malformed, 100U);
  EXPECT_GT(outcomes.refused, 100U);
  EXPECT_GT(outcomes.accepted, 100U);
}

TEST(UpdateCodecTest, EveryBitFlipIsMalformedRefusedOrAnotherUpdate) {
  Outcomes outcomes;
  ForEachSeed(50, [&outcomes](Random& random) {
    TwinReplicas replicas(random, 2);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(12));
    Twin& to = replicas[0];
    ASSERT_NO_FATAL_FAILURE(replicas.Edit(replicas[1]));
    const VersionVector known = random.Chance(50) ? to.rga.version_vector() : VersionVector{};
    const std::string bytes =
        EncodeUpdate(replicas[1].rga.ChangesSince(known), {.neighbours = random.Chance(50)});
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
      ASSERT_NO_FATAL_FAILURE(IntegrateSpoiled(to, flipped, outcomes));
    }
  });
  ExpectEachOutcome(outcomes);
}

TEST(UpdateCodecTest, SpoiledUpdatesAreMalformedRefusedOrOtherUpdates) {
  Outcomes outcomes;
  ForEachSeed(300, [&outcomes](Random& random) {
    TwinReplicas replicas(random, 3);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(20));
    Twin& to = replicas.Any();
    Twin& from = replicas.Any();
    ASSERT_NO_FATAL_FAILURE(replicas.Edit(from));
    const VersionVector known = random.Chance(70) ? to.rga.version_vector() : VersionVector{};
    const std::string bytes =
        EncodeUpdate(from.rga.ChangesSince(known), {.neighbours = random.Chance(50)});
    for (int i = 0; i < 100; ++i) {
      ASSERT_NO_FATAL_FAILURE(IntegrateSpoiled(to, Spoiled(random, bytes), outcomes));
    }
  });
  ExpectEachOutcome(outcomes);
}

}  // namespace
}  // namespace cotext
