// What people do to a store: list, check, back up, remove, take documents out and in.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "storage/backup_store.h"
#include "storage/check_store.h"
#include "storage/compact_store.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "storage/sqlite_database.h"
#include "storage/store_call.h"
#include "storage/store_engine.h"
#include "storage/store_schema.h"
#include "storage/stored_content.h"
#include "sync/store.h"
#include "tests/support/sample_logs.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/waiting_store.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;
using sync::RecordsOf;
using sync::StoredLog;

class StoreMaintenanceTest : public TemporaryFolderTest {
 protected:
  std::string folder() const { return Path("store"); }

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
  void Compact(const std::string& document, uint64_t up_to, std::vector<Record> records) {
    const StoreCall call{.kind = StoreCall::Kind::kCompact,
                         .document = document,
                         .records = std::move(records),
                         .up_to = up_to};
    ASSERT_TRUE(engine_->Write({&call, 1})[0].position);
  }
  StoredLog Load(const std::string& document) {
    return engine_->Load({.kind = StoreCall::Kind::kLoad, .document = document}).log;
  }
  StoreCheck Check() {
    auto check = CheckStore(engine_->database());
    EXPECT_TRUE(check) << check.error().message;
    return *std::move(check);
  }

  uint64_t now_ms_ = 1'000;
  std::unique_ptr<StoreEngine> engine_;
};

TEST_F(StoreMaintenanceTest, TheListSaysWhatIsThere) {
  Append("b", RgaRecords(1, {"some", "text"}));
  now_ms_ = 2'000;
  Append("a", OtRecords(2, 3));
  Append("c", RecordsOf({"no identity"}));
  now_ms_ = 3'000;
  Append("b", RecordsOf({std::string(10, 'x')}));
  Compact("b", 4, RgaRecords(1, {"sometext"}));
  const auto documents = ListDocuments(engine_->database(), "", 10);
  ASSERT_TRUE(documents) << documents.error().message;
  ASSERT_EQ(documents->size(), 3U);
  const DocumentSummary& ot = documents->at(0);
  EXPECT_EQ(ot.name, "a");
  EXPECT_EQ(ot.identity->engine, Engine::kOt);
  EXPECT_EQ(ot.identity->id.bytes[0], 2);
  EXPECT_EQ(ot.position, 4U);
  EXPECT_EQ(ot.snapshot_position, 0U);
  EXPECT_GT(ot.tail_bytes, 17U);
  EXPECT_EQ(ot.created_ms, 2'000U);
  const DocumentSummary& rga = documents->at(1);
  EXPECT_EQ(rga.identity->engine, Engine::kRga) << "also where a snapshot says so";
  EXPECT_EQ(rga.position, 4U);
  EXPECT_EQ(rga.snapshot_position, 4U);
  EXPECT_EQ(rga.tail_bytes, 0U);
  EXPECT_EQ(rga.created_ms, 1'000U);
  EXPECT_EQ(rga.modified_ms, 3'000U) << "also where no record is left to say so";
  EXPECT_FALSE(documents->at(2).identity);
}

TEST_F(StoreMaintenanceTest, AListGoesOnBehindAName) {
  for (const char* const name : {"a", "b", "c", "d"}) Append(name, OtRecords(1, 1));
  const auto first = ListDocuments(engine_->database(), "", 2);
  ASSERT_TRUE(first && first->size() == 2);
  const auto second = ListDocuments(engine_->database(), first->back().name, 2);
  ASSERT_TRUE(second && second->size() == 2);
  EXPECT_EQ(second->front().name, "c");
  EXPECT_TRUE(ListDocuments(engine_->database(), "d", 2)->empty());
}

TEST_F(StoreMaintenanceTest, AListMayBeOfSomeNames) {
  for (const char* const name : {"a", "b", "b/1", "b/\xC3\xA4", "c"}) Append(name, OtRecords(1, 1));
  const auto names = [&](std::string_view after, const NameRange& range) {
    std::string all;
    const auto documents = ListDocuments(engine_->database(), after, 10, range);
    EXPECT_TRUE(documents.has_value());
    for (const DocumentSummary& summary : *documents) all += summary.name + ' ';
    return all;
  };
  EXPECT_EQ(names("", NamesThatBeginWith("b/")), "b/1 b/\xC3\xA4 ");
  EXPECT_EQ(names("b/1", NamesThatBeginWith("b/")), "b/\xC3\xA4 ");
  EXPECT_EQ(names("", NamesThatBeginWith("b")), "b b/1 b/\xC3\xA4 ");
  EXPECT_EQ(names("", NamesThatBeginWith("")), "a b b/1 b/\xC3\xA4 c ");
  EXPECT_EQ(names("", NameAlone("b")), "b ");
  EXPECT_EQ(names("", NameAlone("d")), "");
  EXPECT_EQ(names("c", NamesThatBeginWith("b")), "");
}

TEST_F(StoreMaintenanceTest, StatisticsCountRecordsAndBytes) {
  Append("a", RecordsOf({"123", "4567"}));
  Append("b", RecordsOf({"89"}));
  Compact("a", 1, RecordsOf({"123"}));
  const auto statistics = MeasureStore(engine_->database());
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_EQ(statistics->documents, 2U);
  EXPECT_EQ(statistics->snapshot_records, 1U);
  EXPECT_EQ(statistics->snapshot_bytes, 3U);
  EXPECT_EQ(statistics->tail_records, 2U);
  EXPECT_EQ(statistics->tail_bytes, 6U);
  EXPECT_GT(statistics->database_bytes, 0U);
}

TEST_F(StoreMaintenanceTest, WhatIsRemovedIsGoneAndItsNameBeginsAnew) {
  Append("a", RgaRecords(1, {"text"}));
  Compact("a", 1, RecordsOf({"snapshot"}));
  Append("b", RgaRecords(2, {"other"}));
  EXPECT_EQ(engine_->Remove("a"), true);
  EXPECT_EQ(engine_->Remove("a"), false);
  EXPECT_EQ(Load("a").position(), 0U);
  EXPECT_EQ(Load("b").position(), 2U);
  Append("a", RecordsOf({"new"}));
  EXPECT_EQ(Load("a").tail, RecordsOf({"new"}));
  EXPECT_TRUE(Load("a").snapshot.empty());
}

TEST_F(StoreMaintenanceTest, CompactingLosesNothingAndLeavesWhatItCannotRead) {
  Append("rga", RgaRecords(1, {"some", " text"}));
  Append("ot", OtRecords(2, 3));
  Append("broken", RecordsOf({"?"}));
  const auto report = CompactStore(*engine_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->documents, 3U);
  EXPECT_EQ(report->compacted, 2U);
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_EQ(report->problems[0].document, "broken");
  EXPECT_EQ(Load("broken").tail, RecordsOf({"?"}));
  EXPECT_TRUE(Load("rga").tail.empty());
  EXPECT_EQ(Load("rga").position(), 3U);
  EXPECT_EQ(ReadContent(Load("rga"))->rga->Text(), "some text");
  EXPECT_TRUE(Load("ot").tail.empty());
  EXPECT_EQ(ReadContent(Load("ot"))->ot->revision(), 3U);
  EXPECT_EQ(CompactStore(*engine_)->compacted, 0U);
}

TEST_F(StoreMaintenanceTest, WhatCompactingFreesIsGivenBack) {
  Append("a", RgaRecords(1, {"x"}));
  const std::vector<Record> writers(
      2'000, {.kind = RecordKind::kWriter, .bytes = std::string("\x05") + std::string(200, 'u')});
  Append("a", writers);
  const auto report = CompactStore(*engine_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_LT(report->bytes_after, report->bytes_before / 4);
}

TEST_F(StoreMaintenanceTest, AStoreThatIsWholeIsClean) {
  Append("rga", RgaRecords(1, {"some", "text"}));
  Append("ot", OtRecords(2, 3));
  const StoreCheck check = Check();
  EXPECT_TRUE(check.is_clean());
  EXPECT_EQ(check.documents, 2U);
}

TEST_F(StoreMaintenanceTest, ACheckNamesTheDocumentsThatCannotBeRead) {
  Append("good", RgaRecords(1, {"text"}));
  Append("gap", RgaRecords(2, {"some", "more", "text"}));
  ASSERT_TRUE(
      engine_->database().Execute("DELETE FROM records WHERE position=3 AND document="
                                  "(SELECT id FROM documents WHERE name=CAST('gap' AS BLOB))"));
  std::vector<Record> broken = RgaRecords(3, {"text"});
  broken[1].bytes[broken[1].bytes.size() / 2] ^= 0x55;
  Append("broken", broken);
  std::vector<Record> mixed = OtRecords(4, 1);
  mixed.push_back(RgaRecords(5, {"text"})[1]);
  Append("mixed", mixed);
  Append("nameless", RecordsOf({"?"}));
  const StoreCheck check = Check();
  EXPECT_TRUE(check.damage.empty());
  EXPECT_EQ(check.documents, 5U);
  std::vector<std::string> names;
  for (const DocumentProblem& problem : check.problems) names.push_back(problem.document);
  EXPECT_EQ(names, std::vector<std::string>({"broken", "gap", "mixed", "nameless"}));
}

TEST_F(StoreMaintenanceTest, ACheckFindsRecordsOfNoDocument) {
  ASSERT_TRUE(engine_->database().Execute("INSERT INTO records VALUES(99, 1, 0, 3, x'00')"));
  EXPECT_EQ(Check().damage.size(), 1U);
}

TEST_F(StoreMaintenanceTest, ACheckOfADamagedDatabaseSaysSo) {
  for (int i = 0; i < 50; ++i) Append("a", RecordsOf({std::string(3'000, 'x')}));
  engine_.reset();
  {
    std::fstream file(Path("engine.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20 * 4096);
    file << std::string(4096, '\x7f');
  }
  auto database = OpenStoreDatabase(Path("engine.db"), {.access = SqliteAccess::kRead});
  ASSERT_TRUE(database) << database.error().message;
  const auto check = CheckStore(*database);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_FALSE(check->damage.empty());
}

TEST_F(StoreMaintenanceTest, ABackupIsTheStoreAtOneTimeWhileItIsWrittenTo) {
  WaitingStore store(folder());
  store.Append("a", RgaRecords(1, {"some", "text"}));
  const auto backed_up = BackUpStore(folder(), Path("backup"));
  ASSERT_TRUE(backed_up) << backed_up.error().message;
  EXPECT_TRUE(store.Append("a", RecordsOf({"later"})).position);
  WaitingStore copy(Path("backup"));
  EXPECT_EQ(copy.Load("a").log.tail, RgaRecords(1, {"some", "text"}));
  EXPECT_EQ(copy.Append("a", RecordsOf({"x"})).position, 4U) << "a store like any other";
}

TEST_F(StoreMaintenanceTest, ABackupReplacesNoStore) {
  WaitingStore store(folder());
  ASSERT_TRUE(BackUpStore(folder(), Path("backup")));
  const auto again = BackUpStore(folder(), Path("backup"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kIo);
  EXPECT_FALSE(BackUpStore(Path("nothing"), Path("other")));
  EXPECT_FALSE(std::filesystem::exists(Path("nothing"))) << "asking for a backup makes no store";
}

TEST_F(StoreMaintenanceTest, ADocumentGoesOutAsAFileAndComesBackIn) {
  Append("a", RgaRecords(9, {"some", " text"}));
  const auto file = ExportDocument(Load("a"), Profile::kSmall);
  ASSERT_TRUE(file) << file.error().message;
  const auto opened = RgaDocument::Open(*file, ReplicaId{.value = 3}, NativeDecompressor());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ((*opened)->Text(), "some text");
  EXPECT_EQ((*opened)->id().bytes[0], 9);
  const auto records = ImportDocument(*file);
  ASSERT_TRUE(records) << records.error().message;
  Append("b", *records);
  const auto content = ReadContent(Load("b"));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rga->Text(), "some text");
  EXPECT_EQ(content->identity.id.bytes[0], 9);
  EXPECT_EQ(content->rga->version(), (*opened)->version());
}

TEST_F(StoreMaintenanceTest, WhatIsNotThereIsNotExportedNorNonsenseImported) {
  EXPECT_FALSE(ImportDocument("nonsense"));
  EXPECT_FALSE(ExportDocument(Load("nothing"), Profile::kSmall));
}

TEST_F(StoreMaintenanceTest, AnOtDocumentGoesOutAsJson) {
  Append("ot", OtRecords(1, 2));
  const auto content = ReadContent(Load("ot"));
  ASSERT_TRUE(content);
  const auto file = ExportDocument(Load("ot"), Profile::kSmall);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(*file, "{\"engine\":\"ot\",\"id\":\"" + content->identity.id.ToHex() +
                       "\",\"revision\":2,\"text\":\"" + content->ot->Text() + "\"}\n");
  EXPECT_NE(content->ot->Text(), "");
}

TEST_F(StoreMaintenanceTest, ATrimmedDocumentComesInWithItsHorizon) {
  RgaDocument document(ReplicaId{.value = 7});
  document.SetId({.bytes = {1}});
  ASSERT_TRUE(document.Insert(CodePointOffset(0), "text"));
  ASSERT_TRUE(document.Trim(document.version_vector()));
  ASSERT_TRUE(document.Insert(CodePointOffset(4), "!"));
  const auto records = ImportDocument(document.Save({}).value());
  ASSERT_TRUE(records) << records.error().message;
  Append("a", *records);
  EXPECT_TRUE(Check().is_clean());
  const auto content = ReadContent(Load("a"));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rga->Text(), "text!");
  EXPECT_EQ(content->rga->horizon(), document.horizon());
  EXPECT_EQ(content->rga->version(), document.version());
}

}  // namespace
}  // namespace cotext
