#include "sync/update_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/message.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext::sync {
namespace {

std::string UpdateOf(const RgaDocument& document, const VersionVector& since) {
  return *document.EncodeSince(Version{.bytes = since.Encode()});
}

void BringUpToDate(RgaDocument& document, const UpdateLog& log) {
  const auto slice = log.Since(document.version_vector());
  ASSERT_TRUE(slice.has_value());
  EXPECT_EQ(slice->empty(), document.version_vector() == log.version());
  if (!slice->empty()) ASSERT_TRUE(document.Merge(*slice).has_value());
}

// Two writers who hear of each other now and then, each edit an update of its own.
TEST(UpdateLogTest, ASliceBringsAnyOlderCopyToTheSameText) {
  ForEachSeed(200, [](Random& random) {
    RgaDocument writers[2] = {RgaDocument(ReplicaId{.value = 7}),
                              RgaDocument(ReplicaId{.value = 9})};
    UpdateLog log;
    std::vector<std::unique_ptr<RgaDocument>> copies;
    copies.push_back(std::make_unique<RgaDocument>(ReplicaId{.value = 11}));
    for (uint64_t edits = random.Below(100); edits > 0; --edits) {
      RgaDocument& writer = writers[random.Below(2)];
      const VersionVector before = writer.version_vector();
      const CodePointOffset at(random.Below(writer.metrics().code_points + 1));
      ASSERT_TRUE(writer.Insert(at, RandomText(random, 5)).has_value());
      if (writer.version_vector() != before) {
        ASSERT_TRUE(log.Add(UpdateOf(writer, before)).has_value());
      }
      if (random.Chance(30)) BringUpToDate(writer, log);
      if (random.Chance(20)) copies.push_back(writer.Fork(ReplicaId{.value = 11}));
    }
    for (RgaDocument& writer : writers) BringUpToDate(writer, log);
    EXPECT_EQ(log.version(), writers[0].version_vector());
    for (const auto& copy : copies) {
      BringUpToDate(*copy, log);
      ASSERT_EQ(copy->Text(), writers[0].Text());
      EXPECT_EQ(copy->version_vector(), writers[1].version_vector());
    }
  });
}

TEST(UpdateLogTest, ManyKeystrokesAreKeptAsFewUpdates) {
  RgaDocument document(ReplicaId{.value = 5});
  UpdateLog log;
  for (uint64_t i = 0; i < 4000; ++i) {
    const VersionVector before = document.version_vector();
    ASSERT_TRUE(document.Insert(CodePointOffset(i), "x").has_value());
    ASSERT_TRUE(log.Add(UpdateOf(document, before)).has_value());
  }
  EXPECT_LE(log.update_count(), 40U);
  EXPECT_LT(log.bytes(), 6000U);
}

// Several writers, whose edits come to many pieces.
TEST(UpdateLogTest, PieceByPieceAnyOlderCopyComesToTheSameText) {
  ForEachSeed(6, [](Random& random) {
    UpdateLog log;
    RgaDocument writers[2] = {RgaDocument(ReplicaId{.value = 7}),
                              RgaDocument(ReplicaId{.value = 9})};
    std::vector<std::unique_ptr<RgaDocument>> copies;
    copies.push_back(std::make_unique<RgaDocument>(ReplicaId{.value = 11}));
    for (int edit = 0; edit < 300; ++edit) {
      RgaDocument& writer = writers[random.Below(2)];
      const VersionVector before = writer.version_vector();
      const CodePointOffset at(random.Below(writer.metrics().code_points + 1));
      const bool is_large = random.Chance(3);
      const size_t size = 1 + random.Below(is_large ? 200'000 : 3'000);
      ASSERT_TRUE(writer.Insert(at, std::string(size, 'x')).has_value());
      ASSERT_TRUE(log.Add(UpdateOf(writer, before)).has_value());
      if (random.Chance(10)) BringUpToDate(writer, log);
      if (random.Chance(5)) copies.push_back(writer.Fork(ReplicaId{.value = 11}));
    }
    for (RgaDocument& writer : writers) BringUpToDate(writer, log);
    EXPECT_GT(log.end_position(), 5U);
    EXPECT_LT(log.update_count(), log.bytes() / (kPieceBytesMax / 4));
    for (const auto& copy : copies) {
      size_t position = 0;
      while (true) {
        const auto piece = log.NextPiece(copy->version_vector(), position);
        ASSERT_TRUE(piece.has_value());
        if (piece->update.empty()) break;
        EXPECT_LE(piece->update.size(), kPieceBytesMax + 1000);
        ASSERT_GE(piece->position, position);
        position = piece->position;
        ASSERT_TRUE(copy->Merge(piece->update).has_value());
      }
      ASSERT_EQ(copy->Text(), writers[0].Text());
      EXPECT_EQ(copy->version_vector(), log.version());
    }
  });
}

TEST(UpdateLogTest, ALongHistoryReadAnewIsCutInPieces) {
  RgaDocument document(ReplicaId{.value = 5});
  ASSERT_TRUE(document.Insert(CodePointOffset(0), std::string(1'000'000, 'x')).has_value());
  UpdateLog log;
  ASSERT_TRUE(log.Add(UpdateOf(document, {})).has_value());
  EXPECT_GE(log.update_count(), 15U);
  const auto piece = log.NextPiece({}, 0);
  ASSERT_TRUE(piece.has_value());
  EXPECT_LE(piece->update.size(), kPieceBytesMax);
  EXPECT_GT(piece->update.size(), kPieceBytesMax / 2);
}

TEST(UpdateLogTest, AnUpdateAsLongAsAPieceIsKeptAsItIs) {
  RgaDocument document(ReplicaId{.value = 5});
  UpdateLog log;
  std::vector<std::string> added;
  for (const size_t size : {size_t{10}, kPieceBytesMax / 2, size_t{10}, kPieceBytesMax * 9 / 10}) {
    const VersionVector before = document.version_vector();
    ASSERT_TRUE(document.Insert(CodePointOffset(0), std::string(size, 'x')).has_value());
    added.push_back(UpdateOf(document, before));
    ASSERT_TRUE(log.Add(added.back()).has_value());
  }
  ASSERT_EQ(log.piece_count(), 4U);
  for (size_t i = 0; i < added.size(); ++i) EXPECT_EQ(log.PieceAt(i), added[i]);
  EXPECT_TRUE(log.OpenUpdates().empty());
}

TEST(UpdateLogTest, ThePiecesAndWhatFollowsThemAreAllThatThereIs) {
  ForEachSeed(20, [](Random& random) {
    RgaDocument document(ReplicaId{.value = 5});
    UpdateLog log(200);
    std::vector<std::string> pieces;
    for (int edit = 0; edit < 200; ++edit) {
      const VersionVector before = document.version_vector();
      const CodePointOffset at(random.Below(document.metrics().code_points + 1));
      const size_t size = 1 + random.Below(random.Chance(10) ? 500 : 5);
      ASSERT_TRUE(document.Insert(at, std::string(size, 'x')).has_value());
      ASSERT_TRUE(log.Add(UpdateOf(document, before)).has_value());
      // Pieces stay as they are.
      ASSERT_GE(log.piece_count(), pieces.size());
      for (size_t i = 0; i < pieces.size(); ++i) ASSERT_EQ(log.PieceAt(i), pieces[i]);
      while (pieces.size() < log.piece_count()) pieces.push_back(log.PieceAt(pieces.size()));
    }
    EXPECT_GT(pieces.size(), 5U);
    RgaDocument copy(ReplicaId{.value = 6});
    UpdateLog again(200);
    for (const std::string& open : log.OpenUpdates()) pieces.push_back(open);
    for (const std::string& piece : pieces) {
      ASSERT_TRUE(copy.Merge(piece).has_value());
      ASSERT_TRUE(again.Add(piece).has_value());
    }
    EXPECT_EQ(copy.Text(), document.Text());
    EXPECT_EQ(again.version(), log.version());
  });
}

TEST(UpdateLogTest, AnUpdateBehindAGapIsRefused) {
  RgaDocument document(ReplicaId{.value = 5});
  ASSERT_TRUE(document.Insert(CodePointOffset(0), "a").has_value());
  const VersionVector first = document.version_vector();
  ASSERT_TRUE(document.Insert(CodePointOffset(1), "b").has_value());
  UpdateLog log;
  const auto added = log.Add(UpdateOf(document, first));
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().code, ErrorCode::kMissingDependency);
  EXPECT_EQ(log.update_count(), 0U);
  EXPECT_TRUE(log.version().empty());
}

TEST(UpdateLogTest, BytesThatAreNoUpdateAreRefused) {
  UpdateLog log;
  const auto added = log.Add("\xff\xff");
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().code, ErrorCode::kMalformedUpdate);
}

}  // namespace
}  // namespace cotext::sync
