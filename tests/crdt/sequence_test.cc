// Where elements stand in a Sequence, and searches that ask about them. That it is the RGA's list
// is what the tests of the RGA say.
#include "crdt/sequence.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// Returns a document with tombstones, long runs and single characters.
Rga MakeDocument(Random& random) {
  Rga rga(ReplicaId{1}, random.Chance(50) ? kTinySequence : SequenceOptions());
  const uint64_t edits = random.Between(1, 400);
  for (uint64_t i = 0; i < edits; ++i) {
    const uint64_t length = rga.sequence().length();
    const uint64_t position = random.Below(length + 1);
    const uint64_t count = random.Chance(40) ? random.Below(length - position + 1) / 4 : 0;
    const std::string text(random.Below(6), 'a');
    EXPECT_TRUE(rga.Replace(position, count, text).has_value());
  }
  return rga;
}

std::vector<Lv> ElementsOf(const Sequence& sequence, bool with_tombstones) {
  std::vector<Lv> elements;
  sequence.ForEachRun([&](const Sequence::Run& run) {
    if (run.deleted && !with_tombstones) return;
    for (uint32_t i = 0; i < run.length; ++i) elements.push_back(run.first + i);
  });
  return elements;
}

TEST(SequenceTest, PlacesAscendInDocumentOrder) {
  ForEachSeed(100, [](Random& random) {
    const Rga rga = MakeDocument(random);
    const std::vector<Lv> elements = ElementsOf(rga.sequence(), /*with_tombstones=*/true);
    for (size_t i = 1; i < elements.size(); ++i) {
      ASSERT_LT(rga.sequence().PlaceOf(elements[i - 1]), rga.sequence().PlaceOf(elements[i]));
    }
  });
}

TEST(SequenceTest, FindsTheBorderInFrontOfAPosition) {
  ForEachSeed(300, [](Random& random) {
    const Rga rga = MakeDocument(random);
    const std::vector<Lv> visible = ElementsOf(rga.sequence(), /*with_tombstones=*/false);
    const uint64_t end = random.Below(visible.size() + 1);
    const uint64_t border = random.Below(end + 1);
    std::vector<bool> before(rga.history().text.end().value);
    for (uint64_t i = 0; i < border; ++i) before[visible[i].value] = true;
    int asked = 0;
    const uint64_t found = rga.sequence().BorderBefore(end, [&](Lv element) {
      ++asked;
      return static_cast<bool>(before[element.value]);
    });
    ASSERT_EQ(found, border);
    // Twice as many as a search by halves in everything would ask, since nodes are half full.
    ASSERT_LE(asked, 2 * std::bit_width(visible.size()) + 8);
  });
}

TEST(SequenceTest, FindsABorderWhateverIsAnswered) {
  ForEachSeed(300, [](Random& random) {
    const Rga rga = MakeDocument(random);
    const std::vector<Lv> visible = ElementsOf(rga.sequence(), /*with_tombstones=*/false);
    const uint64_t end = random.Below(visible.size() + 1);
    std::vector<bool> before(rga.history().text.end().value);
    for (size_t i = 0; i < before.size(); ++i) before[i] = random.Chance(60);
    const uint64_t found = rga.sequence().BorderBefore(
        end, [&](Lv element) { return static_cast<bool>(before[element.value]); });
    ASSERT_LE(found, end);
    if (found > 0) ASSERT_TRUE(before[visible[found - 1].value]);
    if (found < end) ASSERT_FALSE(before[visible[found].value]);
  });
}

}  // namespace
}  // namespace cotext
