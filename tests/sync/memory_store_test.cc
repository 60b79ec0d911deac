#include "sync/memory_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"

namespace cotext::sync {
namespace {

std::vector<Record> Records(const std::vector<std::string>& bytes) {
  std::vector<Record> records;
  for (const std::string& each : bytes) {
    records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = each});
  }
  return records;
}

TEST(MemoryStoreTest, LeftAloneItAnswersAtOnceAndInOrder) {
  MemoryStore store;
  store.Load("a", 1);
  store.Append("a", 2, Records({"x", "y"}));
  store.Append("b", 3, Records({"z"}));
  store.Compact("a", 4, 1, Records({"X"}));
  store.Load("a", 5);
  const auto answers = store.TakeAnswers();
  ASSERT_EQ(answers.size(), 5U);
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].ticket, i + 1);
    EXPECT_TRUE(answers[i].position);
  }
  EXPECT_EQ(answers[0].log.position(), 0U);
  EXPECT_EQ(*answers[1].position, 2U);
  EXPECT_EQ(*answers[2].position, 1U);
  EXPECT_EQ(*answers[3].position, 1U);
  EXPECT_EQ(answers[4].log.snapshot, Records({"X"}));
  EXPECT_EQ(answers[4].log.tail, Records({"y"}));
  EXPECT_EQ(answers[4].log.position(), 2U);
  EXPECT_TRUE(store.TakeAnswers().empty());
}

TEST(MemoryStoreTest, AnswersComeWhenTheirTimeHas) {
  MemoryStore store(1, {.delay_min_ms = 5, .delay_max_ms = 5});
  store.SetTime(100);
  store.Append("a", 1, Records({"x"}));
  EXPECT_EQ(store.NextTimeMs(), 105U);
  store.SetTime(104);
  EXPECT_TRUE(store.TakeAnswers().empty());
  EXPECT_EQ(store.Synced("a").position(), 0U);
  store.SetTime(105);
  EXPECT_EQ(store.TakeAnswers().size(), 1U);
  EXPECT_EQ(store.Synced("a").position(), 1U);
  EXPECT_FALSE(store.NextTimeMs());
}

TEST(MemoryStoreTest, BehindAWriteThatFailedEverythingFailsUntilTheErrorIsTaken) {
  MemoryStore store(1, {.write_failures_ppm = 1'000'000});
  store.Append("a", 1, Records({"x"}));
  store.SetFaults({});
  store.Append("a", 2, Records({"y"}));
  store.Load("a", 3);
  store.Append("b", 4, Records({"z"}));
  const auto answers = store.TakeAnswers();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].position.error().code, ErrorCode::kStorageFailed);
  EXPECT_EQ(answers[1].position.error().code, ErrorCode::kStorageFailed);
  EXPECT_EQ(answers[2].position.error().code, ErrorCode::kStorageFailed);
  EXPECT_TRUE(answers[3].position);
  store.Load("a", 5);
  const auto later = store.TakeAnswers();
  ASSERT_EQ(later.size(), 1U);
  ASSERT_TRUE(later[0].position);
  EXPECT_LE(*later[0].position, 1U);
}

TEST(MemoryStoreTest, ACrashForgetsWhatWasAsked) {
  MemoryStore store;
  store.Append("a", 1, Records({"x"}));
  store.Crash();
  EXPECT_EQ(store.outstanding(), 0U);
  EXPECT_TRUE(store.TakeAnswers().empty());
}

// What happened in all schedules, so that none of it goes untested.
struct Seen {
  uint64_t kept_unanswered = 0;
  uint64_t lost_unanswered = 0;
  uint64_t kept_failed = 0;
  uint64_t lost_failed = 0;
  uint64_t failed_loads = 0;
  uint64_t compacted = 0;
};

// A document as its only user may know it. A record is a number; a snapshot spells out those that
// it stands for.
class Model {
 public:
  Model(MemoryStore& store, std::string name, Seen& seen)
      : store_(store), name_(std::move(name)), seen_(seen) {}

  // Asks something that may be asked now.
  void Act(Random& random) {
    if (must_load_) {
      if (calls_.empty() || random.Chance(20)) AskLoad();
    } else if (random.Chance(60)) {
      AskAppend(random);
    } else if (random.Chance(30)) {
      AskLoad();
    } else {
      AskCompact(random);
    }
  }

  // Takes an answer if it is to a call of this document.
  bool Take(const StoreAnswer& answer) {
    if (answer.ticket % 2 != parity()) return false;
    EXPECT_FALSE(calls_.empty());
    if (calls_.empty()) return true;
    const Call call = calls_.front();
    calls_.erase(calls_.begin());
    EXPECT_EQ(answer.ticket, call.ticket) << "out of order";
    if (!answer.position) {
      TakeError(call);
    } else if (call.kind == Kind::kLoad) {
      TakeLog(answer);
    } else if (call.kind == Kind::kAppend) {
      TakeAppend(call, *answer.position);
    } else {
      EXPECT_GE(*answer.position, call.up_to);
      ++seen_.compacted;
    }
    return true;
  }

  void Crash() {
    calls_.clear();
    must_load_ = true;
  }

  void ExpectSynced() {
    const std::vector<uint64_t> synced = Spell(store_.Synced(name_));
    ASSERT_GE(synced.size(), certain_.size());
    EXPECT_TRUE(std::equal(certain_.begin(), certain_.end(), synced.begin()));
  }

 private:
  enum class Kind : uint8_t { kLoad, kAppend, kCompact };
  struct Call {
    Kind kind{};
    Ticket ticket = 0;
    uint64_t up_to = 0;  // Of kCompact.
  };
  struct Group {
    Ticket ticket = 0;
    std::vector<uint64_t> records = {};
    bool failed = false;
  };

  uint64_t parity() const { return name_ == "a" ? 0 : 1; }
  Ticket NextTicket() { return 2 * ++tickets_ + parity(); }

  void AskLoad() {
    calls_.push_back(Call{.kind = Kind::kLoad, .ticket = NextTicket()});
    store_.Load(name_, calls_.back().ticket);
  }

  void AskAppend(Random& random) {
    Group group{.ticket = NextTicket()};
    std::vector<std::string> bytes;
    for (uint64_t count = random.Between(1, 3); count > 0; --count) {
      group.records.push_back(++records_);
      bytes.push_back(std::to_string(records_) + ",");
    }
    calls_.push_back(Call{.kind = Kind::kAppend, .ticket = group.ticket});
    store_.Append(name_, group.ticket, Records(bytes));
    open_.push_back(std::move(group));
  }

  void AskCompact(Random& random) {
    if (certain_.empty()) return;
    const uint64_t up_to = random.Between(1, certain_.size());
    std::string snapshot;
    for (uint64_t i = 0; i < up_to; ++i) snapshot += std::to_string(certain_[i]) + ",";
    calls_.push_back(Call{.kind = Kind::kCompact, .ticket = NextTicket(), .up_to = up_to});
    store_.Compact(name_, calls_.back().ticket, up_to, Records({snapshot}));
  }

  void TakeError(const Call& call) {
    if (call.kind == Kind::kLoad) {
      ++seen_.failed_loads;
      return;
    }
    must_load_ = true;
    for (Group& group : open_) group.failed |= group.ticket == call.ticket;
  }

  void TakeAppend(const Call& call, uint64_t position) {
    // All before it were answered.
    ASSERT_FALSE(open_.empty());
    ASSERT_EQ(open_.front().ticket, call.ticket);
    const std::vector<uint64_t>& records = open_.front().records;
    certain_.insert(certain_.end(), records.begin(), records.end());
    EXPECT_EQ(position, certain_.size());
    open_.erase(open_.begin());
  }

  // What is certain is there, and of what was asked before the load and is not, a beginning.
  void TakeLog(const StoreAnswer& answer) {
    const std::vector<uint64_t> found = Spell(answer.log);
    EXPECT_EQ(*answer.position, found.size());
    ASSERT_GE(found.size(), certain_.size());
    ASSERT_TRUE(std::equal(certain_.begin(), certain_.end(), found.begin())) << "lost";
    size_t at = certain_.size();
    while (!open_.empty() && open_.front().ticket < answer.ticket) {
      const Group group = open_.front();
      open_.erase(open_.begin());
      if (at < found.size()) {
        ASSERT_LE(at + group.records.size(), found.size()) << "torn";
        ASSERT_TRUE(std::equal(group.records.begin(), group.records.end(), found.data() + at));
        at += group.records.size();
        ++(group.failed ? seen_.kept_failed : seen_.kept_unanswered);
      } else {
        ++(group.failed ? seen_.lost_failed : seen_.lost_unanswered);
      }
    }
    EXPECT_EQ(at, found.size()) << "something nobody asked for";
    certain_ = found;
    // Loads that were asked before the error fail, so this one came behind it.
    must_load_ = false;
  }

  static std::vector<uint64_t> Spell(const StoredLog& log) {
    std::vector<uint64_t> numbers;
    const auto read = [&](const std::vector<Record>& records) {
      for (const Record& record : records) {
        for (size_t at = 0; at < record.bytes.size();) {
          const size_t comma = record.bytes.find(',', at);
          numbers.push_back(std::stoull(record.bytes.substr(at, comma - at)));
          at = comma + 1;
        }
      }
    };
    read(log.snapshot);
    EXPECT_EQ(numbers.size(), log.snapshot_position);
    read(log.tail);
    return numbers;
  }

  MemoryStore& store_;
  std::string name_;
  Seen& seen_;
  std::vector<uint64_t> certain_;
  std::vector<Group> open_;
  std::vector<Call> calls_;
  bool must_load_ = false;
  uint64_t tickets_ = 0;
  uint64_t records_ = 0;
};

MemoryStoreFaults RandomFaults(Random& random) {
  MemoryStoreFaults faults;
  faults.delay_min_ms = random.Below(4);
  faults.delay_max_ms = faults.delay_min_ms + random.Below(20);
  if (random.Chance(50)) faults.write_failures_ppm = random.Below(400'000);
  if (random.Chance(50)) faults.load_failures_ppm = random.Below(400'000);
  return faults;
}

void RunSchedule(Random& random, Seen& seen) {
  MemoryStore store(random.Next(), RandomFaults(random));
  Model models[] = {{store, "a", seen}, {store, "b", seen}};
  uint64_t now_ms = 0;
  for (int step = 0; step < 80; ++step) {
    models[random.Below(2)].Act(random);
    if (random.Chance(5)) store.SetFaults(RandomFaults(random));
    if (random.Chance(50)) store.SetTime(now_ms += random.Below(6));
    if (random.Chance(60)) {
      for (const StoreAnswer& answer : store.TakeAnswers()) {
        EXPECT_NE(models[0].Take(answer), models[1].Take(answer));
      }
    }
    for (Model& model : models) model.ExpectSynced();
    if (random.Chance(4)) {
      store.Crash();
      for (Model& model : models) model.Crash();
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(MemoryStoreTest, AnAnsweredAppendSurvivesAndAnUnansweredOneIsThereWholeOrNotAtAll) {
  Seen seen;
  ForEachSeed(5000, [&](Random& random) { RunSchedule(random, seen); });
  EXPECT_GT(seen.kept_unanswered, 100U);
  EXPECT_GT(seen.lost_unanswered, 100U);
  EXPECT_GT(seen.kept_failed, 100U);
  EXPECT_GT(seen.lost_failed, 100U);
  EXPECT_GT(seen.failed_loads, 100U);
  EXPECT_GT(seen.compacted, 100U);
}

}  // namespace
}  // namespace cotext::sync
