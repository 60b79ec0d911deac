#include "storage/trim_store.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "storage/check_store.h"
#include "storage/compact_store.h"
#include "storage/document_list.h"
#include "storage/store_call.h"
#include "storage/store_engine.h"
#include "storage/stored_content.h"
#include "sync/store.h"
#include "tests/support/sample_logs.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordsOf;
using sync::StoredLog;

class TrimStoreTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    auto engine =
        StoreEngine::Open({.path = Path("engine.db"), .now_ms = [this] { return now_ms_; }});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = *std::move(engine);
  }

  void Append(const std::string& document, std::vector<Record> records) {
    const StoreCall call{
        .kind = StoreCall::Kind::kAppend, .document = document, .records = std::move(records)};
    ASSERT_TRUE(engine_->Write({&call, 1})[0].position);
  }
  StoredLog Load(const std::string& document) {
    return engine_->Load({.kind = StoreCall::Kind::kLoad, .document = document}).log;
  }
  TrimReport Trim(const TrimRequest& request) {
    auto report = TrimStore(*engine_, request);
    EXPECT_TRUE(report) << report.error().message;
    return report ? *std::move(report) : TrimReport();
  }
  uint64_t HorizonOf(const std::string& document) {
    return ReadContent(Load(document))->ot->horizon();
  }

  uint64_t now_ms_ = 1'000;
  std::unique_ptr<StoreEngine> engine_;
};

TEST_F(TrimStoreTest, AllDocumentsLoseWhatIsOldAndKeepTheirTexts) {
  Append("rga", RgaRecords(1, {"some", " text"}));
  Append("ot", OtRecords(2, 3));
  Append("empty", OtRecords(3, 0));
  Append("broken", RecordsOf({"?"}));
  std::vector<uint64_t> shown;
  const auto report =
      TrimStore(*engine_, {.keep = 1}, [&](uint64_t done) { shown.push_back(done); });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->documents, 4U);
  EXPECT_EQ(shown, std::vector<uint64_t>({1, 2, 3, 4}));
  ASSERT_EQ(report->trimmed.size(), 2U);
  EXPECT_EQ(report->trimmed[0].document, "ot");
  EXPECT_EQ(report->trimmed[0].trimmed.dropped, 2U);
  EXPECT_EQ(report->trimmed[1].document, "rga");
  EXPECT_EQ(report->trimmed[1].trimmed.dropped, 8U);
  EXPECT_EQ(report->trimmed[1].trimmed.kept, 1U);
  EXPECT_TRUE(report->trimmed[1].trimmed.log.empty());
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_EQ(report->problems[0].document, "broken");
  EXPECT_EQ(Load("broken").tail, RecordsOf({"?"}));
  EXPECT_EQ(ReadContent(Load("rga"))->rga->Text(), "some text");
  EXPECT_FALSE(ReadContent(Load("rga"))->rga->horizon().empty());
  EXPECT_EQ(ReadContent(Load("ot"))->ot->Text(), "xxx");
  EXPECT_EQ(HorizonOf("ot"), 2U);
}

TEST_F(TrimStoreTest, PositionsAndTimesGoOnAsTheyWere) {
  Append("a", RgaRecords(1, {"some", " text"}));
  now_ms_ = 9'000;
  Trim({});
  EXPECT_EQ(Load("a").position(), 3U);
  EXPECT_EQ(Load("a").snapshot_position, 3U);
  EXPECT_EQ(ListDocuments(engine_->database(), "", 10)->at(0).modified_ms, 1'000U);
  Trim({.keep = 1});
  // A snapshot is trimmed, too, though nothing came behind it.
  Append("b", OtRecords(2, 5));
  ASSERT_TRUE(CompactStore(*engine_));
  ASSERT_TRUE(Load("b").tail.empty());
  EXPECT_EQ(Trim({.documents = {"b"}}).trimmed.size(), 1U);
  EXPECT_EQ(HorizonOf("b"), 5U);
  EXPECT_EQ(Load("b").position(), 6U);
  EXPECT_EQ(ListDocuments(engine_->database(), "a", 10)->at(0).modified_ms, 9'000U);
}

TEST_F(TrimStoreTest, OnlyTheDocumentsThatAreNamed) {
  for (const char* const name : {"a", "b", "c"}) Append(name, OtRecords(1, 4));
  EXPECT_EQ(Trim({.documents = {"c", "a"}}).documents, 2U);
  EXPECT_EQ(HorizonOf("a"), 4U);
  EXPECT_EQ(HorizonOf("b"), 0U);
  EXPECT_EQ(HorizonOf("c"), 4U);
}

TEST_F(TrimStoreTest, ANameWithoutADocumentStopsItBeforeItBegins) {
  Append("a", OtRecords(1, 4));
  const auto report = TrimStore(*engine_, {.documents = {"a", "typo"}});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(report.error().message, "there is no document typo");
  EXPECT_EQ(HorizonOf("a"), 0U);
}

TEST_F(TrimStoreTest, APreviewWritesNothing) {
  Append("a", RgaRecords(1, {"some", " text"}));
  Append("b", OtRecords(2, 3));
  const StoredLog before = Load("a");
  const auto preview = PreviewTrim(engine_->database(), {.keep = 2});
  ASSERT_TRUE(preview) << preview.error().message;
  EXPECT_EQ(Load("a").tail, before.tail);
  EXPECT_EQ(HorizonOf("b"), 0U);
  const TrimReport done = Trim({.keep = 2});
  ASSERT_EQ(preview->trimmed.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(preview->trimmed[i].trimmed.dropped, done.trimmed[i].trimmed.dropped);
    EXPECT_EQ(preview->trimmed[i].bytes_after, done.trimmed[i].bytes_after);
  }
  EXPECT_FALSE(PreviewTrim(engine_->database(), {.documents = {"typo"}}));
}

TEST_F(TrimStoreTest, WhatWasWrittenLaterStays) {
  const std::vector<Record> records = OtRecords(1, 6);
  Append("a", {records.begin(), records.begin() + 4});  // The identity and three submissions.
  now_ms_ = 2'000;
  Append("a", {records.begin() + 4, records.begin() + 6});
  now_ms_ = 3'000;
  Append("a", {records.begin() + 6, records.end()});
  EXPECT_TRUE(Trim({.written_by_ms = 999}).trimmed.empty());
  Trim({.written_by_ms = 1'500});
  EXPECT_EQ(HorizonOf("a"), 3U);
}

TEST_F(TrimStoreTest, ASnapshotIsAsOldAsTheLatestInIt) {
  const std::vector<Record> records = OtRecords(1, 6);
  Append("a", {records.begin(), records.begin() + 4});
  now_ms_ = 2'000;
  Append("a", {records.begin() + 4, records.begin() + 6});
  ASSERT_TRUE(CompactStore(*engine_));
  now_ms_ = 3'000;
  Append("a", {records.begin() + 6, records.end()});
  EXPECT_TRUE(Trim({.written_by_ms = 1'999}).trimmed.empty());
  Trim({.written_by_ms = 2'000});
  EXPECT_EQ(HorizonOf("a"), 5U);
  Trim({.written_by_ms = 3'000});
  EXPECT_EQ(HorizonOf("a"), 6U);
}

TEST_F(TrimStoreTest, WhatThatFreesIsGivenBack) {
  RgaDocument document(ReplicaId{.value = 7});
  document.SetId({.bytes = {1}});
  std::vector<Record> records = RgaRecords(1, {});
  for (int i = 0; i < 100; ++i) {
    const Version before = document.version();
    ASSERT_TRUE(document.Insert(CodePointOffset{0}, std::string(10'000, 'x')));
    ASSERT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{9'990}));
    records.push_back(
        {.kind = sync::RecordKind::kUpdate, .bytes = document.EncodeSince(before).value()});
  }
  Append("a", records);
  const TrimReport report = Trim({});
  EXPECT_LT(report.trimmed.at(0).bytes_after, 20'000U);
  EXPECT_GT(report.trimmed.at(0).bytes_before, 1'000'000U);
  EXPECT_LT(report.bytes_after, report.bytes_before / 10);
  EXPECT_TRUE(CheckStore(engine_->database())->is_clean());
  EXPECT_EQ(ReadContent(Load("a"))->rga->Text(), document.Text());
}

}  // namespace
}  // namespace cotext
