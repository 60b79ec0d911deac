#include "crdt/update_codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/varint.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// All bytes that this thread ever asked for.
thread_local uint64_t allocated_bytes = 0;

}  // namespace
}  // namespace cotext

void* operator new(size_t size) {
  cotext::allocated_bytes += size;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }

namespace cotext {
namespace {

// A decoder may ask for this much in all, and this much per byte of its input. A column element
// takes up to 32 bytes of memory and 3 of input (an operation; 40 and 4 a change, 8 and 1 a
// replica), and a column that grows by doubling asks for up to four times its size.
constexpr uint64_t kAllocationMin = 256;
constexpr uint64_t kAllocationPerByte = 64;

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

void ExpectEqual(const Update& left, const Update& right) {
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    const LooseChange one = Loosen(left[i]);
    const LooseChange other = Loosen(right[i]);
    ASSERT_EQ(one.replica, other.replica);
    ASSERT_EQ(one.first_counter, other.first_counter);
    ASSERT_EQ(one.parents, other.parents);
    ASSERT_EQ(one.operations, other.operations);
    ASSERT_EQ(one.text, other.text);
  }
}

// Decodes, and holds the decoder to its limits.
Expected<Update> Decode(std::string_view bytes) {
  const uint64_t before = allocated_bytes;
  Expected<Update> update = DecodeUpdate(bytes);
  const uint64_t used = allocated_bytes - before;
  EXPECT_LE(used, kAllocationMin + kAllocationPerByte * bytes.size());
  if (!update) EXPECT_EQ(update.error().code, ErrorCode::kMalformedUpdate);
  return update;
}

bool Decodes(std::string_view bytes) { return Decode(bytes).has_value(); }

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
  update.AddDelete(Id(4, 300), 1, /*backward=*/true);
  return update;
}

TEST(UpdateCodecTest, GoldenBytes) {
  EXPECT_EQ(EncodeUpdate(Update()), Bytes({0x01, 0x00, 0x00}));
  EXPECT_EQ(EncodeUpdate(SmallUpdate()),
            Bytes({0x01,                                      // The version of the format.
                   0x02, 0xac, 0x02, 0x05,                    // Two replicas: 300, 5.
                   0x01,                                      // One change,
                   0x00, 0x03,                                // 3@300,
                   0x01, 0x01, 0x02,                          // with one parent, 2@5,
                   0x04,                                      // of four operations:
                   0x00, 0x01, 0x02, 0xc3, 0xa9,              // insert one character at the root,
                   0x01, 0x01, 0x02, 0x02, 0x02, 0x61, 0x62,  // two behind 2@5,
                   0x02, 0x01, 0x01, 0x02,                    // delete 1@5 and 2@5,
                   0x03, 0x00, 0x04, 0x01}));                 // delete 4@300, going down.
}

TEST(UpdateCodecTest, EveryKindOfOperationRoundTrips) {
  const Expected<Update> decoded = Decode(EncodeUpdate(SmallUpdate()));
  ASSERT_TRUE(decoded.has_value());
  ExpectEqual(*decoded, SmallUpdate());
}

TEST(UpdateCodecTest, RandomHistoriesRoundTrip) {
  ForEachSeed(100, [](Random& random) {
    const Update update = RandomUpdate(random);
    const std::string bytes = EncodeUpdate(update);
    const Expected<Update> decoded = Decode(bytes);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, update));
    ASSERT_EQ(EncodeUpdate(*decoded), bytes);
  });
}

TEST(UpdateCodecTest, UpdatesThatAreJoinedHoldTheChangesOfBoth) {
  ForEachSeed(50, [](Random& random) {
    const Update one = RandomUpdate(random);
    const Update other = RandomUpdate(random);
    Update joined = one;
    joined.Append(other);
    ASSERT_EQ(joined.size(), one.size() + other.size());
    Update copied;
    for (const Update* update : {&one, &other}) {
      for (size_t i = 0; i < update->size(); ++i) copied.Append((*update)[i]);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(joined, copied));
    const Expected<Update> decoded = Decode(EncodeUpdate(joined));
    ASSERT_TRUE(decoded.has_value());
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, joined));
    joined.Clear();
    ASSERT_TRUE(joined.empty());
    ASSERT_EQ(EncodeUpdate(joined), EncodeUpdate(Update()));
  });
}

// Bad bytes.

TEST(UpdateCodecTest, EveryTruncationAndEveryExtensionIsMalformed) {
  ForEachSeed(20, [](Random& random) {
    const std::string bytes = EncodeUpdate(RandomUpdate(random));
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(Decodes(std::string_view(bytes).substr(0, size)));
    }
    for (const char last : {'\0', '\1', '\x7f', '\x80', '\xff'})
      ASSERT_FALSE(Decodes(bytes + last));
  });
}

TEST(UpdateCodecTest, OtherVersionsOfTheFormatAreMalformed) {
  std::string bytes = EncodeUpdate(SmallUpdate());
  for (unsigned version = 0; version < 256; ++version) {
    bytes[0] = static_cast<char>(version);
    EXPECT_EQ(Decodes(bytes), version == 1);
  }
}

TEST(UpdateCodecTest, CountsThatTheBytesCannotHoldAreMalformed) {
  for (const uint64_t count : {uint64_t{7}, uint64_t{1} << 20U, uint64_t{1} << 31U,
                               uint64_t{1} << 32U, uint64_t{1} << 63U, ~uint64_t{0}}) {
    EXPECT_FALSE(Decodes(Numbers({1, count, 5, 0})));              // Replicas.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, count})));              // Changes.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, count, 0, 1, 0, 0})));  // Of which one is there.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, 1, 0, 1, count, 0})));  // Parents.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, 1, 0, 1, 0, count})));  // Operations.
    EXPECT_FALSE(Decodes(Numbers({1, 1, 5, 1, 0, 1, 0, 1, 0, 1, count})));  // Bytes of text.
  }
  EXPECT_TRUE(Decodes(Numbers({1, 1, 5, 1, 0, 1, 0, 0})));
}

TEST(UpdateCodecTest, TheCheapestElementsOfEachColumnTakeBoundedMemory) {
  constexpr uint64_t kCount = 10000;
  const auto repeat = [](std::string_view bytes) {
    std::string result;
    for (uint64_t i = 0; i < kCount; ++i) result += bytes;
    return result;
  };
  const std::string change = Numbers({0, 1});  // 1@5.
  EXPECT_TRUE(Decodes(Numbers({1, kCount}) + repeat("\x05") + Numbers({0})));
  EXPECT_TRUE(Decodes(Numbers({1, 1, 5, kCount}) + repeat(change + Numbers({0, 0}))));
  EXPECT_TRUE(
      Decodes(Numbers({1, 1, 5, 1}) + change + Numbers({kCount}) + repeat(change) + Numbers({0})));
  EXPECT_TRUE(
      Decodes(Numbers({1, 1, 5, 1}) + change + Numbers({0, kCount}) + repeat(Numbers({0, 1, 0}))));
}

TEST(UpdateCodecTest, LengthsOutOfRangeAreMalformed) {
  const auto decodes_delete_of = [](uint64_t length) {
    return Decodes(Numbers({1, 1, 5, 1, 0, 1, 0, 1, 2, 0, 1, length}));
  };
  EXPECT_FALSE(decodes_delete_of(0));
  EXPECT_TRUE(decodes_delete_of(1));
  EXPECT_TRUE(decodes_delete_of(0xffffffffU));
  EXPECT_FALSE(decodes_delete_of(uint64_t{1} << 32U));
  EXPECT_FALSE(decodes_delete_of((uint64_t{1} << 32U) + 1));
  EXPECT_FALSE(decodes_delete_of(~uint64_t{0}));
}

TEST(UpdateCodecTest, IdsOutOfRangeAreMalformed) {
  const auto decodes = [](uint64_t replica, uint64_t place, uint64_t counter) {
    return Decodes(Numbers({1, 1, replica, 1, place, counter, 0, 0}));
  };
  EXPECT_TRUE(decodes(1, 0, 1));
  EXPECT_TRUE(decodes(kIdLimit - 1, 0, kIdLimit - 1));
  EXPECT_FALSE(decodes(0, 0, 1));
  EXPECT_FALSE(decodes(kIdLimit, 0, 1));
  EXPECT_FALSE(decodes(1, 0, 0));
  EXPECT_FALSE(decodes(1, 0, kIdLimit));
  EXPECT_FALSE(decodes(1, 1, 1));
  EXPECT_FALSE(decodes(1, ~uint64_t{0}, 1));
  // Nor may a replica be out of range that nothing refers to.
  EXPECT_TRUE(Decodes(Numbers({1, 1, 5, 0})));
  EXPECT_FALSE(Decodes(Numbers({1, 1, 0, 0})));
  EXPECT_FALSE(Decodes(Numbers({1, 1, kIdLimit, 0})));
}

TEST(UpdateCodecTest, UnknownKindsOfOperationsAreMalformed) {
  const auto decodes = [](uint64_t kind, std::initializer_list<uint64_t> rest) {
    return Decodes(Numbers({1, 1, 5, 1, 0, 1, 0, 1, kind}) + Numbers(rest));
  };
  EXPECT_TRUE(decodes(0, {1, 1, 'x'}));
  EXPECT_TRUE(decodes(1, {0, 1, 1, 1, 'x'}));
  EXPECT_TRUE(decodes(2, {0, 1, 1}));
  EXPECT_TRUE(decodes(3, {0, 1, 1}));
  for (uint64_t kind = 4; kind < 200; ++kind) {
    EXPECT_FALSE(decodes(kind, {1, 1, 'x'}));
    EXPECT_FALSE(decodes(kind, {0, 1, 1, 1, 'x'}));
    EXPECT_FALSE(decodes(kind, {0, 1, 1}));
  }
}

TEST(UpdateCodecTest, NumbersInALongerFormAreMalformed) {
  const std::string bytes = EncodeUpdate(SmallUpdate());
  // Each byte but the version and the text is a number, or the end of one.
  for (const size_t at : {1U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 13U, 14U, 17U, 18U, 19U}) {
    std::string longer = bytes;
    longer[at] = static_cast<char>(static_cast<unsigned char>(longer[at]) | 0x80U);
    longer.insert(at + 1, 1, '\0');
    EXPECT_FALSE(Decodes(longer)) << at;
  }
}

TEST(UpdateCodecTest, WhatDecodesFromRandomBytesRoundTrips) {
  uint64_t decoded_count = 0;
  ForEachSeed(200, [&decoded_count](Random& random) {
    for (int i = 0; i < 100; ++i) {
      std::string bytes = Numbers({1, 1, 5, random.Below(3)});
      for (uint64_t size = random.Below(24); size > 0; --size) {
        bytes.push_back(static_cast<char>(random.Chance(95) ? random.Below(3) : random.Below(256)));
      }
      const Expected<Update> decoded = Decode(bytes);
      if (!decoded) continue;
      ++decoded_count;
      const Expected<Update> again = Decode(EncodeUpdate(*decoded));
      ASSERT_TRUE(again.has_value());
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(*decoded, *again));
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
    const std::string bytes = EncodeUpdate(replicas[1].rga.ChangesSince(known));
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
    const std::string bytes = EncodeUpdate(from.rga.ChangesSince(known));
    for (int i = 0; i < 100; ++i) {
      ASSERT_NO_FATAL_FAILURE(IntegrateSpoiled(to, Spoiled(random, bytes), outcomes));
    }
  });
  ExpectEachOutcome(outcomes);
}

}  // namespace
}  // namespace cotext
