// A document of a Store as its only user may know it, for random schedules of calls, faults and
// crashes: checks that what was acknowledged is there, and that the rest is there whole, in order,
// or not at all.
//
// A record is a number; a snapshot spells out those that it stands for.
#ifndef COTEXT_TESTS_SUPPORT_STORE_MODEL_H_
#define COTEXT_TESTS_SUPPORT_STORE_MODEL_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "sync/memory_store.h"
#include "sync/store.h"

namespace cotext::sync {

inline std::vector<Record> RecordsOf(const std::vector<std::string>& bytes) {
  std::vector<Record> records;
  for (const std::string& each : bytes) {
    records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = each});
  }
  return records;
}

// What happened in all schedules, so that none of it goes untested.
struct StoreModelSeen {
  uint64_t kept_unanswered = 0;
  uint64_t lost_unanswered = 0;
  uint64_t kept_failed = 0;
  uint64_t lost_failed = 0;
  uint64_t failed_loads = 0;
  uint64_t compacted = 0;
};

// A document as its only user may know it. A record is a number; a snapshot spells out those that
// it stands for.
class StoreModel {
 public:
  StoreModel(Store& store, std::string name, StoreModelSeen& seen)
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
      TakeError(call, answer.position.error());
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

  // `log` is what no crash can take from the document.
  void ExpectSynced(const StoredLog& log) {
    const std::vector<uint64_t> synced = Spell(log);
    ASSERT_GE(synced.size(), certain_.size());
    EXPECT_TRUE(std::equal(certain_.begin(), certain_.end(), synced.begin()));
  }

  const std::string& name() const { return name_; }

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
    store_.Append(name_, group.ticket, RecordsOf(bytes));
    open_.push_back(std::move(group));
  }

  void AskCompact(Random& random) {
    if (certain_.empty()) return;
    const uint64_t up_to = random.Between(1, certain_.size());
    std::string snapshot;
    for (uint64_t i = 0; i < up_to; ++i) snapshot += std::to_string(certain_[i]) + ",";
    calls_.push_back(Call{.kind = Kind::kCompact, .ticket = NextTicket(), .up_to = up_to});
    store_.Compact(name_, calls_.back().ticket, up_to, RecordsOf({snapshot}));
  }

  void TakeError(const Call& call, const Error& error) {
    if (call.kind == Kind::kCompact && IsRoomMissing(error)) return;
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

  Store& store_;
  std::string name_;
  StoreModelSeen& seen_;
  std::vector<uint64_t> certain_;
  std::vector<Group> open_;
  std::vector<Call> calls_;
  bool must_load_ = false;
  uint64_t tickets_ = 0;
  uint64_t records_ = 0;
};

inline MemoryStoreFaults RandomStoreFaults(Random& random) {
  MemoryStoreFaults faults;
  faults.delay_min_ms = random.Below(4);
  faults.delay_max_ms = faults.delay_min_ms + random.Below(20);
  if (random.Chance(50)) faults.write_failures_ppm = random.Below(400'000);
  if (random.Chance(50)) faults.load_failures_ppm = random.Below(400'000);
  return faults;
}

// Runs a store of a type that is driven as MemoryStore is. What no crash can take is looked at
// after `percent` of the steps.
template <typename AnyStore>
void RunStoreSchedule(Random& random, StoreModelSeen& seen, uint64_t percent) {
  AnyStore store(random.Next(), RandomStoreFaults(random));
  StoreModel models[] = {{store, "a", seen}, {store, "b", seen}};
  uint64_t now_ms = 0;
  for (int step = 0; step < 80; ++step) {
    models[random.Below(2)].Act(random);
    if (random.Chance(5)) store.SetFaults(RandomStoreFaults(random));
    if (random.Chance(50)) store.SetTime(now_ms += random.Below(6));
    if (random.Chance(60)) {
      for (const StoreAnswer& answer : store.TakeAnswers()) {
        EXPECT_NE(models[0].Take(answer), models[1].Take(answer));
      }
    }
    for (StoreModel& model : models) {
      if (random.Chance(percent)) model.ExpectSynced(store.Synced(model.name()));
    }
    if (random.Chance(4)) {
      store.Crash();
      for (StoreModel& model : models) model.Crash();
    }
    if (testing::Test::HasFailure()) return;
  }
}

// Nothing that can happen goes untested. A failed write that is there after a crash is rare where
// it takes a sync that fails and a crash before anything else is written.
inline void ExpectAllSeen(const StoreModelSeen& seen, uint64_t times, uint64_t kept_failed_min) {
  EXPECT_GT(seen.kept_unanswered, times);
  EXPECT_GT(seen.lost_unanswered, times);
  EXPECT_GE(seen.kept_failed, kept_failed_min);
  EXPECT_GT(seen.lost_failed, times);
  EXPECT_GT(seen.failed_loads, times);
  EXPECT_GT(seen.compacted, times);
}

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SUPPORT_STORE_MODEL_H_
