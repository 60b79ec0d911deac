#include "crdt/codec/file_extent.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/document_file.h"
#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// A file to which updates were appended, where each of them ends, and the texts up to there.
struct GrownFile {
  std::string bytes;
  std::vector<size_t> ends;  // That of the document first.
  std::vector<std::string> texts;
};

GrownFile MakeFile(Random& random, int updates, const FileEncoding& encoding = {}) {
  Rga rga(ReplicaId{300});
  EXPECT_TRUE(rga.Replace(0, 0, "abcdef").has_value());
  EXPECT_TRUE(rga.Replace(1, 2, "").has_value());
  GrownFile file;
  file.bytes = EncodeDocumentFile(rga, DocumentId{{1}}, encoding);
  for (int i = 0;; ++i) {
    file.ends.push_back(file.bytes.size());
    file.texts.push_back(TextOf(rga));
    if (i == updates) return file;
    const VersionVector saved = rga.version_vector();
    const uint64_t at = random.Below(rga.sequence().length() + 1);
    EXPECT_TRUE(rga.Replace(at, 0, "z" + RandomText(random, 10)).has_value());
    file.bytes += EncodeAppendix(rga, saved, {});
  }
}

std::string ErrorOf(std::string_view bytes) {
  const auto extent = FindFileExtent(bytes);
  if (extent) return "";
  EXPECT_EQ(extent.error().code, ErrorCode::kMalformedFile);
  return extent.error().message;
}

// The bytes hold the document, so many updates, and then what a crash left.
void ExpectTorn(const GrownFile& file, std::string_view bytes, size_t updates) {
  const auto extent = FindFileExtent(bytes);
  ASSERT_TRUE(extent.has_value()) << extent.error().message;
  EXPECT_EQ(extent->base_bytes, file.ends[0]);
  EXPECT_EQ(extent->whole_bytes(), file.ends[updates]);
  EXPECT_EQ(extent->torn_bytes, bytes.size() - file.ends[updates]);
  EXPECT_EQ(extent->appended_updates, updates);
  const auto whole = bytes.substr(0, static_cast<size_t>(extent->whole_bytes()));
  EXPECT_EQ(DocumentFile::Open(whole, nullptr).value().Text().value(), file.texts[updates]);
}

TEST(FileExtentTest, AFileIsItsDocumentAndTheUpdatesBehindIt) {
  Random random(1);
  for (const int updates : {0, 1, 5}) {
    const GrownFile file = MakeFile(random, updates);
    ExpectTorn(file, file.bytes, static_cast<size_t>(updates));
  }
}

TEST(FileExtentTest, WhateverIsLeftOfAnAppendIsNoPartOfTheDocument) {
  Random random(1);
  for (const bool drops_deleted_text : {false, true}) {
    const GrownFile file = MakeFile(random, 3, {.drops_deleted_text = drops_deleted_text});
    size_t updates = 0;
    for (size_t size = file.ends.front(); size <= file.bytes.size(); ++size) {
      if (updates + 1 < file.ends.size() && size == file.ends[updates + 1]) ++updates;
      ExpectTorn(file, std::string_view(file.bytes).substr(0, size), updates);
    }
  }
}

TEST(FileExtentTest, ADocumentThatIsCutOffIsDamaged) {
  Random random(1);
  for (const bool drops_deleted_text : {false, true}) {
    const GrownFile file = MakeFile(random, 0, {.drops_deleted_text = drops_deleted_text});
    const std::vector<Section> sections = FindSections(file.bytes).value();
    size_t at = SectionMagic().size();
    for (size_t i = 0; i < sections.size(); ++i) {
      for (size_t kept = 1; kept < sections[i].bytes(); ++kept) {
        EXPECT_EQ(ErrorOf(std::string_view(file.bytes).substr(0, at + kept)),
                  "section " + std::to_string(i + 1) + ", at byte " + std::to_string(at) +
                      ", is cut off");
      }
      at += sections[i].bytes();
    }
  }
  EXPECT_EQ(ErrorOf("just text"), "the bytes do not begin like a file of cotext");
}

TEST(FileExtentTest, ZerosAndRandomBytesAtTheEndAreLeftOut) {
  Random seed(1);
  const GrownFile file = MakeFile(seed, 2);
  for (size_t count = 1; count <= 70; ++count) {
    ExpectTorn(file, file.bytes + std::string(count, '\0'), 2);
  }
  ForEachSeed(300, [&file](Random& random) {
    std::string garbage;
    for (uint64_t left = random.Between(1, 200); left > 0; --left) {
      garbage.push_back(static_cast<char>(random.Below(random.Chance(50) ? 24 : 256)));
    }
    ExpectTorn(file, file.bytes + garbage, 2);
  });
}

// A bit that changed in the last section looks like a torn append. Before the last one it is
// damage, also where it changes the size of a section: what was saved behind it must not be lost.
TEST(FileExtentTest, EveryBitThatChangesInFrontOfAnUpdateIsAnError) {
  Random random(1);
  const GrownFile file = MakeFile(random, 3);
  for (size_t bit = file.ends[0] * 8; bit < file.bytes.size() * 8; ++bit) {
    std::string flipped = file.bytes;
    flipped[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    if (bit / 8 >= file.ends[2]) {
      ExpectTorn(file, flipped, 2);
    } else {
      const size_t updates = bit / 8 < file.ends[1] ? 0 : 1;
      EXPECT_EQ(ErrorOf(flipped), "section " + std::to_string(10 + updates) + ", at byte " +
                                      std::to_string(file.ends[updates]) +
                                      ", is damaged, and something saved follows it");
    }
  }
}

TEST(FileExtentTest, SectionsOfLaterVersionsBelongToWhatStandsBeforeThem) {
  Random random(1);
  GrownFile file = MakeFile(random, 1);
  std::string later;
  AppendSection(later, static_cast<SectionKind>(200), "later", {});
  const auto behind = FindFileExtent(file.bytes + later);
  EXPECT_EQ(behind->base_bytes, file.ends[0]);
  EXPECT_EQ(behind->appended_bytes, file.bytes.size() + later.size() - file.ends[0]);
  EXPECT_EQ(behind->appended_updates, 1U);
  const auto before = FindFileExtent(file.bytes.substr(0, file.ends[0]) + later);
  EXPECT_EQ(before->base_bytes, file.ends[0] + later.size());
  EXPECT_EQ(before->appended_bytes, 0U);
}

// Each of these heads claims all that is behind it; hashing each time would take minutes.
TEST(FileExtentTest, BytesThatLookLikeManyLongUpdatesAreAnErrorSoon) {
  Random random(1);
  const GrownFile file = MakeFile(random, 1);
  constexpr size_t kBytes = 4'000'000;
  std::string tail;
  while (tail.size() < kBytes) tail += std::string("\x15\x00\x80\x80\x60", 5);  // 1.5 MB.
  EXPECT_EQ(ErrorOf(file.bytes + tail), "section 11, at byte " + std::to_string(file.bytes.size()) +
                                            ", is damaged, and something saved follows it");
}

}  // namespace
}  // namespace cotext
