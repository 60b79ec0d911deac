#include "crdt/version_vector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"
#include "document/random.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Breaks a vector behind its back, to prove that CheckInvariants looks.
struct VersionVectorPeer {
  static auto& Entries(VersionVector& version) { return version.entries_; }
};

namespace {

OpId Id(uint64_t replica, uint64_t counter) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

VersionVector Vector(std::initializer_list<OpId> ids) {
  VersionVector version;
  for (const OpId id : ids) version.Observe(id);
  return version;
}

std::string Bytes(std::initializer_list<unsigned> bytes) {
  std::string result;
  for (const unsigned byte : bytes) result.push_back(static_cast<char>(byte));
  return result;
}

// The oracle: counters by replica, none of them 0.
using Model = std::map<uint64_t, uint64_t>;

void ExpectEqual(const VersionVector& version, const Model& model) {
  version.CheckInvariants();
  ASSERT_EQ(version.empty(), model.empty());
  ASSERT_EQ(version.entries().size(), model.size());
  auto at = version.entries().begin();
  for (const auto& [replica, counter] : model) {
    ASSERT_EQ(*at++, (VersionVector::Entry{.replica = ReplicaId{replica}, .counter = counter}));
  }
  for (uint64_t replica = 0; replica < 12; ++replica) {
    const auto found = model.find(replica);
    const uint64_t counter = found == model.end() ? 0 : found->second;
    ASSERT_EQ(version.CounterOf(ReplicaId{replica}), counter);
    ASSERT_TRUE(version.Covers(Id(replica, counter)));
    ASSERT_FALSE(version.Covers(Id(replica, counter + 1)));
  }
}

bool Covers(const Model& left, const Model& right) {
  return std::ranges::all_of(right, [&left](const auto& entry) {
    const auto found = left.find(entry.first);
    return found != left.end() && found->second >= entry.second;
  });
}

// Few replicas and counters, so that all ways to compare occur; small and great replicas.
VersionVector RandomVector(Random& random, Model* model = nullptr) {
  VersionVector version;
  for (uint64_t count = random.Below(8); count > 0; --count) {
    const OpId id = Id(random.Between(1, 9), random.Below(4));
    version.Observe(id);
    if (model == nullptr || id.counter == 0) continue;
    uint64_t& counter = (*model)[id.replica.value];
    counter = std::max(counter, id.counter);
  }
  return version;
}

// Numbers of every length.
VersionVector RandomWideVector(Random& random) {
  VersionVector version;
  for (uint64_t count = random.Below(6); count > 0; --count) {
    const auto number = [&random] {
      return std::max<uint64_t>(1, random.Below(kIdLimit) >> random.Below(53));
    };
    const uint64_t replica = number();
    version.Observe(Id(replica, number()));
  }
  return version;
}

VersionVector Joined(VersionVector left, const VersionVector& right) {
  left.Join(right);
  return left;
}

VersionVector Met(VersionVector left, const VersionVector& right) {
  left.Meet(right);
  return left;
}

// Either an error, or a value of which these are the bytes.
void ExpectTotal(std::string_view bytes) {
  const Expected<VersionVector> decoded = VersionVector::Decode(bytes);
  if (!decoded) {
    ASSERT_EQ(decoded.error().code, ErrorCode::kInvalidVersion);
    return;
  }
  ASSERT_EQ(decoded->Encode(), bytes);
  for (const VersionVector::Entry& entry : decoded->entries()) {
    ASSERT_TRUE(IsValid(OpId{.counter = entry.counter, .replica = entry.replica}));
  }
}

// A set of operations, compared with a map.

TEST(VersionVectorTest, ObservingKeepsTheGreatestCounterOfEachReplica) {
  ForEachSeed(500, [](Random& random) {
    Model model;
    const VersionVector version = RandomVector(random, &model);
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(version, model));
  });
}

TEST(VersionVectorTest, ObservingTheRootAddsNothing) {
  VersionVector version;
  version.Observe(kRoot);
  version.Observe(Id(5, 0));
  EXPECT_TRUE(version.empty());
  EXPECT_EQ(version, VersionVector());
}

TEST(VersionVectorTest, JoinMeetAndCoversEqualThoseOfMaps) {
  ForEachSeed(2000, [](Random& random) {
    Model left;
    Model right;
    const VersionVector a = RandomVector(random, &left);
    const VersionVector b = RandomVector(random, &right);
    ASSERT_EQ(a.Covers(b), Covers(left, right));
    ASSERT_EQ(a == b, left == right);
    Model joined = left;
    Model met;
    for (const auto& [replica, counter] : right) {
      joined[replica] = std::max(joined[replica], counter);
      if (left.contains(replica)) met[replica] = std::min(left[replica], counter);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(Joined(a, b), joined));
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(Met(a, b), met));
  });
}

TEST(VersionVectorTest, JoinAndMeetMakeALattice) {
  ForEachSeed(2000, [](Random& random) {
    const VersionVector a = RandomVector(random);
    const VersionVector b = RandomVector(random);
    const VersionVector c = RandomVector(random);
    // Idempotent, commutative, associative, absorbing, distributive.
    ASSERT_EQ(Joined(a, a), a);
    ASSERT_EQ(Met(a, a), a);
    ASSERT_EQ(Joined(a, b), Joined(b, a));
    ASSERT_EQ(Met(a, b), Met(b, a));
    ASSERT_EQ(Joined(Joined(a, b), c), Joined(a, Joined(b, c)));
    ASSERT_EQ(Met(Met(a, b), c), Met(a, Met(b, c)));
    ASSERT_EQ(Joined(a, Met(a, b)), a);
    ASSERT_EQ(Met(a, Joined(a, b)), a);
    ASSERT_EQ(Met(a, Joined(b, c)), Joined(Met(a, b), Met(a, c)));
    // Covers is its order, and the empty vector its least element.
    ASSERT_TRUE(a.Covers(a));
    ASSERT_TRUE(a.Covers(VersionVector()));
    ASSERT_EQ(a.Covers(b), Joined(a, b) == a);
    ASSERT_EQ(a.Covers(b), Met(a, b) == b);
    ASSERT_EQ(a.Covers(b) && b.Covers(a), a == b);
  });
}

TEST(VersionVectorTest, AVectorMayBeJoinedAndMetWithItself) {
  VersionVector version = Vector({Id(1, 2), Id(3, 4)});
  const VersionVector before = version;
  version.Join(version);
  EXPECT_EQ(version, before);
  version.Meet(version);
  EXPECT_EQ(version, before);
  EXPECT_TRUE(version.Covers(version));
}

// The bytes.

TEST(VersionVectorTest, GoldenBytes) {
  EXPECT_EQ(VersionVector().Encode(), Bytes({0x00}));
  EXPECT_EQ(Vector({Id(7, 1)}).Encode(), Bytes({0x01, 0x07, 0x01}));
  // 1 and 300 - 1 = 299; 5 and 128.
  EXPECT_EQ(Vector({Id(300, 128), Id(1, 5)}).Encode(),
            Bytes({0x02, 0x01, 0x05, 0xab, 0x02, 0x80, 0x01}));
  EXPECT_EQ(Vector({Id(kIdLimit - 1, kIdLimit - 1)}).Encode(),
            Bytes({0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f,  //
                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}));
}

TEST(VersionVectorTest, EncodingRoundTrips) {
  ForEachSeed(1000, [](Random& random) {
    const VersionVector version =
        random.Chance(50) ? RandomVector(random) : RandomWideVector(random);
    const Expected<VersionVector> decoded = VersionVector::Decode(version.Encode());
    ASSERT_TRUE(decoded.has_value());
    ASSERT_EQ(*decoded, version);
  });
}

TEST(VersionVectorTest, EveryTruncationAndEveryExtensionIsMalformed) {
  EXPECT_FALSE(VersionVector::Decode("").has_value());
  ForEachSeed(300, [](Random& random) {
    const std::string bytes = RandomWideVector(random).Encode();
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(VersionVector::Decode(std::string_view(bytes).substr(0, size)).has_value());
    }
    for (unsigned last = 0; last < 256; ++last) {
      ASSERT_FALSE(VersionVector::Decode(bytes + static_cast<char>(last)).has_value());
    }
  });
}

TEST(VersionVectorTest, EveryBitFlipIsAnErrorOrAnotherVector) {
  ForEachSeed(300, [](Random& random) {
    const VersionVector version = RandomWideVector(random);
    const std::string bytes = version.Encode();
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
      ASSERT_NO_FATAL_FAILURE(ExpectTotal(flipped));
      const Expected<VersionVector> decoded = VersionVector::Decode(flipped);
      if (decoded) ASSERT_NE(*decoded, version);
    }
  });
}

TEST(VersionVectorTest, RandomBytesAreAnErrorOrAVectorOfTheseBytes) {
  ForEachSeed(300, [](Random& random) {
    for (int i = 0; i < 100; ++i) {
      std::string bytes;
      for (uint64_t size = random.Below(20); size > 0; --size) {
        bytes.push_back(static_cast<char>(random.Chance(70) ? random.Below(6) : random.Below(256)));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectTotal(bytes));
    }
  });
}

TEST(VersionVectorTest, CountsThatTheBytesCannotHoldAreMalformed) {
  for (const uint64_t count : {uint64_t{2}, uint64_t{1} << 20U, uint64_t{1} << 32U,
                               uint64_t{1} << 60U, uint64_t{1} << 63U, ~uint64_t{0}}) {
    std::string bytes;
    AppendVarint(bytes, count);
    EXPECT_FALSE(VersionVector::Decode(bytes).has_value());
    bytes += Bytes({0x01, 0x01});
    EXPECT_FALSE(VersionVector::Decode(bytes).has_value());
  }
}

TEST(VersionVectorTest, ReplicasAndCountersOutOfRangeAreMalformed) {
  const auto decodes = [](std::initializer_list<uint64_t> numbers) {
    std::string bytes;
    for (const uint64_t number : numbers) AppendVarint(bytes, number);
    ExpectTotal(bytes);
    return VersionVector::Decode(bytes).has_value();
  };
  EXPECT_TRUE(decodes({1, 1, 1}));
  EXPECT_FALSE(decodes({1, 0, 1}));  // No replica.
  EXPECT_FALSE(decodes({1, 1, 0}));  // Nothing seen.
  EXPECT_TRUE(decodes({1, kIdLimit - 1, kIdLimit - 1}));
  EXPECT_FALSE(decodes({1, kIdLimit, 1}));
  EXPECT_FALSE(decodes({1, 1, kIdLimit}));
  EXPECT_FALSE(decodes({1, ~uint64_t{0}, 1}));
  EXPECT_FALSE(decodes({1, 1, ~uint64_t{0}}));
  EXPECT_FALSE(decodes({2, 5, 1, 0, 1}));  // A replica twice.
  EXPECT_TRUE(decodes({2, 5, 1, kIdLimit - 6, 1}));
  EXPECT_FALSE(decodes({2, 5, 1, kIdLimit - 5, 1}));
  EXPECT_FALSE(decodes({2, 5, 1, ~uint64_t{0} - 3, 1}));  // A step around the end.
}

TEST(VersionVectorDeathTest, CheckerSeesAZero) {
  VersionVector version = Vector({Id(1, 5), Id(2, 6)});
  version.CheckInvariants();
  VersionVectorPeer::Entries(version)[1].counter = 0;
  EXPECT_DEATH(version.CheckInvariants(), "counter > 0");
}

TEST(VersionVectorDeathTest, CheckerSeesEntriesOutOfOrder) {
  VersionVector version = Vector({Id(1, 5), Id(2, 6)});
  std::ranges::reverse(VersionVectorPeer::Entries(version));
  EXPECT_DEATH(version.CheckInvariants(), "replica < entries_");
}

}  // namespace
}  // namespace cotext
