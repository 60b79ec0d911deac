// Databases of which a column has what no program wrote: a bit that has turned over is enough. A
// store says which document is damaged, and nothing ends the program.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "storage/check_store.h"
#include "storage/document_list.h"
#include "storage/store_call.h"
#include "storage/store_engine.h"
#include "sync/store.h"
#include "tests/support/sample_logs.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

using sync::RecordsOf;
using sync::StoreAnswer;

struct Column {
  std::string table;
  std::string name;
};

class DamagedColumnsTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    Open();
    std::vector<sync::Record> records = RgaRecords(1, {"some", "text", "more"});
    const sync::Record last = std::move(records.back());
    records.pop_back();
    Append("a", std::move(records));
    Append("b", OtRecords(2, 3));
    const StoreAnswer loaded = Load("a");
    const StoreCall compact{.kind = StoreCall::Kind::kCompact,
                            .document = "a",
                            .records = loaded.log.tail,
                            .up_to = *loaded.position};
    ASSERT_TRUE(Write(compact));
    Append("a", {last});
    EXPECT_FALSE(CheckNames("a"));
    ASSERT_TRUE(engine_->Checkpoint());
    engine_.reset();
    std::filesystem::copy_file(Path("store.db"), Path("sound.db"));
  }

  void Open() {
    auto engine = StoreEngine::Open({.path = Path("store.db")});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = *std::move(engine);
  }
  // Puts the sound database in place, and runs statements that a program would not.
  void Damage(const std::string& sql) {
    engine_.reset();
    for (const char* const end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(Path("store.db") + end);
    }
    std::filesystem::copy_file(Path("sound.db"), Path("store.db"));
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(Path("store.db").c_str(), &database), SQLITE_OK);
    // What a column may have is looked after by the schema, which a bit does not ask.
    constexpr char kLax[] =
        "PRAGMA writable_schema=ON;"
        "UPDATE sqlite_schema SET sql=replace(replace(replace("
        "sql, 'STRICT, WITHOUT', 'WITHOUT'), 'STRICT', ''), 'NOT NULL', '')";
    ASSERT_EQ(sqlite3_exec(database, kLax, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
    ASSERT_EQ(sqlite3_open(Path("store.db").c_str(), &database), SQLITE_OK);
    // Some values no column has room for, such as none in a key.
    static_cast<void>(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr));
    changes_ += static_cast<uint64_t>(sqlite3_total_changes(database));
    sqlite3_close(database);
    Open();
  }

  Expected<uint64_t> Write(const StoreCall& call) {
    return engine_->Write({&call, 1}).at(0).position;
  }
  void Append(const std::string& document, std::vector<sync::Record> records) {
    const StoreCall call{
        .kind = StoreCall::Kind::kAppend, .document = document, .records = std::move(records)};
    ASSERT_TRUE(Write(call));
  }
  StoreAnswer Load(const std::string& document) {
    return engine_->Load({.kind = StoreCall::Kind::kLoad, .document = document});
  }
  bool CheckNames(const std::string& document) {
    const auto check = CheckStore(engine_->database());
    return check && std::ranges::any_of(check->problems, [&](const DocumentProblem& problem) {
             return problem.document == document;
           });
  }
  // All that servers and commands do to a document.
  void DoEverything(const std::string& document) {
    const StoreAnswer loaded = Load(document);
    if (!loaded.position) {
      EXPECT_EQ(loaded.position.error().code, ErrorCode::kMalformedFile)
          << loaded.position.error().message;
    }
    static_cast<void>(CheckStore(engine_->database()));
    static_cast<void>(ListDocuments(engine_->database(), "", 10));
    const StoreCall append{
        .kind = StoreCall::Kind::kAppend, .document = document, .records = RecordsOf({"x", "y"})};
    const Expected<uint64_t> appended = Write(append);
    for (const uint64_t up_to : {uint64_t{1}, loaded.position.value_or(1), appended.value_or(1)}) {
      const StoreCall compact{.kind = StoreCall::Kind::kCompact,
                              .document = document,
                              .records = RecordsOf({"z"}),
                              .up_to = up_to};
      static_cast<void>(Write(compact));
    }
    static_cast<void>(engine_->Replace(document, RecordsOf({"r"})));
    static_cast<void>(Load(document));
    static_cast<void>(engine_->Remove(document));
  }

  std::unique_ptr<StoreEngine> engine_;
  uint64_t changes_ = 0;  // Rows that were damaged.
};

TEST_F(DamagedColumnsTest, NoValueOfAnyColumnEndsTheProgram) {
  const std::vector<Column> columns = {
      {"documents", "id"},         {"documents", "name"},   {"documents", "snapshot_position"},
      {"documents", "created_ms"}, {"records", "position"}, {"documents", "snapshot_at_ms"},
      {"snapshots", "document"},   {"snapshots", "number"}, {"snapshots", "kind"},
      {"snapshots", "bytes"},      {"records", "document"}, {"records", "at_ms"},
      {"records", "kind"},         {"records", "bytes"},
  };
  for (const auto& [table, column] : columns) {
    for (const char* const value :
         {"-1", "0", "259", "4611686018427387905", "9223372036854775807", "'text'", "NULL"}) {
      SCOPED_TRACE(table + "." + column + "=" + value);
      Damage("UPDATE OR REPLACE " + table + " SET " + column + "=" + value);
      for (const char* const document : {"a", "b"}) DoEverything(document);
    }
  }
  EXPECT_GT(changes_, 100U);
}

TEST_F(DamagedColumnsTest, APositionThatIsNoneIsFoundOnLoadingAndByCheck) {
  for (const char* const damage :
       {"UPDATE documents SET snapshot_position=-1 WHERE name=x'61'",
        "UPDATE documents SET snapshot_position=9223372036854775807 WHERE name=x'61'",
        "UPDATE documents SET snapshot_position=NULL WHERE name=x'61'",
        "UPDATE records SET position=-5 WHERE document=1",
        "UPDATE snapshots SET kind=259 WHERE document=1 AND number=2",
        "UPDATE records SET kind=-253 WHERE document=1"}) {
    SCOPED_TRACE(damage);
    Damage(damage);
    const StoreAnswer loaded = Load("a");
    ASSERT_FALSE(loaded.position);
    EXPECT_EQ(loaded.position.error().code, ErrorCode::kMalformedFile);
    EXPECT_TRUE(Load("b").position) << "which is sound";
    EXPECT_TRUE(CheckNames("a"));
    EXPECT_FALSE(CheckNames("b"));
  }
}

}  // namespace
}  // namespace cotext
