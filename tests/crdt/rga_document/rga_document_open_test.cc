// Documents that are opened from files: text first, the rest when it is needed.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crdt/codec/document_file.h"
#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/delta.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr DocumentId kId{{7, 7, 7}};
constexpr ReplicaId kMe{50};

std::unique_ptr<RgaDocument> Open(const std::string& file) {
  auto document = RgaDocument::Open(file, kMe, nullptr);
  EXPECT_TRUE(document.has_value()) << document.error().message;
  return *std::move(document);
}

// "Hello" and a line, of which something was deleted.
std::string SmallFile() {
  RgaDocument document(ReplicaId{1});
  document.SetId(kId);
  EXPECT_TRUE(document.Insert(CodePointOffset{0}, "Helxlo\nw\u00f6rld").has_value());
  EXPECT_TRUE(document.Erase(CodePointOffset{3}, CodePointOffset{4}).has_value());
  return document.Save({}).value();
}

// The same with columns that make no sense, and right checksums.
std::string DamagedFile() {
  std::string bytes(SectionMagic());
  const std::string file = SmallFile();
  const std::vector<Section> sections = FindSections(file).value();
  for (const Section& section : sections) {
    AppendSection(bytes, section.kind,
                  section.kind == SectionKind::kChanges ? "\x7f" : section.stored, {});
  }
  return bytes;
}

TEST(RgaDocumentOpenTest, TextAndSizeUnpackNothing) {
  const auto document = Open(SmallFile());
  EXPECT_EQ(document->Text(), "Hello\nw\u00f6rld");
  EXPECT_EQ(document->metrics().code_points, 11U);
  EXPECT_EQ(document->metrics().bytes, 12U);
  EXPECT_EQ(document->metrics().newlines, 1U);
  EXPECT_EQ(document->id(), kId);
  EXPECT_FALSE(document->CanUndo());
  EXPECT_FALSE(document->is_unpacked());
}

TEST(RgaDocumentOpenTest, WhateverElseIsAskedForUnpacks) {
  const std::vector<std::function<void(RgaDocument&)>> questions = {
      [](RgaDocument& document) {
        EXPECT_TRUE(document.Insert(CodePointOffset{0}, "x").has_value());
        EXPECT_EQ(document.Text(), "xHello\nw\u00f6rld");
      },
      [](RgaDocument& document) {
        EXPECT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{1}).has_value());
      },
      [](RgaDocument& document) {
        EXPECT_TRUE(document.Apply(Delta().Retain(1).Insert("y")).has_value());
      },
      [](RgaDocument& document) {
        EXPECT_TRUE(document.Merge(RgaDocument(kMe).EncodeSince(RgaDocument(kMe).version()).value())
                        .has_value());
      },
      [](RgaDocument& document) {
        EXPECT_EQ(document.Slice(CodePointOffset{1}, CodePointOffset{3}).value(), "el");
      },
      [](RgaDocument& document) { EXPECT_EQ(document.ToPoint(CodePointOffset{7})->line, 1U); },
      [](RgaDocument& document) {
        const Anchor anchor = document.CreateAnchor(CodePointOffset{2}, Bias::kBefore).value();
        EXPECT_EQ(document.ResolveAnchor(anchor)->value, 2U);
      },
      [](RgaDocument& document) { EXPECT_FALSE(document.version_vector().empty()); },
      [](RgaDocument& document) { EXPECT_FALSE(document.frontier().empty()); },
      [](RgaDocument& document) { EXPECT_EQ(document.next_counter(), 14U); },
      [](RgaDocument& document) {
        EXPECT_EQ(document.Fork(ReplicaId{51})->Text(), document.Text());
      },
  };
  for (const auto& question : questions) {
    const auto document = Open(SmallFile());
    question(*document);
    EXPECT_TRUE(document->is_unpacked());
    document->CheckInvariants();
  }
}

TEST(RgaDocumentOpenTest, WhatWasOpenedEqualsWhatWasSaved) {
  ForEachSeed(50, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 2);
    FreshCharacters characters;
    for (int i = 0; i < 30; ++i) {
      RgaDocument& document = *documents[random.Below(2)];
      const uint64_t at = random.Below(document.metrics().code_points + 1);
      ASSERT_TRUE(
          document.Insert(CodePointOffset{at}, characters.Text(random.Below(5))).has_value());
      if (random.Chance(30)) Pull(*documents[0], *documents[1]);
    }
    const auto opened = Open(documents[0]->Save({.neighbours = random.Chance(50)}).value());
    ASSERT_EQ(opened->Text(), documents[0]->Text());
    ASSERT_EQ(opened->metrics(), documents[0]->metrics());
    // The edit is one step of undo, and nothing before it is.
    ASSERT_TRUE(opened->Insert(CodePointOffset{0}, "new").has_value());
    ASSERT_TRUE(opened->Undo().value());
    ASSERT_FALSE(opened->CanUndo());
    ASSERT_EQ(opened->Text(), documents[0]->Text());
    Pull(*documents[0], *opened);
    Pull(*opened, *documents[1]);
    Pull(*documents[0], *documents[1]);
    ASSERT_EQ(opened->Text(), documents[0]->Text());
  });
}

TEST(RgaDocumentOpenTest, ListenersHearOfEditsAndNotOfUnpacking) {
  const auto document = Open(SmallFile());
  std::vector<Delta> heard;
  document->Subscribe([&heard](const DeltaEvent& event) { heard.push_back(event.delta); });
  ASSERT_TRUE(document->Unpack().has_value());
  EXPECT_TRUE(heard.empty());
  ASSERT_TRUE(document->Insert(CodePointOffset{5}, "!").has_value());
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0], Delta().Retain(5).Insert("!"));
}

TEST(RgaDocumentOpenTest, ADamagedFileCanBeReadAndRefusesEdits) {
  const auto document = Open(DamagedFile());
  EXPECT_EQ(document->Text(), "Hello\nw\u00f6rld");
  const auto edited = document->Insert(CodePointOffset{0}, "x");
  ASSERT_FALSE(edited.has_value());
  EXPECT_EQ(edited.error().code, ErrorCode::kMalformedFile);
  EXPECT_EQ(edited.error().message, "the update's column of changes is malformed");
  const auto code = [](const auto& result) { return result ? ErrorCode{} : result.error().code; };
  EXPECT_EQ(code(document->Erase(CodePointOffset{0}, CodePointOffset{1})),
            ErrorCode::kMalformedFile);
  EXPECT_EQ(code(document->Erase(ByteOffset{0}, ByteOffset{1})), ErrorCode::kMalformedFile);
  EXPECT_EQ(code(document->Apply(Delta().DeleteText("H"))), ErrorCode::kMalformedFile);
  EXPECT_EQ(code(document->Slice(CodePointOffset{0}, CodePointOffset{1})),
            ErrorCode::kMalformedFile);
  EXPECT_EQ(code(document->EncodeSince(document->version())), ErrorCode::kMalformedFile);
  EXPECT_EQ(code(document->CreateAnchor(CodePointOffset{0}, Bias::kAfter)),
            ErrorCode::kMalformedFile);
  // It is not written over by an empty one.
  EXPECT_EQ(code(document->Save({})), ErrorCode::kMalformedFile);
  EXPECT_TRUE(document->version_vector().empty());
  EXPECT_FALSE(document->Undo().value());
  EXPECT_EQ(document->Text(), "Hello\nw\u00f6rld");
}

TEST(RgaDocumentOpenTest, WhatIsNoFileIsRefused) {
  EXPECT_FALSE(RgaDocument::Open("", kMe, nullptr).has_value());
  std::string file = SmallFile();
  const size_t at = file.find("Hello");
  file[at] = 'J';
  const auto opened = RgaDocument::Open(file, kMe, nullptr);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().message, "the section of current text is damaged");
}

TEST(RgaDocumentOpenTest, AFileWithUpdatesIsUnpackedAtOnce) {
  RgaDocument document(ReplicaId{1});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ab").has_value());
  std::string file = document.Save({}).value();
  const VersionVector saved = document.version_vector();
  ASSERT_TRUE(document.Insert(CodePointOffset{1}, "x").has_value());
  file += EncodeAppendix(document.rga(), saved, {});
  const auto opened = Open(file);
  EXPECT_TRUE(opened->is_unpacked());
  EXPECT_EQ(opened->Text(), "axb");
}

}  // namespace
}  // namespace cotext
