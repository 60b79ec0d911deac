// The worked examples of docs/FORMAT.md are what the codec writes, and say what the page says.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "crdt/codec/document_file.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/document_id.h"
#include "document/offset.h"
#include "tests/docs/page_examples.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr DocumentId kId{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
constexpr ReplicaId kReader{9};
constexpr ReplicaId kSeven{7};
constexpr ReplicaId kThreeHundred{300};

std::string ExampleBytes(const std::string& name) {
  return cotext::ExampleBytes("docs/FORMAT.md", name);
}

void Edit(Rga& rga, uint64_t position, uint64_t erased, std::string_view text) {
  ASSERT_TRUE(rga.Replace(position, erased, text).has_value());
}

void Send(const Rga& from, Rga& to) {
  ASSERT_TRUE(to.IntegrateAll(from.ChangesSince(to.version_vector())).has_value());
}

// The replicas of the examples, when both have everything.
struct Example {
  Rga seven = Rga(kSeven);
  Rga three_hundred = Rga(kThreeHundred);

  Example() {
    Edit(seven, 0, 0, "Helo");
    Send(seven, three_hundred);
    Edit(three_hundred, 3, 0, "l");
    Edit(three_hundred, 5, 0, " w\u00f6rld");
    Edit(seven, 0, 1, "J");
    Send(seven, three_hundred);
    Edit(three_hundred, 10, 1, "");
    Edit(three_hundred, 9, 1, "");
    Send(three_hundred, seven);
  }

  // Returns what replica 7 lacks when replica 300 has typed on.
  PackedUpdate Keystroke() {
    const VersionVector before = three_hundred.version_vector();
    Edit(three_hundred, 9, 0, "!");
    return three_hundred.PackedSince(before);
  }
};

// Returns the text of an empty document after an update.
std::string TextAfter(const PackedUpdate& update) {
  Rga rga(kReader);
  EXPECT_TRUE(rga.IntegratePacked(update, Rga::Effects::kIgnore).result.has_value());
  return TextOf(rga);
}

TEST(FormatTest, AnUpdate) {
  const Example example;
  EXPECT_EQ(Hex(EncodePackedUpdate(example.seven.PackedSince({}))), Hex(ExampleBytes("update")));
  const auto decoded = DecodePackedUpdate(ExampleBytes("update"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(TextAfter(*decoded), "Jello w\u00f6r");
  EXPECT_EQ(decoded->text, "HeloJl w\u00f6rld");
}

TEST(FormatTest, ACompactUpdateWithNeighbours) {
  const Example example;
  const UpdateEncoding encoding{.neighbours = true, .drops_deleted_text = true};
  EXPECT_EQ(Hex(EncodePackedUpdate(example.seven.PackedSince({}), encoding)),
            Hex(ExampleBytes("compact")));
  const auto decoded = DecodePackedUpdate(ExampleBytes("compact"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(TextAfter(*decoded), "Jello w\u00f6r");
  EXPECT_EQ(decoded->text,
            "\x1a"
            "eloJl w\u00f6r\x1a\x1a");
}

TEST(FormatTest, AKeystroke) {
  Example example;
  ReplicaTable known;
  known.Add(kSeven);
  known.Add(kThreeHundred);
  EXPECT_EQ(Hex(EncodePackedUpdate(example.Keystroke(), {.known = &known})),
            Hex(ExampleBytes("keystroke")));
  const auto decoded = DecodePackedUpdate(ExampleBytes("keystroke"), {}, &known);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  ASSERT_TRUE(example.seven.IntegratePacked(*decoded, Rga::Effects::kIgnore).result.has_value());
  EXPECT_EQ(TextOf(example.seven), "Jello w\u00f6r!");
}

TEST(FormatTest, ADocumentFile) {
  Example example;
  std::string bytes = EncodeDocumentFile(example.seven, kId, {});
  const VersionVector saved = example.seven.version_vector();
  ASSERT_TRUE(
      example.seven.IntegratePacked(example.Keystroke(), Rga::Effects::kIgnore).result.has_value());
  bytes += EncodeAppendix(example.seven, saved, {});
  EXPECT_EQ(Hex(bytes), Hex(ExampleBytes("document")));
  const std::string read = ExampleBytes("document");
  const auto file = DocumentFile::Open(read, nullptr);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->id(), kId);
  const auto text = file->Text();
  ASSERT_TRUE(text.has_value()) << text.error().message;
  EXPECT_EQ(*text, "Jello w\u00f6r!");
}

TEST(FormatTest, ATrimmedDocumentFile) {
  Example example;
  ASSERT_TRUE(example.seven.Trim(example.seven.version_vector()).has_value());
  ASSERT_TRUE(
      example.seven.IntegratePacked(example.Keystroke(), Rga::Effects::kIgnore).result.has_value());
  EXPECT_EQ(Hex(EncodeDocumentFile(example.seven, kId, {})), Hex(ExampleBytes("trimmed")));
  const std::string read = ExampleBytes("trimmed");
  const auto file = DocumentFile::Open(read, nullptr);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  const auto rga = file->Load(kReader);
  ASSERT_TRUE(rga.has_value()) << rga.error().message;
  EXPECT_EQ(TextOf(*rga), "Jello w\u00f6r!");
  EXPECT_EQ(rga->horizon(), example.seven.horizon());
  EXPECT_EQ(rga->frontier(), example.seven.frontier());
}

TEST(FormatTest, NamedVersions) {
  const Example example;
  NamedVersions names;
  ASSERT_TRUE(names
                  .Set("both", {OpId{.counter = 6, .replica = kSeven},
                                OpId{.counter = 11, .replica = kThreeHundred}})
                  .has_value());
  ASSERT_TRUE(names.Set("start", {OpId{.counter = 4, .replica = kSeven}}).has_value());
  EXPECT_EQ(Hex(EncodeNamesAppendix(names, {})), Hex(ExampleBytes("names")));
  const std::string read = EncodeDocumentFile(example.seven, kId, {}) + ExampleBytes("names");
  const auto file = DocumentFile::Open(read, nullptr);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->names(), names);
}

TEST(FormatTest, StepsOfUndo) {
  RgaDocument document(kSeven);
  document.SetId(kId);
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ab").has_value());
  const Anchor behind = *document.CreateAnchor(CodePointOffset{2}, Bias::kBefore);
  document.SetSelectionAfter({.anchors = {behind}});
  ASSERT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{1}).has_value());
  ASSERT_EQ(document.Undo(), true);
  EXPECT_EQ(Hex(document.EncodeUndo()), Hex(ExampleBytes("undo")));

  const auto opened = RgaDocument::Open(document.Save({}).value(), kSeven, nullptr);
  ASSERT_TRUE(opened.has_value());
  const auto decoded = (*opened)->DecodeUndo(ExampleBytes("undo"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ((*opened)->Redo(), true);
  EXPECT_EQ((*opened)->Text(), "b");
  EXPECT_EQ((*opened)->Undo(), true);
  EXPECT_EQ((*opened)->Undo(), true);
  EXPECT_EQ((*opened)->Text(), "");
  EXPECT_EQ((*opened)->Redo(), true);
  EXPECT_EQ((*opened)->undo_manager().restored().anchors.size(), 1U);
}

// A file with steps is the file without them, and one section of an even kind.
TEST(FormatTest, StepsOfUndoInADocumentFile) {
  RgaDocument document(kSeven);
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ab").has_value());
  std::string file = document.Save({}).value();
  const std::string with_steps = document.Save({.keeps_undo = true}).value();
  const std::string steps = document.EncodeUndo();
  ASSERT_LT(steps.size(), 128U);
  file += std::string("\x18\0", 2) + static_cast<char>(steps.size()) + steps;
  ASSERT_EQ(with_steps.size(), file.size() + 4);
  EXPECT_EQ(Hex(with_steps.substr(0, file.size())), Hex(file));
}

}  // namespace
}  // namespace cotext
