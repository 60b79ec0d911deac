#include "crdt/index_backlog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "crdt/ids.h"
#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

struct Told {
  std::vector<uint32_t> firsts;
  std::vector<uint32_t> leaves;
  uint32_t end = 0;
  std::vector<uint32_t> split;
};

Told Settle(IndexBacklog& backlog) {
  Told told;
  backlog.Settle([&told](const IndexBacklog::Work& work) {
    for (const LeafIndex::Place& place : work.fresh) {
      told.firsts.push_back(place.first.value);
      told.leaves.push_back(place.leaf);
    }
    told.end = work.end.value;
    told.split.assign(work.split.begin(), work.split.end());
  });
  return told;
}

TEST(IndexBacklogTest, TellsOfChangesOfLeafOnly) {
  IndexBacklog backlog;
  EXPECT_TRUE(backlog.empty());
  backlog.Add(Lv{5}, 2, 0);
  backlog.Add(Lv{7}, 1, 0);
  backlog.Add(Lv{8}, 1, 3);
  backlog.AddSplit(3);
  EXPECT_FALSE(backlog.empty());
  const Told told = Settle(backlog);
  EXPECT_EQ(told.firsts, (std::vector<uint32_t>{5, 8}));
  EXPECT_EQ(told.leaves, (std::vector<uint32_t>{0, 3}));
  EXPECT_EQ(told.end, 9U);
  EXPECT_EQ(told.split, std::vector<uint32_t>{3});
}

TEST(IndexBacklogTest, TellsOnceAndBeginsAnew) {
  IndexBacklog backlog;
  backlog.Add(Lv{0}, 1, 4);
  Settle(backlog);
  EXPECT_TRUE(backlog.empty());
  EXPECT_TRUE(Settle(backlog).firsts.empty());
  // The leaf is the same, but nobody remembers.
  backlog.Add(Lv{1}, 1, 4);
  EXPECT_EQ(Settle(backlog).firsts, std::vector<uint32_t>{1});
}

TEST(IndexBacklogTest, CopiesTellTheSame) {
  IndexBacklog backlog;
  backlog.Add(Lv{0}, 3, 1);
  backlog.AddSplit(2);
  IndexBacklog copy = backlog;
  Settle(backlog);
  const Told told = Settle(copy);
  EXPECT_EQ(told.leaves, std::vector<uint32_t>{1});
  EXPECT_EQ(told.split, std::vector<uint32_t>{2});
}

TEST(IndexBacklogTest, WhereNothingIsKnownNothingElseIsKept) {
  IndexBacklog backlog;
  backlog.AddEverything(Lv{1000});
  const uint64_t bytes = backlog.AllocatedBytes();
  for (uint32_t i = 0; i < 100; ++i) {
    backlog.Add(Lv{1000 + i}, 1, i % 2);
    backlog.AddSplit(i);
  }
  EXPECT_EQ(backlog.AllocatedBytes(), bytes);
  IndexBacklog copy = backlog;
  for (IndexBacklog* each : {&backlog, &copy}) {
    int told = 0;
    each->Settle([&told](const IndexBacklog::Work& work) {
      ++told;
      EXPECT_TRUE(work.everything);
      EXPECT_EQ(work.end, Lv{1100});
    });
    EXPECT_EQ(told, 1);
    each->Add(Lv{1100}, 1, 1);
    each->Settle([](const IndexBacklog::Work& work) { EXPECT_FALSE(work.everything); });
  }
}

// Returns where every element stands, by a walk that asks no index.
std::vector<uint64_t> RanksOf(const Rga& rga) {
  std::vector<uint64_t> ranks(rga.history().text.end().value);
  uint64_t position = 0;
  rga.sequence().ForEachRun([&](const Sequence::Run& run) {
    for (uint32_t i = 0; i < run.length; ++i) {
      ranks[(run.first + i).value] = position;
      if (!run.deleted) ++position;
    }
  });
  return ranks;
}

void EditAnywhere(Rga& rga, Random& random) {
  const uint64_t length = rga.sequence().length();
  const uint64_t position = random.Below(length + 1);
  const uint64_t count = random.Chance(30) ? random.Below(length - position + 1) / 4 : 0;
  ASSERT_TRUE(rga.Replace(position, count, std::string(random.Below(5), 'a')).has_value());
}

// Returns the same document as it comes in one piece, of which the index was told nothing.
Rga InOnePiece(const Rga& rga, const SequenceOptions& options) {
  Rga copy(rga.replica(), options);
  EXPECT_TRUE(copy.IntegratePacked(rga.PackedSince({}), Rga::Effects::kIgnore).result.has_value());
  return copy;
}

// Elements are looked up after few edits, whose leaves are told one by one, and after so many that
// the index is made anew, as it is where the document came in one piece.
TEST(IndexBacklogTest, ElementsAreFoundHoweverManyEditsWerePutOff) {
  ForEachSeed(200, [](Random& random) {
    const SequenceOptions options = random.Chance(50) ? kTinySequence : SequenceOptions();
    Rga rga(ReplicaId{1}, options);
    for (int batch = 0; batch < 8; ++batch) {
      if (random.Chance(30)) rga = InOnePiece(rga, options);
      const uint64_t edits = random.Chance(50) ? random.Below(4) : random.Below(200);
      for (uint64_t i = 0; i < edits; ++i) EditAnywhere(rga, random);
      const std::vector<uint64_t> ranks = RanksOf(rga);
      const Rga copy = rga;
      for (uint32_t at = 0; at < ranks.size(); ++at) {
        ASSERT_EQ(rga.sequence().RankOf(Lv{at}).position, ranks[at]) << at;
        ASSERT_EQ(copy.sequence().RankOf(Lv{at}).position, ranks[at]) << at;
      }
      rga.CheckInvariants();
    }
  });
}

// What somebody else types where he typed last asks no index, and so must not skip what was put
// off.
TEST(IndexBacklogTest, AKeystrokeOfSomebodyElseComesBetweenLocalEdits) {
  ForEachSeed(100, [](Random& random) {
    Rga here(ReplicaId{1}, random.Chance(50) ? kTinySequence : SequenceOptions());
    Rga there(ReplicaId{2});
    for (int step = 0; step < 60; ++step) {
      Rga& editor = random.Chance(50) ? here : there;
      for (uint64_t edits = random.Below(12); edits > 0; --edits) EditAnywhere(editor, random);
      Rga& reader = &editor == &here ? there : here;
      ASSERT_TRUE(reader.IntegrateAll(editor.ChangesSince(reader.version_vector())).has_value());
      if (random.Chance(20)) here.CheckInvariants();
    }
    here.CheckInvariants();
  });
}

// A keystroke right behind what was just typed here asks no index either.
TEST(IndexBacklogTest, SomebodyElseGoesOnWhereSomethingWasTyped) {
  RgaDocument here(ReplicaId{1});
  RgaDocument there(ReplicaId{2});
  for (uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(here.Insert(CodePointOffset{i}, "a"));
  ASSERT_TRUE(there.Merge(*here.EncodeSince(there.version())));
  ASSERT_TRUE(there.Insert(CodePointOffset{3}, "b"));
  ASSERT_TRUE(here.Merge(*there.EncodeSince(here.version())));
  EXPECT_EQ(here.Text(), "aaab");
  here.CheckInvariants();
}

// Returns how many elements are not found where they are by four threads that look them up, and
// copy the document, at once.
int WrongForReaders(const Rga& rga) {
  const std::vector<uint64_t> ranks = RanksOf(rga);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (uint32_t reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&, reader] {
      const Rga copy = rga;
      for (uint32_t at = reader; at < ranks.size(); at += 4) {
        if (rga.sequence().RankOf(Lv{at}).position != ranks[at]) ++wrong;
        if (copy.sequence().RankOf(Lv{at}).position != ranks[at]) ++wrong;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  return wrong;
}

// One thread makes up for what was put off while the others wait for it; TSan watches.
TEST(IndexBacklogTest, SeveralThreadsMayAskAtOnce) {
  Random random(7);
  Rga rga(ReplicaId{1});
  for (int edit = 0; edit < 3000; ++edit) EditAnywhere(rga, random);
  EXPECT_EQ(WrongForReaders(rga), 0);
  EXPECT_EQ(WrongForReaders(InOnePiece(rga, SequenceOptions())), 0);
}

}  // namespace
}  // namespace cotext
