// Documents that were packed: what can be asked of them and leaves them packed.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "storage/compression.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

constexpr DocumentId kId{.bytes = {1, 2, 3}};
constexpr DocumentId kOtherId{.bytes = {4, 5, 6}};

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

std::vector<FileEncoding> AllEncodings() {
  std::vector<FileEncoding> encodings;
  for (const Compressor& compressor :
       {Compressor{}, CompressorFor(Profile::kSmall), CompressorFor(Profile::kFast)}) {
    for (unsigned flags = 0; flags < 8; ++flags) {
      encodings.push_back(FileEncoding{.compressor = compressor,
                                       .neighbours = (flags & 1U) != 0,
                                       .drops_deleted_text = (flags & 2U) != 0,
                                       .keeps_undo = (flags & 4U) != 0});
    }
  }
  return encodings;
}

// What a document says without being unpacked, asked in any order.
class Answers {
 public:
  // `versions` are some that the document or others have.
  Answers(const RgaDocument& document, const std::vector<VersionVector>& versions) {
    const auto ask = [this, &document](auto question) {
      questions_.emplace_back([question](const RgaDocument& asked) { return question(asked); });
      answers_.push_back(question(document));
    };
    ask([](const RgaDocument& asked) { return asked.version().bytes; });
    ask([](const RgaDocument& asked) { return asked.horizon().Encode(); });
    ask([](const RgaDocument& asked) { return std::to_string(asked.next_counter()); });
    ask([](const RgaDocument& asked) { return testing::PrintToString(asked.frontier()); });
    ask([](const RgaDocument& asked) { return asked.Text(); });
    ask([](const RgaDocument& asked) { return asked.EncodeUndo(); });
    for (const FileEncoding& encoding : AllEncodings()) {
      ask([encoding](const RgaDocument& asked) { return Told(asked.Save(encoding)); });
    }
    for (const VersionVector& version : versions) {
      ask([version](const RgaDocument& asked) {
        return Told(asked.EncodeSince(Version{version.Encode()}));
      });
      ask([version](const RgaDocument& asked) { return Told(asked.SaveSince(version, {})); });
    }
  }

  // Asks some questions, of which none may unpack the document.
  void CheckPacked(Random& random, const RgaDocument& document, size_t count) const {
    for (; count > 0; --count) {
      const size_t at = random.Below(questions_.size());
      ASSERT_EQ(questions_[at](document), answers_[at]) << "question " << at;
      ASSERT_FALSE(document.is_unpacked()) << "question " << at;
    }
  }

 private:
  static std::string Told(const Expected<std::string>& answer) {
    return answer ? *answer : std::string(ErrorName(answer.error().code));
  }

  std::vector<std::function<std::string(const RgaDocument&)>> questions_;
  std::vector<std::string> answers_;
};

TEST(RgaDocumentPackTest, WhatIsSavedServedOrAskedForItsVersionStaysPacked) {
  uint64_t trimmed = 0;
  ForEachSeed(60, [&trimmed](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 2);
    FreshCharacters characters;
    std::vector<VersionVector> versions = {{}};
    for (int i = 0; i < 30; ++i) {
      RgaDocument& document = *documents[random.Below(2)];
      if (random.Chance(20)) {
        ASSERT_TRUE(document.Undo().has_value());
      } else if (random.Chance(20)) {
        Pull(document, *documents[random.Below(2)]);
      } else {
        EditSomewhere(random, document, characters.Text(random.Below(6)));
      }
      versions.push_back(document.version_vector());
    }
    RgaDocument& document = *documents[0];
    document.SetId(kId);
    if (random.Chance(50)) {
      Converge(documents);
      ASSERT_TRUE(document.Trim(document.version_vector()).has_value());
      versions.push_back(document.version_vector());
      EditSomewhere(random, document, characters.Text(2));
      ++trimmed;
    }
    if (random.Chance(50)) {
      ASSERT_TRUE(document.NameVersion("name", document.version_vector()).has_value());
    }
    versions.push_back(document.version_vector());
    const Answers answers(document, versions);
    for (int round = 0; round < 2; ++round) {
      const auto profile = random.Chance(50) ? Profile::kSmall : Profile::kFast;
      ASSERT_TRUE(document.Pack(CompressorFor(profile), NativeDecompressor()).has_value());
      ASSERT_NO_FATAL_FAILURE(answers.CheckPacked(random, document, 20));
      ASSERT_TRUE(document.Unpack().has_value());
      document.CheckInvariants();
    }
    // It goes on.
    ASSERT_TRUE(document.Pack({}, nullptr).has_value());
    const std::string text = document.Text();
    ASSERT_TRUE(document.Undo().has_value());
    ASSERT_TRUE(document.Redo().has_value());
    Converge(documents);
  });
  EXPECT_GT(trimmed, 15U);
}

// As it was opened, it has the bytes of the file and not what Pack would have made.
TEST(RgaDocumentPackTest, WhatWasOpenedAndPackedStaysPacked) {
  ForEachSeed(30, [](Random& random) {
    RgaDocument made(ReplicaId{7});
    made.SetId(kId);
    FreshCharacters characters;
    const std::vector<VersionVector> versions = {{}, made.version_vector()};
    for (int i = 0; i < 10; ++i) EditSomewhere(random, made, characters.Text(3));
    ASSERT_TRUE(made.NameVersion("name", made.version_vector()).has_value());
    const FileEncoding encoding{.compressor = CompressorFor(Profile::kSmall)};
    const std::string file = *made.Save(encoding);
    const auto open = [&file] {
      return *RgaDocument::Open(file, ReplicaId{9}, NativeDecompressor());
    };
    const auto unpacked = open();
    ASSERT_TRUE(unpacked->Unpack().has_value());
    const Answers answers(*unpacked, versions);
    const auto document = open();
    ASSERT_TRUE(document->Pack({}, nullptr).has_value());
    EXPECT_EQ(document->opened_version(), std::nullopt);
    ASSERT_NO_FATAL_FAILURE(answers.CheckPacked(random, *document, 30));
    ASSERT_TRUE(document->FindVersion().has_value());
    EXPECT_TRUE(document->is_as_opened());
    EXPECT_EQ(document->opened_version(), made.version_vector());
    EXPECT_TRUE(document->opened_horizon().empty());
    EXPECT_EQ(document->version_vector(), made.version_vector());
  });
}

TEST(RgaDocumentPackTest, WorkUnpacks) {
  const std::vector<std::function<bool(RgaDocument&)>> work = {
      [](RgaDocument& document) { return document.Insert(CodePointOffset{0}, "x").has_value(); },
      [](RgaDocument& document) { return document.Undo().has_value(); },
      [](RgaDocument& document) { return document.MergeUpdate(Update()).has_value(); },
      [](RgaDocument& document) { return document.Trim(document.version_vector()).has_value(); },
      [](RgaDocument& document) {
        return document.Slice(CodePointOffset{0}, CodePointOffset{1}).has_value();
      },
      [](RgaDocument& document) { return document.TextAt(document.version_vector()).has_value(); },
  };
  for (const auto& does : work) {
    RgaDocument document(ReplicaId{7});
    ASSERT_TRUE(document.Insert(CodePointOffset{0}, "text").has_value());
    ASSERT_TRUE(document.Pack({}, nullptr).has_value());
    EXPECT_TRUE(does(document));
    EXPECT_TRUE(document.is_unpacked());
    document.CheckInvariants();
  }
}

TEST(RgaDocumentPackTest, AnIdThatIsGivenLaterIsInTheFile) {
  RgaDocument document(ReplicaId{7});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "text").has_value());
  document.SetId(kId);
  ASSERT_TRUE(document.Pack({}, nullptr).has_value());
  document.SetId(kOtherId);
  const std::string file = *document.Save({.neighbours = true});
  EXPECT_EQ((*RgaDocument::Open(file, ReplicaId{8}, nullptr))->id(), kOtherId);
  EXPECT_FALSE(document.is_unpacked());
}

// The bytes are those that there are: nothing is loaded, or compressed again.
TEST(RgaDocumentPackTest, AFileOfTheFormItIsPackedInIsWhatItIsPackedAs) {
  RgaDocument document(ReplicaId{7});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, std::string(1'000, 'x')).has_value());
  uint64_t calls = 0;
  Compressor compressor = CompressorFor(Profile::kSmall);
  compressor.compress = [&calls, compress = compressor.compress](std::string_view raw) {
    ++calls;
    return compress(raw);
  };
  const std::string file = *document.Save({.compressor = compressor, .neighbours = true});
  ASSERT_TRUE(document.Pack(compressor, NativeDecompressor()).has_value());
  calls = 0;
  EXPECT_EQ(document.Save({.compressor = compressor, .neighbours = true}), file);
  EXPECT_EQ(calls, 0U);
  EXPECT_NE(document.Save({.compressor = compressor}), file);
  EXPECT_GT(calls, 0U);
}

TEST(RgaDocumentPackTest, ADamagedFileStaysAsItIs) {
  RgaDocument made(ReplicaId{7});
  ASSERT_TRUE(made.Insert(CodePointOffset{0}, "text").has_value());
  const std::string file = *made.Save({});
  std::string damaged(SectionMagic());
  const std::vector<Section> sections = *FindSections(file);
  for (const Section& section : sections) {
    const bool spoils = section.kind == SectionKind::kChanges;
    AppendSection(damaged, section.kind, spoils ? "\x7f" : section.stored, {});
  }
  const auto document = *RgaDocument::Open(damaged, ReplicaId{9}, nullptr);
  ASSERT_TRUE(document->Pack({}, nullptr).has_value());
  EXPECT_EQ(CodeOf(document->FindVersion()), ErrorCode::kMalformedFile);
  EXPECT_EQ(CodeOf(document->Save({})), ErrorCode::kMalformedFile);
  EXPECT_EQ(CodeOf(document->SaveSince({}, {})), ErrorCode::kMalformedFile);
  EXPECT_EQ(CodeOf(document->EncodeSince(made.version())), ErrorCode::kMalformedFile);
  EXPECT_TRUE(document->version_vector().empty());
  EXPECT_TRUE(document->horizon().empty());
  EXPECT_TRUE(document->frontier().empty());
  EXPECT_EQ(document->Text(), "text");
  EXPECT_FALSE(document->is_unpacked());
}

}  // namespace
}  // namespace cotext
