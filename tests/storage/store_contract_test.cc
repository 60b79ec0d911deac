// What sync/store.h promises, by every Store that there is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "simulation/virtual_store.h"
#include "storage/sqlite_store.h"
#include "sync/memory_store.h"
#include "sync/store.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/waiting_store.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;
using sync::RecordsOf;
using sync::Store;
using sync::StoreAnswer;

struct Memory {
  explicit Memory(const std::string& /*folder*/) {}
  std::vector<StoreAnswer> Take(size_t /*count*/) { return store.TakeAnswers(); }
  sync::MemoryStore store;
};

struct Virtual {
  explicit Virtual(const std::string& /*folder*/) {}
  std::vector<StoreAnswer> Take(size_t /*count*/) { return store.TakeAnswers(); }
  VirtualStore store;
};

struct Sqlite {
  explicit Sqlite(const std::string& folder) : waiting(folder), store(waiting.store()) {}
  std::vector<StoreAnswer> Take(size_t count) { return waiting.Take(count); }
  WaitingStore waiting;
  SqliteStore& store;
};

template <typename Maker>
class StoreContractTest : public TemporaryFolderTest {
 protected:
  StoreContractTest() : made_(Path("store")) {}

  Store& store() { return made_.store; }
  // Takes this many answers, by their tickets.
  std::vector<StoreAnswer> Take(size_t count) {
    std::vector<StoreAnswer> answers = made_.Take(count);
    EXPECT_EQ(answers.size(), count);
    std::ranges::sort(answers, {}, &StoreAnswer::ticket);
    return answers;
  }

 private:
  Maker made_;
};

using Makers = testing::Types<Memory, Virtual, Sqlite>;
TYPED_TEST_SUITE(StoreContractTest, Makers);

TYPED_TEST(StoreContractTest, EachCallIsAnsweredWithItsPosition) {
  Store& store = this->store();
  store.Load("a", 1);
  store.Append("a", 2, RecordsOf({"x", "y"}));
  store.Append("b", 3, RecordsOf({"z"}));
  store.Compact("a", 4, 1, RecordsOf({"X"}));
  store.Load("a", 5);
  const auto answers = this->Take(5);
  ASSERT_EQ(answers.size(), 5U);
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].ticket, i + 1);
    EXPECT_TRUE(answers[i].position);
  }
  EXPECT_EQ(answers[0].log.position(), 0U);
  EXPECT_EQ(*answers[1].position, 2U);
  EXPECT_EQ(*answers[2].position, 1U);
  EXPECT_EQ(*answers[3].position, 1U);
  EXPECT_EQ(answers[4].log.snapshot, RecordsOf({"X"}));
  EXPECT_EQ(answers[4].log.snapshot_position, 1U);
  EXPECT_EQ(answers[4].log.tail, RecordsOf({"y"}));
  EXPECT_EQ(*answers[4].position, 2U);
  EXPECT_TRUE(store.TakeAnswers().empty());
}

TYPED_TEST(StoreContractTest, BytesAndKindsComeBackAsTheyWere) {
  Store& store = this->store();
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  const std::vector<Record> records = {
      {.kind = RecordKind::kIdentity, .bytes = all},
      {.kind = RecordKind::kOtState, .bytes = ""},
      {.kind = RecordKind::kWriter, .bytes = std::string(70'000, 'w')}};
  const std::string name("a/\0/../\xc3\xa4'\"%?#", 14);
  store.Append(name, 1, records);
  store.Load(name, 2);
  store.Compact(name, 3, 2, records);
  store.Load(name, 4);
  store.Load("a/", 5);
  const auto answers = this->Take(5);
  ASSERT_EQ(answers.size(), 5U);
  EXPECT_EQ(answers[1].log.tail, records);
  EXPECT_EQ(answers[3].log.snapshot, records);
  EXPECT_EQ(answers[3].log.tail, std::vector<Record>({records[2]}));
  EXPECT_EQ(answers[4].log.position(), 0U);
}

TYPED_TEST(StoreContractTest, ASnapshotOfWhatOneStandsForAlreadyChangesNothing) {
  Store& store = this->store();
  store.Append("a", 1, RecordsOf({"x", "y", "z"}));
  store.Compact("a", 2, 2, RecordsOf({"XY"}));
  store.Compact("a", 3, 1, RecordsOf({"X"}));
  store.Compact("a", 4, 2, RecordsOf({"another"}));
  store.Load("a", 5);
  store.Compact("a", 6, 3, RecordsOf({"XYZ"}));
  store.Load("a", 7);
  store.Append("a", 8, RecordsOf({"w"}));
  const auto answers = this->Take(8);
  ASSERT_EQ(answers.size(), 8U);
  EXPECT_EQ(*answers[2].position, 2U);
  EXPECT_EQ(*answers[3].position, 2U);
  EXPECT_EQ(answers[4].log.snapshot, RecordsOf({"XY"}));
  EXPECT_EQ(answers[6].log.snapshot, RecordsOf({"XYZ"}));
  EXPECT_TRUE(answers[6].log.tail.empty());
  EXPECT_EQ(*answers[7].position, 4U) << "positions go on behind a snapshot of everything";
}

TYPED_TEST(StoreContractTest, AppendingNothingMakesNoDocument) {
  Store& store = this->store();
  store.Append("a", 1, {});
  store.Append("b", 2, RecordsOf({"x"}));
  store.Append("b", 3, {});
  const auto answers = this->Take(3);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(*answers[0].position, 0U);
  EXPECT_EQ(*answers[2].position, 1U);
}

TYPED_TEST(StoreContractTest, ALoadSeesWhatWasAskedBeforeItAndNothingElse) {
  Store& store = this->store();
  store.Append("a", 1, RecordsOf({"x"}));
  store.Load("a", 2);
  store.Append("a", 3, RecordsOf({"y"}));
  store.Load("a", 4);
  store.Load("a", 5);
  const auto answers = this->Take(5);
  ASSERT_EQ(answers.size(), 5U);
  EXPECT_EQ(*answers[1].position, 1U);
  EXPECT_EQ(*answers[3].position, 2U);
  EXPECT_EQ(*answers[4].position, 2U);
}

// Named apart, as the core's classes have no type information.
struct FaultyMemory {
  using Type = sync::MemoryStore;
};
struct FaultyVirtual {
  using Type = VirtualStore;
};

template <typename Named>
class FaultyStoreContractTest : public testing::Test {};
using FaultyStores = testing::Types<FaultyMemory, FaultyVirtual>;
TYPED_TEST_SUITE(FaultyStoreContractTest, FaultyStores);

TYPED_TEST(FaultyStoreContractTest, BehindAWriteThatFailedEverythingFailsUntilTheErrorIsTaken) {
  // With a delay all is asked before anything is done.
  typename TypeParam::Type store(
      1, {.delay_min_ms = 1, .delay_max_ms = 1, .write_failures_ppm = 4'000'000});
  store.Append("a", 1, RecordsOf({"x"}));
  store.Append("a", 2, RecordsOf({"y"}));
  store.Load("a", 3);
  store.SetTime(1);
  store.SetFaults({});
  store.Append("a", 4, RecordsOf({"z"}));
  store.Append("b", 5, RecordsOf({"z"}));
  store.SetTime(10);
  const auto answers = store.TakeAnswers();
  ASSERT_EQ(answers.size(), 5U);
  uint64_t last_of_a = 0;
  for (const StoreAnswer& answer : answers) {
    EXPECT_EQ(answer.position.has_value(), answer.ticket == 5) << answer.ticket;
    if (answer.ticket == 5) continue;
    EXPECT_LT(last_of_a, answer.ticket) << "out of order";
    last_of_a = answer.ticket;
  }
  store.Load("a", 6);
  const auto later = store.TakeAnswers();
  ASSERT_EQ(later.size(), 1U);
  ASSERT_TRUE(later[0].position) << later[0].position.error().message;
  EXPECT_LE(*later[0].position, 1U);
}

}  // namespace
}  // namespace cotext
