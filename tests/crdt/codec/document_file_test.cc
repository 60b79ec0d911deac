#include "crdt/codec/document_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

constexpr DocumentId kId{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
constexpr ReplicaId kReader{(uint64_t{1} << 52U) + 1};

const std::array<FileEncoding, 4> kEncodings = {
    FileEncoding{}, FileEncoding{.neighbours = true}, FileEncoding{.drops_deleted_text = true},
    FileEncoding{.neighbours = true, .drops_deleted_text = true}};

std::string InsertedText(const Rga& rga) {
  const TextStore& text = rga.history().text;
  return text.end() == Lv{0} ? "" : std::string(text.Slice(Lv{0}, text.end().value));
}

// One replica that typed "ab", put "xy" between, and deleted b and x.
Rga SmallRga() {
  Rga rga(ReplicaId{300});
  EXPECT_TRUE(rga.Replace(0, 0, "ab").has_value());
  EXPECT_TRUE(rga.Replace(1, 0, "xy").has_value());
  EXPECT_TRUE(rga.Replace(3, 1, "").has_value());
  EXPECT_TRUE(rga.Replace(1, 1, "").has_value());
  return rga;
}

std::vector<std::string> ContentsOf(std::string_view file) {
  std::vector<std::string> contents;
  const auto sections = FindSections(file);
  for (const Section& section : *sections) {
    contents.push_back(SectionName(section.kind) + ": " + std::string(section.stored));
  }
  return contents;
}

TEST(DocumentFileTest, GoldenSections) {
  const std::string id(kId.bytes.begin(), kId.bytes.end());
  using std::string_literals::operator""s;
  EXPECT_EQ(ContentsOf(EncodeDocumentFile(SmallRga(), kId, {})),
            (std::vector<std::string>{"identity: " + id + '\0', "current text: ay", "form: \0"s,
                                      "replicas: \x01\xac\x02", "changes: \x01\0\x30"s,
                                      "lengths: \x04\x04\x05", "references: \x01\x02\x04",
                                      "distances: ", "deleted text: bx"}));
  EXPECT_EQ(ContentsOf(EncodeDocumentFile(SmallRga(), kId,
                                          {.neighbours = true, .drops_deleted_text = true})),
            (std::vector<std::string>{"identity: " + id + '\0', "current text: ay", "form: \x03",
                                      "replicas: \x01\xac\x02", "changes: \x01\0\x30"s,
                                      "lengths: \x04\x04\x05", "references: \x01\x02\x03",
                                      "distances: "}));
}

TEST(DocumentFileTest, RandomHistoriesRoundTripInEveryEncoding) {
  ForEachSeed(200, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(static_cast<int>(random.Below(60)));
    const Rga& rga = replicas.Any().rga;
    for (const FileEncoding& encoding : kEncodings) {
      const std::string bytes = EncodeDocumentFile(rga, kId, encoding);
      const auto file = DocumentFile::Open(bytes, nullptr);
      ASSERT_TRUE(file.has_value()) << file.error().message;
      ASSERT_EQ(file->id(), kId);
      ASSERT_EQ(file->Text().value(), TextOf(rga));
      const auto loaded =
          file->Load(kReader, random.Chance(50) ? kTinySequence : SequenceOptions{});
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      loaded->CheckInvariants();
      ASSERT_EQ(TextOf(*loaded), TextOf(rga));
      ASSERT_EQ(loaded->version_vector(), rga.version_vector());
      ASSERT_EQ(loaded->frontier(), rga.frontier());
      if (encoding.drops_deleted_text) continue;
      ASSERT_EQ(InsertedText(*loaded), InsertedText(rga));
      ASSERT_EQ(AtomsOf(loaded->ChangesSince({})), AtomsOf(rga.ChangesSince({})));
    }
  });
}

TEST(DocumentFileTest, WhatWasLoadedGoesOnAmongTheOthers) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const size_t encoding = random.Below(kEncodings.size());
    const std::string bytes = EncodeDocumentFile(replicas.Any().rga, kId, kEncodings[encoding]);
    Rga loaded = DocumentFile::Open(bytes, nullptr).value().Load(kReader).value();
    replicas.Run(10);
    for (size_t i = 0; i < replicas.size(); ++i) {
      ASSERT_TRUE(
          loaded.IntegrateAll(replicas[i].rga.ChangesSince(loaded.version_vector())).has_value());
    }
    ASSERT_TRUE(loaded.Replace(random.Below(loaded.sequence().length() + 1), 0, "new").has_value());
    loaded.CheckInvariants();
    Rga& other = replicas.Any().rga;
    ASSERT_TRUE(other.IntegrateAll(loaded.ChangesSince(other.version_vector())).has_value());
    ASSERT_EQ(TextOf(other), TextOf(loaded));
  });
}

// A standard library gave the text the size of its memory.
TEST(DocumentFileTest, ShortTextsHaveTheirOwnLength) {
  for (uint64_t length = 1; length < 70; ++length) {
    Rga rga(ReplicaId{7});
    ASSERT_TRUE(rga.Replace(0, 0, std::string(length, 'a')).has_value());
    ASSERT_TRUE(rga.Replace(length / 2, 1, "").has_value());
    const std::string bytes = EncodeDocumentFile(rga, kId, {});
    const auto file = DocumentFile::Open(bytes, nullptr);
    ASSERT_TRUE(file.has_value());
    const auto loaded = file->Load(kReader);
    ASSERT_TRUE(loaded.has_value());
    loaded->CheckInvariants();
    ASSERT_EQ(loaded->history().text.bytes(), length);
  }
}

TEST(DocumentFileTest, UpdatesThatAreAppendedAreTakenIn) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 2);
    replicas.Run(20);
    Rga& rga = replicas[0].rga;
    std::string bytes = EncodeDocumentFile(rga, kId, kEncodings[random.Below(4)]);
    VersionVector saved = rga.version_vector();
    for (int i = 0; i < 5; ++i) {
      replicas.Run(static_cast<int>(random.Below(4)));
      bytes += EncodeAppendix(rga, saved, {});
      saved = rga.version_vector();
      const auto file = DocumentFile::Open(bytes, nullptr);
      ASSERT_EQ(file->Text().value(), TextOf(rga));
      const auto loaded = file->Load(kReader);
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      loaded->CheckInvariants();
      ASSERT_EQ(loaded->version_vector(), saved);
    }
    ASSERT_EQ(EncodeAppendix(rga, saved, {}), "");
  });
}

NamedVersions SomeNames() {
  NamedVersions names;
  EXPECT_TRUE(names.Set("begin", {}).has_value());
  EXPECT_TRUE(names.Set("ab", {OpId{.counter = 2, .replica = ReplicaId{300}}}).has_value());
  return names;
}

TEST(DocumentFileTest, NamedVersionsAreASectionOfTheirOwn) {
  const NamedVersions names = SomeNames();
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {}, names);
  EXPECT_EQ(ContentsOf(bytes).back(), "named versions: " + names.Encode());
  EXPECT_EQ(DocumentFile::Open(bytes, nullptr)->names(), names);
  EXPECT_EQ(EncodeDocumentFile(SmallRga(), kId, {}, {}), EncodeDocumentFile(SmallRga(), kId, {}));
  EXPECT_TRUE(
      DocumentFile::Open(EncodeDocumentFile(SmallRga(), kId, {}), nullptr)->names().empty());
}

TEST(DocumentFileTest, TheLastNamesCount) {
  std::string bytes = EncodeDocumentFile(SmallRga(), kId, {}, SomeNames());
  NamedVersions others;
  ASSERT_TRUE(others.Set("x", {}).has_value());
  bytes += EncodeNamesAppendix(others, {});
  EXPECT_EQ(DocumentFile::Open(bytes, nullptr)->names(), others);
  EXPECT_FALSE(DocumentFile::Open(bytes, nullptr)->has_updates());
  bytes += EncodeNamesAppendix({}, {});
  EXPECT_TRUE(DocumentFile::Open(bytes, nullptr)->names().empty());
}

TEST(DocumentFileTest, NamesWithoutAMeaningAreRefusedUnlessOthersFollow) {
  std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  AppendSection(bytes, SectionKind::kNamedVersions, "\x02", {});
  EXPECT_EQ(DocumentFile::Open(bytes, nullptr).error().message,
            "the list of named versions is malformed");
  bytes += EncodeNamesAppendix(SomeNames(), {});
  EXPECT_EQ(DocumentFile::Open(bytes, nullptr)->names(), SomeNames());
}

TEST(DocumentFileTest, SavingAKeystrokeAppendsAFewBytesHoweverLargeTheDocument) {
  Rga rga(kReader);
  ASSERT_TRUE(rga.Replace(0, 0, std::string(100'000, 'x')).has_value());
  const VersionVector saved = rga.version_vector();
  ASSERT_TRUE(rga.Replace(50'000, 0, "y").has_value());
  EXPECT_LE(EncodeAppendix(rga, saved, {}).size(), 32U);
}

TEST(DocumentFileTest, UpdatesRoundTripAsFiles) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const PackedUpdate update = replicas.Any().rga.PackedSince(replicas.Any().rga.version_vector());
    for (const FileEncoding& encoding : kEncodings) {
      const auto decoded = DecodeUpdateFile(EncodeUpdateFile(update, encoding), nullptr);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      ASSERT_EQ(AtomsOf(Unpack(*decoded)).size(), AtomsOf(Unpack(update)).size());
      if (encoding.drops_deleted_text) continue;
      ASSERT_EQ(AtomsOf(Unpack(*decoded)), AtomsOf(Unpack(update)));
    }
  });
}

// Bad files.

std::string Without(std::string_view file, SectionKind kind) {
  std::string bytes(SectionMagic());
  const auto sections = FindSections(file);
  for (const Section& section : *sections) {
    if (section.kind != kind) AppendSection(bytes, section.kind, section.stored, {});
  }
  return bytes;
}

std::string Replaced(std::string_view file, SectionKind kind, std::string_view content) {
  std::string bytes(SectionMagic());
  const auto sections = FindSections(file);
  for (const Section& section : *sections) {
    AppendSection(bytes, section.kind, section.kind == kind ? content : section.stored, {});
  }
  return bytes;
}

std::string LoadError(std::string_view bytes) {
  const auto file = DocumentFile::Open(bytes, nullptr);
  if (!file) return file.error().message;
  const auto loaded = file->Load(kReader);
  return loaded ? "" : loaded.error().message;
}

TEST(DocumentFileTest, EachSectionIsThereOnce) {
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  EXPECT_EQ(LoadError(bytes), "");
  const auto sections = FindSections(bytes);
  for (const Section& section : *sections) {
    EXPECT_EQ(LoadError(Without(bytes, section.kind)),
              "there is no section of " + SectionName(section.kind));
    std::string twice = bytes;
    AppendSection(twice, section.kind, section.stored, {});
    EXPECT_EQ(LoadError(twice), "there are two sections of " + SectionName(section.kind));
  }
}

TEST(DocumentFileTest, TheOrderOfSectionsDoesNotMatter) {
  std::string bytes(SectionMagic());
  const std::string file = EncodeDocumentFile(SmallRga(), kId, {});
  const auto sections = FindSections(file);
  for (size_t i = sections->size(); i-- > 0;) {
    AppendSection(bytes, (*sections)[i].kind, (*sections)[i].stored, {});
  }
  EXPECT_EQ(LoadError(bytes), "");
}

TEST(DocumentFileTest, UnknownSectionsArePassedOverUnlessTheyMustBeUnderstood) {
  std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  AppendSection(bytes, static_cast<SectionKind>(100), "something", {});
  EXPECT_EQ(LoadError(bytes), "");
  AppendSection(bytes, static_cast<SectionKind>(101), "something", {});
  EXPECT_EQ(LoadError(bytes), "the section of number 101 is of a later version");
}

TEST(DocumentFileTest, SectionsThatDoNotFitTogetherAreRefused) {
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  const auto error = [&bytes](SectionKind kind, std::string_view content) {
    return LoadError(Replaced(bytes, kind, content));
  };
  using std::string_literals::operator""s;
  EXPECT_EQ(error(SectionKind::kIdentity, "short"), "the section of identity has another size");
  EXPECT_EQ(error(SectionKind::kIdentity, std::string(16, 'x') + '\x01'),
            "the document in the file is not one of the RGA");
  EXPECT_EQ(error(SectionKind::kForm, ""), "the section of form has another size");
  EXPECT_EQ(error(SectionKind::kForm, "\x04"), "the section of form is of a later version");
  const std::string misfit = "the text and the operations do not fit together";
  EXPECT_EQ(error(SectionKind::kCurrentText, "a"), "the update's column of text is malformed");
  EXPECT_EQ(error(SectionKind::kCurrentText, "abc"), misfit);
  EXPECT_EQ(error(SectionKind::kDeletedText, "bcd"), misfit);
  EXPECT_EQ(error(SectionKind::kCurrentText, "\xff"), "the section of current text is not UTF-8");
  EXPECT_EQ(error(SectionKind::kReplicas, "\x02\xac\x02"),
            "the update's column of replicas is malformed");
  // A change whose parent is elsewhere is no beginning of a document.
  EXPECT_EQ(error(SectionKind::kChanges, "\x01\0\x32\x01"s),
            "the changes and the operations do not fit together");
}

TEST(DocumentFileTest, EveryBitFlipIsNoticed) {
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {.neighbours = true}, SomeNames());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    EXPECT_NE(LoadError(flipped), "") << bit;
  }
}

// A flipped bit of its kind makes an update a section that may be passed over.
TEST(DocumentFileTest, EveryBitFlipInAnAppendedUpdateIsNoticed) {
  Rga rga = SmallRga();
  std::string bytes = EncodeDocumentFile(rga, kId, {});
  const size_t begin = bytes.size();
  const VersionVector saved = rga.version_vector();
  ASSERT_TRUE(rga.Replace(0, 0, "z").has_value());
  bytes += EncodeAppendix(rga, saved, {});
  ASSERT_EQ(LoadError(bytes), "");
  for (size_t bit = begin * 8; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    EXPECT_NE(LoadError(flipped), "") << bit;
  }
}

// Some file systems leave zeros where an append was cut short. Seven would do as a section of kind
// 0 if nobody looked at its checksum.
TEST(DocumentFileTest, ZerosAtTheEndAreRefused) {
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  for (size_t count = 1; count <= 70; ++count) {
    EXPECT_NE(LoadError(bytes + std::string(count, '\0')), "") << count;
  }
}

TEST(DocumentFileTest, EveryTruncationIsRefused) {
  const std::string bytes = EncodeDocumentFile(SmallRga(), kId, {});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(LoadError(std::string_view(bytes).substr(0, size)), "") << size;
  }
}

// A thousand characters each in the file and in two appended updates, all of them deleted.
TEST(DocumentFileTest, TextThatWasLeftOutIsLimitedForAllOfAFileTogether) {
  constexpr uint64_t kLeftOut = 1'000;
  Rga rga(ReplicaId{300});
  const auto insert_and_delete = [&rga] {
    const VersionVector before = rga.version_vector();
    EXPECT_TRUE(rga.Replace(0, 0, std::string(kLeftOut, 'x')).has_value());
    EXPECT_TRUE(rga.Replace(0, kLeftOut, "").has_value());
    return EncodePackedUpdate(rga.PackedSince(before), {.drops_deleted_text = true});
  };
  insert_and_delete();
  std::string bytes = EncodeDocumentFile(rga, kId, {.drops_deleted_text = true});
  const auto loads = [&bytes](uint64_t limit) {
    const auto file = DocumentFile::Open(bytes, nullptr, {.update = {.left_out = limit}});
    const auto loaded = file->Load(kReader);
    if (!loaded) EXPECT_EQ(loaded.error().code, ErrorCode::kTooLarge);
    return loaded.has_value();
  };
  EXPECT_TRUE(loads(kLeftOut));
  EXPECT_FALSE(loads(kLeftOut - 1));
  AppendSection(bytes, SectionKind::kUpdate, insert_and_delete(), {});
  // In an update, nine bytes behind the changes might as well be text.
  EXPECT_TRUE(loads(2 * kLeftOut - 9));
  EXPECT_FALSE(loads(2 * kLeftOut - 10));
  AppendSection(bytes, SectionKind::kUpdate, insert_and_delete(), {});
  EXPECT_TRUE(loads(3 * kLeftOut));
  EXPECT_FALSE(loads(3 * kLeftOut - kLeftOut / 2));
}

TEST(DocumentFileTest, TheLimitIsForAllSectionsTogether) {
  Rga rga = SmallRga();
  ASSERT_TRUE(rga.Replace(0, 0, "more than identity and form").has_value());
  const std::string bytes = EncodeDocumentFile(rga, kId, {});
  uint64_t size = 0;
  const auto sections = FindSections(bytes);
  for (const Section& section : *sections) {
    // Those two are read when the file is opened.
    if (section.kind == SectionKind::kIdentity || section.kind == SectionKind::kForm) continue;
    size += section.raw_size;
  }
  for (const uint64_t limit : {size, size - 1}) {
    const auto file = DocumentFile::Open(bytes, nullptr, {.section_bytes = limit});
    const auto loaded = file->Load(kReader);
    EXPECT_EQ(loaded.has_value(), limit == size);
    if (!loaded) EXPECT_EQ(loaded.error().code, ErrorCode::kTooLarge);
  }
}

// With right checksums, so that it is the decoders who have to notice.
TEST(DocumentFileTest, SpoiledSectionsAreRefusedOrAnotherDocument) {
  uint64_t refused = 0;
  uint64_t accepted = 0;
  ForEachSeed(100, [&](Random& random) {
    TwinReplicas replicas(random, 2);
    replicas.Run(20);
    const std::string file =
        EncodeDocumentFile(replicas.Any().rga, kId, kEncodings[random.Below(4)]);
    const std::vector<Section> sections = FindSections(file).value();
    for (int i = 0; i < 100; ++i) {
      const Section& section = sections[random.Below(sections.size())];
      std::string content(section.stored);
      if (content.empty()) continue;
      content[random.Below(content.size())] =
          static_cast<char>(random.Chance(50) ? random.Below(8) : random.Below(256));
      const std::string spoiled = Replaced(file, section.kind, content);
      const auto opened = DocumentFile::Open(spoiled, nullptr);
      const auto loaded =
          opened ? opened->Load(kReader) : Expected<Rga>(std::unexpected(opened.error()));
      if (loaded) {
        loaded->CheckInvariants();
        ++accepted;
      } else {
        ++refused;
      }
    }
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace cotext
