#include "storage/store_schema.h"

#include <gtest/gtest.h>

#include <string>

#include "document/error.h"
#include "storage/sqlite_database.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

class StoreSchemaTest : public TemporaryFolderTest {
 protected:
  std::string path() const { return Path("store.db"); }
};

TEST_F(StoreSchemaTest, ANewDatabaseSaysWhatItIs) {
  auto database = OpenStoreDatabase(path(), {});
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(database->Number("PRAGMA application_id"), kStoreApplicationId);
  EXPECT_EQ(database->Number("PRAGMA user_version"), StoreMigrations().size());
  // Without these, what is acknowledged is not safe.
  EXPECT_EQ(database->Number("PRAGMA synchronous"), 2U);
  auto mode = database->Prepare("PRAGMA journal_mode");
  ASSERT_TRUE(mode && mode->Step());
  EXPECT_EQ(mode->Bytes(0), "wal");
}

// SQLite does not say so by an error.
TEST_F(StoreSchemaTest, WhereThereCanBeNoWriteAheadLogNothingIsWritten) {
  // This way to the disk shares no memory, as some file systems.
  const auto database = OpenStoreDatabase(path(), {.vfs = "unix-dotfile"});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(database.error().message.contains("write-ahead log")) << database.error().message;
  EXPECT_TRUE(database.error().message.contains(path()));
  // Whoever is alone needs none of that memory.
  EXPECT_TRUE(OpenStoreDatabase(Path("own.db"), {.is_exclusive = true, .vfs = "unix-dotfile"}));
}

TEST_F(StoreSchemaTest, AnEarlierVersionIsBroughtToThisOneAndKeepsWhatItHas) {
  constexpr const char* kFirst[] = {"CREATE TABLE things(name)"};
  constexpr const char* kBoth[] = {kFirst[0], "ALTER TABLE things ADD COLUMN size DEFAULT 7"};
  {
    auto database = OpenStoreDatabase(path(), {}, kFirst);
    ASSERT_TRUE(database && database->Execute("INSERT INTO things VALUES('x')"));
  }
  const auto reader = OpenStoreDatabase(path(), {.access = SqliteAccess::kRead}, kBoth);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kUnsupported);
  auto database = OpenStoreDatabase(path(), {}, kBoth);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(database->Number("SELECT size FROM things WHERE name='x'"), 7U);
  EXPECT_EQ(database->Number("PRAGMA user_version"), 2U);
  EXPECT_TRUE(OpenStoreDatabase(path(), {.access = SqliteAccess::kRead}, kBoth));
}

TEST_F(StoreSchemaTest, AMigrationThatFailsChangesNothing) {
  constexpr const char* kFirst[] = {"CREATE TABLE things(name)"};
  constexpr const char* kBroken[] = {kFirst[0],
                                     "CREATE TABLE more(name); CREATE TABLE things(name)"};
  ASSERT_TRUE(OpenStoreDatabase(path(), {}, kFirst));
  EXPECT_FALSE(OpenStoreDatabase(path(), {}, kBroken));
  auto database = OpenStoreDatabase(path(), {}, kFirst);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(database->Number("SELECT count(*) FROM sqlite_schema"), 1U);
}

TEST_F(StoreSchemaTest, ALaterVersionIsRefusedAndLeftAsItIs) {
  {
    auto database = OpenStoreDatabase(path(), {});
    ASSERT_TRUE(database && database->Execute("PRAGMA user_version=99"));
  }
  for (const SqliteAccess access : {SqliteAccess::kWrite, SqliteAccess::kRead}) {
    const auto database = OpenStoreDatabase(path(), {.access = access});
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(database.error().message.find("99"), std::string::npos);
  }
}

TEST_F(StoreSchemaTest, AnotherProgramsDatabaseIsNoStore) {
  {
    auto database = SqliteDatabase::Open(path());
    ASSERT_TRUE(database && database->Execute("CREATE TABLE bookmarks(url)"));
  }
  const auto database = OpenStoreDatabase(path(), {});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kMalformedFile);
}

}  // namespace
}  // namespace cotext
