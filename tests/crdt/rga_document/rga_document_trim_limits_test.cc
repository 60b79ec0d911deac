// Trimmed and packed documents at limits, and what trimming tells of undo.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/base_ids.h"
#include "crdt/codec/base_codec.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/horizon.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/undo_manager.h"
#include "storage/compression.h"

namespace cotext {
namespace {

// Returns a document file whose base is a text, with these bytes, and that has nothing else.
std::string FileOfBase(const std::string& text, const std::string& base,
                       const Compressor& compressor = {}) {
  std::string file(SectionMagic());
  AppendSection(file, SectionKind::kIdentity, std::string(16, 'x') + '\0', {});
  AppendSection(file, SectionKind::kCurrentText, text, compressor);
  AppendSection(file, SectionKind::kBase, base, compressor);
  AppendSection(file, SectionKind::kForm, std::string(1, '\0'), {});
  const UpdateColumns columns = EncodeColumns(PackedUpdate{}, {});
  AppendSection(file, SectionKind::kReplicas, columns.replicas, {});
  AppendSection(file, SectionKind::kChanges, columns.changes, {});
  AppendSection(file, SectionKind::kLengths, columns.lengths, {});
  AppendSection(file, SectionKind::kReferences, columns.references, {});
  AppendSection(file, SectionKind::kDistances, columns.distances, {});
  AppendSection(file, SectionKind::kDeletedText, "", {});
  return file;
}

std::unique_ptr<RgaDocument> OpenBase(const std::string& text, const std::vector<OpId>& frontier) {
  Horizon horizon;
  for (const OpId id : frontier) horizon.version.Observe(id);
  horizon.frontier = frontier;
  const OpId first{.counter = 1, .replica = frontier[0].replica};
  const auto length = static_cast<uint32_t>(text.size());
  BaseIds::Builder builder;
  builder.Add(BaseIds::Run{.first = first, .length = length});
  const auto ids = std::move(builder).Build();
  auto document =
      RgaDocument::Open(FileOfBase(text, EncodeBase(horizon, *ids)), ReplicaId{50}, nullptr);
  EXPECT_TRUE(document.has_value());
  return document ? *std::move(document) : nullptr;
}

// A horizon may claim any counter, so that there is room for a few operations only.
TEST(TrimLimitsTest, UndoForWhichCountersDoNotSufficeChangesNothing) {
  const auto document =
      OpenBase("hello", {OpId{.counter = (uint64_t{1} << 53U) - 7, .replica = ReplicaId{7}}});
  ASSERT_TRUE(document->Replace(CodePointOffset{0}, CodePointOffset{3}, "X"));
  std::vector<std::string> heard;
  document->Subscribe([&](const DeltaEvent&) { heard.push_back(document->Text()); });
  const auto undone = document->Undo();
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(document->Text(), "Xlo");
  EXPECT_TRUE(heard.empty());
  EXPECT_TRUE(document->CanUndo());
  document->CheckInvariants();
}

// Some kilobytes of zstd that claim a run for each of millions of characters.
TEST(TrimLimitsTest, AFileOfTooManyRunsIsRefused) {
  const uint64_t runs = kBaseRunsMax + 1;
  const OpId last{.counter = 2 * runs, .replica = ReplicaId{7}};
  Horizon horizon;
  horizon.version.Observe(last);
  horizon.frontier = {last};
  BaseIds::Builder none;
  std::string base = EncodeBase(horizon, *std::move(none).Build());
  for (uint64_t i = 0; i < runs; ++i) base.append("\0\2", 2);
  const std::string file =
      FileOfBase(std::string(static_cast<size_t>(runs), 'x'), base, CompressorFor(Profile::kSmall));
  EXPECT_LT(file.size(), 16'384U);
  auto document = RgaDocument::Open(file, ReplicaId{50}, NativeDecompressor());
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ((*document)->metrics().code_points, runs);
  const auto edited = (*document)->Insert(CodePointOffset{0}, "x");
  ASSERT_FALSE(edited.has_value());
  EXPECT_EQ(edited.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(edited.error().message.find("base"), std::string::npos);
}

// Whoever trusts a file, and has the memory, may ask for more, or for less.
TEST(TrimLimitsTest, TheRunsOfAFileHaveALimitThatCanBeSet) {
  RgaDocument made(ReplicaId{1});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(made.Insert(CodePointOffset{0}, "x"));
  ASSERT_TRUE(made.Trim(made.version_vector()));
  ASSERT_EQ(made.rga().history().base.run_count(), 10U);
  const std::string file = *made.Save({});
  for (const uint64_t limit : {9U, 10U}) {
    const auto document =
        RgaDocument::Open(file, ReplicaId{2}, nullptr, FileLimits{.base_runs = limit});
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ((*document)->Unpack().has_value(), limit == 10) << limit;
  }
}

// Quadratic in the replicas, this took minutes.
TEST(TrimLimitsTest, AFrontierOfManyReplicasCostsLittle) {
  std::vector<OpId> frontier;
  for (uint32_t i = 1; i <= 300'000; ++i) {
    frontier.push_back(OpId{.counter = 5, .replica = ReplicaId{i}});
  }
  const auto document = OpenBase("a", frontier);
  EXPECT_EQ(document->TextAt(document->version_vector()), "a");
}

// The core is compiled without exceptions, where shrink_to_fit does nothing.
TEST(TrimLimitsTest, ATrimmedTextHasNoRoomToGrow) {
  constexpr uint64_t kLength = 10'000;
  RgaDocument document(ReplicaId{1});
  for (uint64_t i = 0; i < kLength; ++i) ASSERT_TRUE(document.Insert(CodePointOffset{i}, "x"));
  ASSERT_TRUE(document.Trim(document.version_vector()));
  EXPECT_LE(document.rga().history().text.AllocatedBytes(),
            kLength + kLength / 8 + kLength / 25 + 64);
}

TEST(TrimLimitsTest, APackedDocumentNeedsNoMoreRoomThanOneWhoseTextWasRead) {
  RgaDocument made(ReplicaId{1});
  ASSERT_TRUE(made.Insert(CodePointOffset{0}, std::string(13'000, 'x')));
  ASSERT_TRUE(made.Erase(CodePointOffset{0}, CodePointOffset{3'000}));
  const std::string file = *made.Save({});
  for (const bool packs : {false, true}) {
    const auto document =
        RgaDocument::Open(file, ReplicaId{2}, nullptr, FileLimits{.section_bytes = 12'000});
    ASSERT_TRUE(document.has_value());
    if (packs) ASSERT_TRUE((*document)->Pack({}, nullptr));
    EXPECT_TRUE((*document)->Insert(CodePointOffset{0}, "!")) << packs;
  }
}

TEST(TrimLimitsTest, EventsOfForgottenStepsTellWhatIsLeftOfBothStacks) {
  RgaDocument document(ReplicaId{1});
  for (const char* const text : {"a", "b", "c"}) {
    ASSERT_TRUE(document.Insert(CodePointOffset{0}, text));
  }
  ASSERT_TRUE(document.Undo());
  std::vector<UndoStack> cleared;
  document.undo_manager().Subscribe([&cleared](const UndoEvent& event) {
    EXPECT_EQ(event.kind, UndoEvent::Kind::kCleared);
    EXPECT_FALSE(event.can_undo);
    EXPECT_FALSE(event.can_redo);
    cleared.push_back(event.stack);
  });
  ASSERT_TRUE(document.Trim(document.version_vector()));
  EXPECT_EQ(cleared, (std::vector{UndoStack::kUndo, UndoStack::kRedo}));
}

}  // namespace
}  // namespace cotext
