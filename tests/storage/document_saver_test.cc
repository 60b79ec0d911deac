#include "storage/document_saver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/codec/file_extent.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "storage/compression.h"
#include "storage/file.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

constexpr DocumentId kId{{1, 2, 3}};
constexpr uint64_t kNoLimit = UINT64_MAX;
// A keystroke as a section: some ten bytes of the update, eleven of what an update says of its
// replica when there is no table, seven of the frame.
constexpr uint64_t kKeystrokeBytesMax = 36;

class DocumentSaverTest : public TemporaryFolderTest {
 protected:
  std::string file() const { return Path("file"); }

  std::string Content() const { return ReadFile(file(), kNoLimit).value_or("unreadable"); }

  void Put(std::string_view bytes) const {
    const auto written = WriteFileAtomically(file(), bytes);
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }

  DocumentSaver::Opened Open(const SaverOptions& options = {}) {
    auto opened = DocumentSaver::Open(file(), ReplicaId{++replica_}, options);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return *std::move(opened);
  }

  // Returns a document with a text, and the saver that created its file.
  DocumentSaver::Opened Create(std::string_view text, const SaverOptions& options = {}) {
    auto document = std::make_unique<RgaDocument>(ReplicaId{++replica_});
    document->SetId(kId);
    EXPECT_TRUE(document->Insert(CodePointOffset{0}, text).has_value());
    auto saver = DocumentSaver::Create(file(), *document, options);
    EXPECT_TRUE(saver.has_value()) << saver.error().message;
    return {.document = std::move(document), .saver = *std::move(saver)};
  }

  std::string TextInFile() { return Open().document->Text(); }

  uint64_t replica_ = 100;
};

void Type(DocumentSaver::Opened& opened, std::string_view text) {
  const auto at = CodePointOffset{opened.document->metrics().code_points};
  ASSERT_TRUE(opened.document->Insert(at, text).has_value());
}

SaveReport MustSave(DocumentSaver::Opened& opened) {
  auto report = opened.saver.Save(*opened.document);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return report.value_or(SaveReport{});
}

ErrorCode SaveError(DocumentSaver::Opened& opened) {
  const auto report = opened.saver.Save(*opened.document);
  return report ? ErrorCode{} : report.error().code;
}

// Returns what this process ever handed to write(), which no saver knows of.
uint64_t WrittenBytes() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  uint64_t value = 0;
  while (counters >> name >> value) {
    if (name == "wchar:") return value;
  }
  ADD_FAILURE() << "/proc/self/io does not say what was written";
  return 0;
}

// Saving.

TEST_F(DocumentSaverTest, AKeystrokeAppendsAFewBytesHoweverLargeTheDocument) {
  Random random(1);
  std::string text;
  while (text.size() < 200'000) text += RandomText(random, 100);
  auto opened = Create(text);
  const std::string former = Content();
  ASSERT_TRUE(opened.document->Insert(CodePointOffset{1000}, "x").has_value());
  const uint64_t before = WrittenBytes();
  const SaveReport report = MustSave(opened);
  EXPECT_EQ(WrittenBytes() - before, report.written_bytes);
  EXPECT_LE(report.written_bytes, kKeystrokeBytesMax);
  EXPECT_FALSE(report.compacted);
  const std::string content = Content();
  EXPECT_EQ(content.size(), former.size() + report.written_bytes);
  EXPECT_TRUE(content.starts_with(former));
}

TEST_F(DocumentSaverTest, ATrimmedDocumentIsWrittenAnewAtTheNextSaveOnly) {
  {
    auto created = Create("some text");
    ASSERT_TRUE(created.document->Erase(CodePointOffset{0}, CodePointOffset{5}).has_value());
    MustSave(created);
  }
  {
    auto opened = Open();
    ASSERT_TRUE(opened.document->Trim(opened.document->version_vector()).has_value());
    EXPECT_TRUE(MustSave(opened).compacted);
    EXPECT_EQ(Content().find("some"), std::string::npos);
    EXPECT_EQ(MustSave(opened).written_bytes, 0U);
    Type(opened, "!");
    EXPECT_FALSE(MustSave(opened).compacted);
  }
  {
    auto opened = Open();
    EXPECT_EQ(opened.document->Text(), "text!");
    EXPECT_FALSE(opened.document->horizon().empty());
    Type(opened, "?");
    EXPECT_FALSE(MustSave(opened).compacted);
  }
  EXPECT_EQ(TextInFile(), "text!?");
}

TEST_F(DocumentSaverTest, WhatWasEditedAndPackedIsSaved) {
  {
    auto created = Create("text");
    Type(created, "!");
    ASSERT_TRUE(created.document->Pack({}, nullptr).has_value());
    EXPECT_GT(MustSave(created).written_bytes, 0U);
    EXPECT_EQ(MustSave(created).written_bytes, 0U);
    const auto compacted = created.saver.Compact(*created.document);
    ASSERT_TRUE(compacted.has_value()) << compacted.error().message;
    EXPECT_GT(compacted->written_bytes, 0U);
    EXPECT_FALSE(created.document->is_unpacked());
  }
  EXPECT_EQ(TextInFile(), "text!");
}

TEST_F(DocumentSaverTest, NothingIsWrittenOrUnpackedWhenNothingIsNew) {
  {
    Create("some text");
  }
  auto opened = Open();
  const auto time = std::filesystem::last_write_time(file());
  EXPECT_FALSE(opened.document->is_unpacked());
  EXPECT_EQ(MustSave(opened).written_bytes, 0U);
  EXPECT_FALSE(opened.document->is_unpacked());
  EXPECT_EQ(opened.document->Text(), "some text");
  // Unpacked for a question only.
  EXPECT_EQ(opened.document->Slice(CodePointOffset{0}, CodePointOffset{4}).value(), "some");
  EXPECT_TRUE(opened.document->is_unpacked());
  EXPECT_EQ(MustSave(opened).written_bytes, 0U);
  EXPECT_EQ(std::filesystem::last_write_time(file()), time);
}

TEST_F(DocumentSaverTest, AnEditOfADocumentThatWasStillPackedIsAllThatIsAppended) {
  {
    Create(std::string(10'000, 'a'));
  }
  auto opened = Open();
  Type(opened, "b");
  EXPECT_LE(MustSave(opened).written_bytes, kKeystrokeBytesMax);
  EXPECT_EQ(MustSave(opened).written_bytes, 0U);
}

TEST_F(DocumentSaverTest, NamedVersionsAreSavedWithEditsOrAlone) {
  {
    auto created = Create("text");
    ASSERT_TRUE(
        created.document->NameVersion("first", created.document->version_vector()).has_value());
    EXPECT_GT(MustSave(created).written_bytes, 0U);
    EXPECT_EQ(MustSave(created).written_bytes, 0U);
    Type(created, "s");
    ASSERT_TRUE(
        created.document->NameVersion("second", created.document->version_vector()).has_value());
    EXPECT_GT(MustSave(created).written_bytes, 0U);
  }
  auto opened = Open();
  EXPECT_EQ(opened.document->named_versions().versions().size(), 2U);
  EXPECT_EQ(opened.document->Text(), "texts");
  EXPECT_EQ(opened.saver.extent().appended_updates, 1U);
  EXPECT_EQ(MustSave(opened).written_bytes, 0U);
}

TEST_F(DocumentSaverTest, AForkIsSavedLikeItsDocument) {
  {
    Create(std::string(10'000, 'a'));
  }
  auto opened = Open();
  opened.document = opened.document->Fork(ReplicaId{7});
  Type(opened, "b");
  EXPECT_LE(MustSave(opened).written_bytes, kKeystrokeBytesMax);
}

// Whatever is typed, merged, saved, opened again or torn: the file has the text of the last save.
TEST_F(DocumentSaverTest, RandomSessionsComeBackAsTheyWereSaved) {
  uint64_t compactions = 0;
  uint64_t torn_tails = 0;
  ForEachSeed(60, [&](Random& random) {
    std::filesystem::remove(file());
    const SaverOptions options{.profile = random.Chance(50) ? Profile::kSmall : Profile::kFast,
                               .compaction_bytes = random.Below(400)};
    RgaDocument other(ReplicaId{1});
    std::optional<DocumentSaver::Opened> opened = Create("begin", options);
    std::string saved = opened->document->Text();
    std::string saved_version = opened->document->version().bytes;
    for (int step = 0; step < 80; ++step) {
      const uint64_t action = random.Below(100);
      if (action < 50) {
        ASSERT_NO_FATAL_FAILURE(
            EditSomewhere(random, *opened->document, RandomText(random, random.Below(8))));
      } else if (action < 60) {
        ASSERT_NO_FATAL_FAILURE(EditSomewhere(random, other, RandomText(random, 4)));
        ASSERT_NO_FATAL_FAILURE(Pull(*opened->document, other));
        ASSERT_NO_FATAL_FAILURE(Pull(other, *opened->document));
      } else if (action < 85) {
        const auto report = action < 83 ? opened->saver.Save(*opened->document)
                                        : opened->saver.Compact(*opened->document);
        ASSERT_TRUE(report.has_value()) << report.error().message;
        ASSERT_FALSE(report->postponed.has_value());
        compactions += report->compacted ? 1 : 0;
        saved = opened->document->Text();
        saved_version = opened->document->version().bytes;
        // A tail stays until something is written.
        const FileExtent& extent = opened->saver.extent();
        ASSERT_EQ(extent.whole_bytes() + extent.torn_bytes, std::filesystem::file_size(file()));
      } else {
        const uint64_t whole = opened->saver.extent().whole_bytes();
        opened.reset();
        std::string garbage;
        if (random.Chance(40)) garbage = "\x15" + RandomText(random, 30);
        std::ofstream(file(), std::ios::app) << garbage;
        torn_tails += garbage.empty() ? 0 : 1;
        opened = Open(options);
        ASSERT_EQ(opened->saver.extent().whole_bytes(), whole);
        ASSERT_EQ(opened->saver.extent().torn_bytes, std::filesystem::file_size(file()) - whole);
        ASSERT_EQ(opened->document->Text(), saved);
        ASSERT_EQ(opened->document->version().bytes, saved_version);
        opened->document->CheckInvariants();
      }
    }
  });
  EXPECT_GT(compactions, 100U);
  EXPECT_GT(torn_tails, 100U);
}

// The time when, and what it costs.

TEST_F(DocumentSaverTest, TheFileIsWrittenAnewOnceMoreWasAppendedThanItHad) {
  auto opened = Create("", {.profile = Profile::kFast, .compaction_bytes = 1000});
  FileExtent former = opened.saver.extent();
  int compactions = 0;
  for (int i = 0; i < 2000; ++i) {
    Type(opened, "\u00e9" + std::to_string(i * 7919 % 1000));
    const SaveReport report = MustSave(opened);
    const FileExtent extent = opened.saver.extent();
    const uint64_t most = std::max<uint64_t>(1000, former.base_bytes);
    if (report.compacted) {
      ++compactions;
      EXPECT_GT(former.appended_bytes + kKeystrokeBytesMax, most);
      EXPECT_EQ(extent.appended_bytes, 0U);
      EXPECT_EQ(extent.base_bytes, report.written_bytes);
      // What the analysis in the header rests on.
      EXPECT_LE(extent.base_bytes, former.base_bytes + former.appended_bytes + kKeystrokeBytesMax);
    } else {
      EXPECT_LE(extent.appended_bytes, most);
      EXPECT_EQ(extent.base_bytes, former.base_bytes);
    }
    former = extent;
  }
  EXPECT_GE(compactions, 5);
  EXPECT_LE(compactions, 40);
  EXPECT_EQ(CountFiles(), 1U);
}

TEST_F(DocumentSaverTest, BytesWrittenAreLinearInTheKeystrokes) {
  Random random(SeedFromEnvironment(1));
  for (const uint64_t keystrokes : {50U, 500U, 5000U}) {
    std::filesystem::remove(file());
    auto opened = Create("", {.compaction_bytes = 1000});
    const uint64_t before = WrittenBytes();
    uint64_t reported = 0;
    for (uint64_t i = 0; i < keystrokes; ++i) {
      const uint64_t length = opened.document->metrics().code_points;
      const CodePointOffset at{random.Below(length + 1)};
      ASSERT_TRUE(opened.document->Insert(at, "x").has_value());
      reported += MustSave(opened).written_bytes;
    }
    const uint64_t written = WrittenBytes() - before;
    EXPECT_EQ(written, reported);
    EXPECT_LE(written, 3 * keystrokes * kKeystrokeBytesMax) << keystrokes;
    RecordProperty("bytes_per_keystroke_" + std::to_string(keystrokes),
                   std::to_string(written / keystrokes));
  }
}

TEST_F(DocumentSaverTest, ALargeUpdateIsWrittenOnce) {
  auto opened = Create("a", {.compaction_bytes = 1000});
  Random random(1);
  std::string text;
  while (text.size() < 100'000) text += RandomText(random, 100);
  Type(opened, text);
  const uint64_t before = WrittenBytes();
  EXPECT_TRUE(MustSave(opened).compacted);
  EXPECT_LE(WrittenBytes() - before, 100'000U + 200);
}

TEST_F(DocumentSaverTest, CompactingTakesUpdatesInAndLosesNothing) {
  auto opened = Create("abc");
  for (int i = 0; i < 50; ++i) {
    Type(opened, "d");
    ASSERT_TRUE(opened.document->Erase(CodePointOffset{0}, CodePointOffset{1}).has_value());
    MustSave(opened);
  }
  Type(opened, "not saved yet");
  const std::string history =
      opened.document->EncodeSince(RgaDocument(ReplicaId{1}).version()).value();
  const auto report = opened.saver.Compact(*opened.document);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->written_bytes, Content().size());
  const std::string text = opened.document->Text();
  {
    const DocumentSaver::Opened dropped = std::move(opened);
  }
  opened = Open();
  EXPECT_EQ(opened.saver.extent().appended_updates, 0U);
  EXPECT_EQ(opened.document->Text(), text);
  EXPECT_EQ(opened.document->EncodeSince(RgaDocument(ReplicaId{1}).version()).value(), history);
}

// Crashes.

TEST_F(DocumentSaverTest, AtWhateverByteAnAppendIsTornWhatWasSavedIsThere) {
  std::vector<std::string> texts;
  std::vector<size_t> ends;
  {
    auto opened = Create("begin ");
    for (int i = 0; i < 4; ++i) {
      texts.push_back(opened.document->Text());
      ends.push_back(Content().size());
      Type(opened, "word" + std::to_string(i));
      MustSave(opened);
    }
  }
  const std::string whole = Content();
  size_t saves = 0;
  for (size_t size = ends[0]; size < whole.size(); ++size) {
    if (saves + 1 < ends.size() && size == ends[saves + 1]) ++saves;
    for (const size_t zeros : {size_t{0}, whole.size() - size}) {
      ASSERT_NO_FATAL_FAILURE(Put(whole.substr(0, size) + std::string(zeros, '\0')));
      {
        auto opened = Open();
        ASSERT_EQ(opened.document->Text(), texts[saves]) << size;
        ASSERT_EQ(opened.saver.extent().torn_bytes, size + zeros - ends[saves]) << size;
        // Nothing new: nothing is cut off either.
        ASSERT_EQ(MustSave(opened).written_bytes, 0U);
        ASSERT_EQ(Content().size(), size + zeros);
        Type(opened, "!");
        MustSave(opened);
        ASSERT_EQ(opened.saver.extent().torn_bytes, 0U);
        Type(opened, "?");
        MustSave(opened);
      }
      auto again = Open();
      ASSERT_EQ(again.saver.extent().torn_bytes, 0U) << size;
      ASSERT_EQ(again.document->Text(), texts[saves] + "!?") << size;
    }
  }
}

TEST_F(DocumentSaverTest, DamageInFrontOfASavedUpdateIsAnErrorThatNamesIt) {
  size_t base = 0;
  {
    auto opened = Create("begin ");
    base = Content().size();
    for (const char* text : {"one", "two"}) {
      Type(opened, text);
      MustSave(opened);
    }
  }
  std::string bytes = Content();
  bytes[base + 2] ^= 0x10;  // The size of the first update.
  Put(bytes);
  const auto opened = DocumentSaver::Open(file(), ReplicaId{9});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kMalformedFile);
  EXPECT_EQ(opened.error().message, file() + ": section 10, at byte " + std::to_string(base) +
                                        ", is damaged, and something saved follows it");
  EXPECT_EQ(Content(), bytes);
}

// Writes that fail.

TEST_F(DocumentSaverTest, WhatDidNotFitOnTheDiskIsSavedNextTime) {
  auto opened = Create("begin");
  const std::string former = Content();
  ErrorCode first{};
  ErrorCode second{};
  Type(opened, " and a text that does not fit");
  {
    const FileSizeLimit limit(former.size() + 20);  // Some of it fits.
    first = SaveError(opened);
    Type(opened, ", nor this");
    second = SaveError(opened);
  }
  EXPECT_EQ(first, ErrorCode::kIo);
  EXPECT_EQ(second, ErrorCode::kIo);
  EXPECT_EQ(Content(), former);
  EXPECT_GT(MustSave(opened).written_bytes, 0U);
  const std::string text = opened.document->Text();
  {
    const DocumentSaver::Opened dropped = std::move(opened);
  }
  EXPECT_EQ(TextInFile(), text);
}

TEST_F(DocumentSaverTest, WhereAFileCannotBeWrittenAnewUpdatesAreStillAppended) {
  {
    Create(std::string(200, 'a'), {.profile = Profile::kFast});
  }
  // A name of which that of a new file beside it would be too long.
  const std::string long_path = Path(std::string(250, 'n'));
  std::filesystem::rename(file(), long_path);
  int postponed = 0;
  std::string text;
  {
    auto opened = DocumentSaver::Open(long_path, ReplicaId{9}, {.compaction_bytes = 500}).value();
    for (int saves = 0; saves < 100; ++saves) {
      Type(opened, "words ");
      const SaveReport report = MustSave(opened);
      EXPECT_FALSE(report.compacted);
      EXPECT_GT(report.written_bytes, 0U);
      if (!report.postponed) continue;
      ++postponed;
      EXPECT_EQ(report.postponed->message,
                long_path + ": cannot create a file beside it: File name too long");
    }
    // Not each time from then on: each attempt may write as much as the file has.
    const uint64_t appended = opened.saver.extent().appended_bytes;
    EXPECT_LE(static_cast<uint64_t>(postponed), appended / 500);
    EXPECT_GE(postponed, 2);
    EXPECT_EQ(opened.saver.extent().appended_updates, 100U);
    text = opened.document->Text();
  }
  std::filesystem::rename(long_path, file());
  auto opened = Open({.compaction_bytes = 500});
  EXPECT_EQ(opened.document->Text(), text);
  Type(opened, "!");
  EXPECT_TRUE(MustSave(opened).compacted);
}

TEST_F(DocumentSaverTest, AFailedRewritingLeavesTheFileAndIsTriedAgain) {
  auto opened = Create("begin");
  Type(opened, std::string(100, 'x'));
  MustSave(opened);
  const std::string former = Content();
  std::optional<Error> error;
  {
    const FileSizeLimit limit(20);
    if (auto report = opened.saver.Compact(*opened.document); !report) error = report.error();
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, file() + ": cannot write: File too large");
  EXPECT_EQ(Content(), former);
  EXPECT_EQ(CountFiles(), 1U);
  EXPECT_TRUE(opened.saver.Compact(*opened.document).has_value());
}

TEST_F(DocumentSaverTest, AFolderThatIsGoneIsAnError) {
  EXPECT_EQ(DocumentSaver::Open(file(), ReplicaId{1}).error().message,
            file() + ": cannot open: No such file or directory");
  RgaDocument document(ReplicaId{1});
  EXPECT_EQ(DocumentSaver::Create(Path("none/file"), document).error().message,
            Path("none/file") + ": cannot open its folder: No such file or directory");
  EXPECT_EQ(DocumentSaver::Open(Path(""), ReplicaId{1}).error().code, ErrorCode::kIo);
  EXPECT_EQ(DocumentSaver::Open("/dev/full", ReplicaId{1}).error().message,
            "/dev/full: not a regular file");
}

// Others.

TEST_F(DocumentSaverTest, AFileThatExistsIsNotCreated) {
  {
    Create("former");
  }
  RgaDocument document(ReplicaId{1});
  const auto created = DocumentSaver::Create(file(), document);
  ASSERT_FALSE(created.has_value());
  EXPECT_EQ(created.error().message, file() + ": exists already");
  EXPECT_EQ(TextInFile(), "former");
}

TEST_F(DocumentSaverTest, OneAtATimeHasAFileAlsoAfterItWasWrittenAnew) {
  auto opened = Create("text");
  const auto code = [this] { return DocumentSaver::Open(file(), ReplicaId{9}).error().code; };
  EXPECT_EQ(code(), ErrorCode::kFileInUse);
  Type(opened, "!");
  ASSERT_TRUE(opened.saver.Compact(*opened.document).has_value());
  EXPECT_EQ(code(), ErrorCode::kFileInUse);
  {
    const DocumentSaver::Opened dropped = std::move(opened);
  }
  EXPECT_EQ(TextInFile(), "text!");
}

TEST_F(DocumentSaverTest, WhatSomeoneElseDidToAFileIsNotOverwritten) {
  const std::vector<std::pair<std::string, void (*)(const std::string&)>> deeds = {
      {"changed", [](const std::string& path) { std::ofstream(path, std::ios::app) << "more"; }},
      {"changed", [](const std::string& path) { std::filesystem::resize_file(path, 30); }},
      {"changed",
       [](const std::string& path) {
         std::fstream(path).seekp(30) << "x";
         std::filesystem::last_write_time(
             path, std::filesystem::last_write_time(path) + std::chrono::seconds(1));
       }},
      {"replaced",
       [](const std::string& path) { EXPECT_TRUE(WriteFileAtomically(path, "new").has_value()); }},
      {"removed", [](const std::string& path) { std::filesystem::remove(path); }},
  };
  for (const auto& [how, deed] : deeds) {
    std::filesystem::remove(file());
    auto opened = Create("some text");
    deed(file());
    const std::string theirs = Content();
    Type(opened, "!");
    const auto saved = opened.saver.Save(*opened.document);
    ASSERT_FALSE(saved.has_value());
    EXPECT_EQ(saved.error().code, ErrorCode::kFileChanged);
    EXPECT_EQ(saved.error().message, file() + ": " + how + " by someone else");
    EXPECT_EQ(opened.saver.Compact(*opened.document).error().code, ErrorCode::kFileChanged);
    EXPECT_EQ(Content(), theirs);
    EXPECT_LE(CountFiles(), 1U);
  }
}

TEST_F(DocumentSaverTest, AnotherDocumentIsRefused) {
  auto opened = Create("some text");
  const std::string former = Content();
  RgaDocument other(ReplicaId{9});
  other.SetId(DocumentId{{9}});
  EXPECT_EQ(opened.saver.Save(other).error().code, ErrorCode::kDocumentReplaced);
  // The same one, of a peer that has not heard of what is in the file.
  RgaDocument peer(ReplicaId{9});
  peer.SetId(kId);
  EXPECT_EQ(opened.saver.Save(peer).error().code, ErrorCode::kDocumentReplaced);
  EXPECT_EQ(opened.saver.Compact(peer).error().code, ErrorCode::kDocumentReplaced);
  EXPECT_EQ(Content(), former);
  Pull(peer, *opened.document);
  ASSERT_TRUE(peer.Insert(CodePointOffset{0}, "now ").has_value());
  EXPECT_TRUE(opened.saver.Save(peer).has_value());
  {
    const DocumentSaver::Opened dropped = std::move(opened);
  }
  EXPECT_EQ(TextInFile(), "now some text");
}

TEST_F(DocumentSaverTest, WhatAPackedFileHasIsNotGuessed) {
  {
    Create("some text");
  }
  auto opened = Open();
  RgaDocument peer(ReplicaId{9});
  peer.SetId(kId);
  EXPECT_EQ(opened.saver.Compact(peer).error().code, ErrorCode::kDocumentReplaced);
  EXPECT_TRUE(opened.saver.Compact(*opened.document).has_value());
  EXPECT_EQ(opened.document->Text(), "some text");
}

TEST_F(DocumentSaverTest, BehindASymbolicLinkItsTargetIsWritten) {
  {
    Create("text");
  }
  std::filesystem::rename(file(), Path("target"));
  std::filesystem::create_symlink(Path("target"), file());
  auto opened = Open();
  Type(opened, "!");
  ASSERT_TRUE(opened.saver.Compact(*opened.document).has_value());
  EXPECT_TRUE(std::filesystem::is_symlink(file()));
  EXPECT_EQ(std::filesystem::file_size(Path("target")), opened.saver.extent().base_bytes);
}

}  // namespace
}  // namespace cotext
