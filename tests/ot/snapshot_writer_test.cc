#include "ot/snapshot_writer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "document/delta.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

// Somebody edits the present text.
void Commit(Random& random, OtServerState& state, OtSnapshotWriter& writer, uint64_t seq) {
  const OtOutcome outcome =
      state.Apply({.client = OtClientId{(uint64_t{1} << 50U) + 1},
                   .seq = seq,
                   .base = state.revision(),
                   .operation = RandomDelta(random, state.text().Text(), DeletedText::kNone)});
  if (outcome.revision) writer.OnCommit(state.CommitAt(*outcome.revision).operation);
}

std::string WholeSnapshotOf(const OtServerState& state, size_t bytes) {
  OtSnapshotWriter writer;
  while (!writer.Write(state, bytes)) continue;
  return std::move(writer).Take();
}

TEST(SnapshotWriterTest, TheBytesAreThoseOfTheCodecInPartsOfAnySize) {
  ForEachSeed(300, [](Random& random) {
    const OtServerState state = RandomServerState(random);
    const std::string whole = EncodeOtSnapshot(state.Snapshot());
    EXPECT_EQ(WholeSnapshotOf(state, 1 + random.Below(200)), whole);
    EXPECT_EQ(WholeSnapshotOf(state, SIZE_MAX), whole);
  });
  EXPECT_EQ(WholeSnapshotOf(OtServerState(), 1), EncodeOtSnapshot({}));
}

TEST(SnapshotWriterTest, ItIsTheSnapshotOfWhenItWasFixedWhateverIsCommitted) {
  size_t parts = 0;
  ForEachSeed(1000, [&parts](Random& random) {
    OtServerState state = RandomServerState(random);
    OtSnapshotWriter writer;
    std::optional<OtSnapshot> fixed;
    bool is_whole = false;
    for (uint64_t seq = 1; !is_whole;) {
      if (random.Chance(30)) {
        Commit(random, state, writer, seq++);
        continue;
      }
      const bool was_fixed = writer.is_fixed();
      is_whole = writer.Write(state, 1 + random.Below(20));
      if (!was_fixed && writer.is_fixed()) fixed = state.Snapshot();
      ++parts;
    }
    ASSERT_TRUE(fixed.has_value());
    EXPECT_EQ(std::move(writer).Take(), EncodeOtSnapshot(*fixed));
  });
  EXPECT_GT(parts, 10'000U);
}

TEST(SnapshotWriterTest, CommitsMayBeDroppedUntilItIsFixed) {
  OtServerState state;
  for (uint64_t seq = 1; seq <= 20; ++seq) {
    ASSERT_TRUE(state
                    .Apply({.client = OtClientId{5},
                            .seq = seq,
                            .base = seq - 1,
                            .operation = Delta().Insert("0123456789")})
                    .revision);
  }
  OtSnapshotWriter writer;
  EXPECT_FALSE(writer.Write(state, 100));
  EXPECT_FALSE(writer.is_fixed());
  ASSERT_TRUE(state.TruncateBefore(10).has_value());
  while (!writer.Write(state, 100)) continue;
  EXPECT_EQ(std::move(writer).Take(), EncodeOtSnapshot(state.Snapshot()));
}

}  // namespace
}  // namespace cotext
