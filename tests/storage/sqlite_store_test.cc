#include "storage/sqlite_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "sync/store.h"
#include "tests/support/random_text.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/waiting_store.h"

namespace cotext {
namespace {

using sync::RecordsOf;
using sync::StoreAnswer;
using sync::StoredLog;

class SqliteStoreTest : public TemporaryFolderTest {
 protected:
  std::string folder() const { return Path("store"); }
};

// Runs a child process, which ends by its return or by a signal.
pid_t Fork(const std::function<int()>& run) {
  const pid_t child = fork();
  if (child == 0) _exit(run());
  return child;
}

int WaitFor(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(SqliteStoreTest, WhatWasWrittenIsThereWhenItIsOpenedAgain) {
  {
    WaitingStore store(folder());
    EXPECT_EQ(store.Append("a", RecordsOf({"x", "y"})).position, 2U);
    EXPECT_EQ(store.Compact("a", 1, RecordsOf({"X"})).position, 1U);
  }
  WaitingStore store(folder());
  const StoreAnswer answer = store.Load("a");
  EXPECT_EQ(answer.log.snapshot, RecordsOf({"X"}));
  EXPECT_EQ(answer.log.tail, RecordsOf({"y"}));
}

TEST_F(SqliteStoreTest, WhatWaitsSharesATransaction) {
  WaitingStore store(folder());
  constexpr size_t kCalls = 2'000;
  for (size_t i = 0; i < kCalls; ++i) {
    store.store().Append(std::to_string(i % 100), i, RecordsOf({"x"}));
  }
  for (const StoreAnswer& answer : store.Take(kCalls)) EXPECT_TRUE(answer.position);
  const SqliteStoreCounters counters = store.store().counters();
  EXPECT_EQ(counters.writes, kCalls);
  EXPECT_LT(counters.transactions, kCalls / 2);
  EXPECT_EQ(counters.waiting, 0U);
  EXPECT_EQ(counters.waiting_bytes, 0U);
}

TEST_F(SqliteStoreTest, WhenItGoesWhatWasAskedIsDoneFirst) {
  constexpr size_t kCalls = 500;
  {
    auto store = SqliteStore::Open({.folder = folder()});
    ASSERT_TRUE(store) << store.error().message;
    for (size_t i = 0; i < kCalls; ++i) (*store)->Append("a", i, RecordsOf({"x"}));
  }
  WaitingStore store(folder());
  EXPECT_EQ(store.Load("a").position, kCalls);
}

TEST_F(SqliteStoreTest, WhatTheThreadIsToDoComesBeforeWhatIsAskedLater) {
  auto store = SqliteStore::Open({.folder = folder()});
  ASSERT_TRUE(store) << store.error().message;
  std::atomic<int> removed = 0;
  for (int i = 0; i < 50; ++i) {
    (*store)->Append("a", 1, RecordsOf({"x"}));
    while ((*store)->counters().waiting > 0) std::this_thread::yield();
    (*store)->TakeAnswers();
    ASSERT_TRUE((*store)->Do([&](StoreEngine& engine) { removed += *engine.Remove("a") ? 1 : 0; }));
    (*store)->Load("a", 2);
    while ((*store)->counters().waiting > 0) std::this_thread::yield();
    const auto answers = (*store)->TakeAnswers();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].position, 0U);
  }
  EXPECT_EQ(removed, 50);
}

TEST_F(SqliteStoreTest, ManyWhoLookDoNotHoldUpWrites) {
  constexpr int kLooks = 100;
  auto store = SqliteStore::Open({.folder = folder()});
  ASSERT_TRUE(store) << store.error().message;
  std::atomic<bool> may_go = false;
  std::atomic<int> looked_before_writes = 0;
  const auto look = [&](StoreEngine&) {
    while (!may_go) std::this_thread::yield();
    if ((*store)->counters().writes < 2) ++looked_before_writes;
  };
  for (int i = 0; i < kLooks; ++i) ASSERT_TRUE((*store)->Look(look));
  (*store)->Append("a", 1, RecordsOf({"x"}));
  (*store)->Append("b", 2, RecordsOf({"x"}));
  may_go = true;
  (*store)->Stop();
  EXPECT_EQ((*store)->counters().writes, 2U);
  EXPECT_GE(looked_before_writes, 1);
  EXPECT_LE(looked_before_writes, 2);
}

TEST_F(SqliteStoreTest, SoManyTasksWaitAndNoMore) {
  auto store = SqliteStore::Open({.folder = folder()});
  ASSERT_TRUE(store) << store.error().message;
  std::atomic<bool> may_go = false;
  std::atomic<bool> has_begun = false;
  std::atomic<size_t> done = 0;
  ASSERT_TRUE((*store)->Do([&](StoreEngine&) {
    has_begun = true;
    while (!may_go) std::this_thread::yield();
  }));
  while (!has_begun) std::this_thread::yield();
  for (size_t i = 0; i < SqliteStore::kTasksMax; ++i) {
    EXPECT_TRUE((*store)->Do([&](StoreEngine&) { ++done; }));
  }
  EXPECT_FALSE((*store)->Do([&](StoreEngine&) { ++done; }));
  may_go = true;
  (*store)->Stop();
  EXPECT_EQ(done, SqliteStore::kTasksMax);
}

TEST_F(SqliteStoreTest, AfterStopTheAnswersCanBeTaken) {
  auto store = SqliteStore::Open({.folder = folder()});
  ASSERT_TRUE(store) << store.error().message;
  (*store)->Append("a", 1, RecordsOf({"x"}));
  (*store)->Stop();
  EXPECT_EQ((*store)->TakeAnswers().size(), 1U);
}

TEST_F(SqliteStoreTest, TheDriverIsToldOnceUntilItComes) {
  std::atomic<int> told = 0;
  auto store = SqliteStore::Open({.folder = folder(), .on_answers = [&] { ++told; }});
  ASSERT_TRUE(store) << store.error().message;
  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < 10; ++i) (*store)->Append("a", 1, RecordsOf({"x"}));
    size_t taken = 0;
    while ((*store)->counters().waiting > 0) std::this_thread::yield();
    EXPECT_EQ(told, round);
    taken += (*store)->TakeAnswers().size();
    EXPECT_EQ(taken, 10U);
  }
}

TEST_F(SqliteStoreTest, TooMuchThatWaitsIsRefused) {
  WaitingStore store(folder(), {.waiting_bytes_max = 1'000});
  const StoreAnswer refused = store.Append("a", RecordsOf({std::string(2'000, 'x')}));
  ASSERT_FALSE(refused.position);
  EXPECT_EQ(refused.position.error().code, ErrorCode::kStorageFailed);
  EXPECT_EQ(store.Append("a", RecordsOf({"x"})).position, 1U);
}

TEST_F(SqliteStoreTest, ASecondOneOnTheSameFolderIsRefused) {
  WaitingStore store(folder());
  const auto second = SqliteStore::Open({.folder = folder()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFileInUse);
  const int exit_code = WaitFor(Fork([this] {
    const auto other = SqliteStore::Open({.folder = folder()});
    return !other && other.error().code == ErrorCode::kFileInUse &&
                   other.error().message.find(std::to_string(getppid())) != std::string::npos
               ? 0
               : 1;
  }));
  EXPECT_EQ(exit_code, 0) << "another process, which is told whose it is";
}

TEST_F(SqliteStoreTest, AFolderThatCannotBeMadeIsAnError) {
  const auto store = SqliteStore::Open({.folder = Path("no/such/folder")});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kIo);
}

// Makes permissions bind this process, whoever it runs as.
bool GiveUpPrivileges() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

// Reads a store whose folder may not be written to.
int ReadWithoutPrivileges(const std::string& folder, const std::string& expected) {
  if (!GiveUpPrivileges()) return 10;
  auto opened = SqliteStore::Open({.folder = folder});
  if (!opened) return opened.error().code == ErrorCode::kFileInUse ? 11 : 12;
  SqliteStore& store = **opened;
  if (!store.is_read_only()) return 13;
  store.Load("a", 1);
  store.Append("a", 2, RecordsOf({"z"}));
  while (store.counters().waiting > 0) std::this_thread::yield();
  const auto answers = store.TakeAnswers();
  if (answers.size() != 2 || answers[0].log.tail != RecordsOf({expected})) return 14;
  if (answers[1].position || answers[1].position.error().code != ErrorCode::kReadOnly) return 15;
  return 0;
}

TEST_F(SqliteStoreTest, AFolderThatCanOnlyBeReadIsServedForReading) {
  namespace fs = std::filesystem;
  {
    WaitingStore store(folder());
    store.Append("a", RecordsOf({"x"}));
  }
  for (const auto& entry : fs::directory_iterator(folder())) {
    fs::permissions(entry.path(), fs::perms(0444));
  }
  fs::permissions(folder(), fs::perms(0555));
  EXPECT_EQ(WaitFor(Fork([this] { return ReadWithoutPrivileges(folder(), "x"); })), 0);
  fs::permissions(folder(), fs::perms(0755));
}

TEST_F(SqliteStoreTest, AFileThatMayNotGrowFailsWritesAndLosesNothing) {
  const int exit_code = WaitFor(Fork([this] {
    WaitingStore store(folder());
    store.Append("a", RecordsOf({"x"}));
    StoreAnswer failed;
    {
      constexpr rlim_t kBytes = 200'000;
      const FileSizeLimit limit(kBytes);
      failed = store.Append("a", RecordsOf({std::string(1'000'000, 'y')}));
    }
    if (failed.position) return 1;
    if (store.Load("a").log.tail != RecordsOf({"x"})) return 2;
    return store.Append("a", RecordsOf({"z"})).position == 2U ? 0 : 3;
  }));
  EXPECT_EQ(exit_code, 0);
}

// Writes to some documents until it is killed; says what was acknowledged, a byte each.
int WriteUntilKilled(const std::string& folder, int pipe) {
  WaitingStore store(folder);
  constexpr uint64_t kDocuments = 3;
  uint64_t counts[kDocuments] = {};
  for (uint64_t document = 0; document < kDocuments; ++document) {
    counts[document] = *store.Load(std::to_string(document)).position;
  }
  for (uint64_t i = 0;; ++i) {
    const uint64_t document = i % kDocuments;
    const std::string name = std::to_string(document);
    const auto number = std::to_string(++counts[document]);
    if (store.Append(name, RecordsOf({number})).position != counts[document]) return 1;
    const char byte = static_cast<char>('0' + document);
    if (write(pipe, &byte, 1) != 1) return 2;
    if (i % 50 == 49 && !store.Compact(name, counts[document], RecordsOf({number})).position) {
      return 3;
    }
  }
}

// Checks that the log has this many records at least, each with its number.
void ExpectNumbers(const StoredLog& log, uint64_t count) {
  EXPECT_GE(log.position(), count) << "an acknowledged record is lost";
  if (log.snapshot_position > 0) {
    EXPECT_EQ(log.snapshot, RecordsOf({std::to_string(log.snapshot_position)}));
  }
  for (size_t i = 0; i < log.tail.size(); ++i) {
    EXPECT_EQ(log.tail[i].bytes, std::to_string(log.snapshot_position + 1 + i));
  }
}

uint64_t KillRounds() {
  const char* const rounds = std::getenv("COTEXT_KILL_ROUNDS");
  return rounds == nullptr ? 5 : std::strtoull(rounds, nullptr, 10);
}

TEST_F(SqliteStoreTest, AProcessThatIsKilledLosesNothingThatWasAcknowledged) {
  Random random(SeedFromEnvironment(1));
  uint64_t counts[3] = {};
  for (uint64_t round = 0; round < KillRounds(); ++round) {
    int ends[2] = {};
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = Fork([&] { return WriteUntilKilled(folder(), ends[1]); });
    close(ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(random.Between(50, 300)));
    kill(child, SIGKILL);
    EXPECT_EQ(WaitFor(child), -SIGKILL);
    char byte = 0;
    while (read(ends[0], &byte, 1) == 1) ++counts[byte - '0'];
    close(ends[0]);
    WaitingStore store(folder());
    for (uint64_t document = 0; document < 3; ++document) {
      const StoreAnswer answer = store.Load(std::to_string(document));
      ASSERT_TRUE(answer.position) << answer.position.error().message;
      ExpectNumbers(answer.log, counts[document]);
      counts[document] = answer.log.position();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(counts[0], 0U);
}

}  // namespace
}  // namespace cotext
