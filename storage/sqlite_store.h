// The Store of a server: SQLite in a folder (store_folder.h), written by a thread of its own.
//
// All calls that wait when a transaction begins are in it, so many documents, and many edits, share
// the wait for the disk; answers come when it is committed and synced. on_answers then tells the
// driver that TakeAnswers has something.
//
//     driver: Append --> queue --> writer: one transaction, COMMIT --> answers --> on_answers
//
// When it goes, what was asked is done first. A folder that can only be read is served for reading.
// Errors of Open: kFileInUse, another process has the folder; those of store_schema.h. Of calls:
// those of store_engine.h, and kStorageFailed behind a write that failed, or if too much waits.
//
// Load, Append, Compact, TakeAnswers and Do are for one thread at a time.
#ifndef COTEXT_STORAGE_SQLITE_STORE_H_
#define COTEXT_STORAGE_SQLITE_STORE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "document/error.h"
#include "storage/store_engine.h"
#include "storage/store_folder.h"
#include "storage/store_queue.h"
#include "sync/store.h"

namespace cotext {

struct SqliteStoreOptions {
  std::string folder = {};
  // There are answers to take. Called from any thread, also inside Load, Append and Compact; is to
  // return at once.
  std::function<void()> on_answers = {};
  // A write failed, or with nothing: they go through again. Once a change. Called by its own
  // thread, with what it holds locked.
  std::function<void(const std::optional<Error>& error)> on_writes_fail = {};
  StoreQueueLimits limits = {};
};

struct SqliteStoreCounters {
  uint64_t transactions = 0;
  uint64_t writes = 0;  // In them.
  uint64_t failed_writes = 0;
  uint64_t loads = 0;
  uint64_t failed_loads = 0;
  uint64_t log_pages = 0;  // Of the write-ahead log.
  size_t waiting = 0;      // Calls, and their bytes.
  size_t waiting_bytes = 0;
  std::optional<Error> last_error = std::nullopt;  // Of a write, a load or a checkpoint.
};

class SqliteStore final : public sync::Store {
 public:
  static constexpr size_t kTasksMax = 256;

  static Expected<std::unique_ptr<SqliteStore>> Open(const SqliteStoreOptions& options);
  ~SqliteStore() override;

  void Load(std::string_view document, sync::Ticket ticket) override;
  void Append(std::string_view document, sync::Ticket ticket,
              std::vector<sync::Record> records) override;
  void Compact(std::string_view document, sync::Ticket ticket, uint64_t up_to,
               std::vector<sync::Record> snapshot) override;
  std::vector<sync::StoreAnswer> TakeAnswers() override;

  // For who wants what a Store does not offer, seldom. Each has the thread do something with the
  // engine, and returns whether it will: no more than kTasksMax wait.
  //
  // What changes something is done before all that is asked later.
  bool Do(std::function<void(StoreEngine&)> task);
  // What only reads takes turns with what is asked of the Store, so that many do not hold up edits.
  bool Look(std::function<void(StoreEngine&)> task);

  // Waits until all writes that were asked are done, and ends the thread. Answers can be taken
  // after that. REQUIRES: nothing is asked afterwards.
  void Stop();

  bool is_read_only() const { return is_read_only_; }
  SqliteStoreCounters counters() const;

 private:
  SqliteStore(StoreFolder folder, std::unique_ptr<StoreEngine> engine,
              const SqliteStoreOptions& options);

  void Ask(StoreCall call);
  void Run();
  using Tasks = std::deque<std::function<void(StoreEngine&)>>;

  bool Add(Tasks& tasks, std::function<void(StoreEngine&)> task);
  void RunFirst(Tasks& tasks, std::unique_lock<std::mutex>& lock);
  void RunTurn(std::unique_lock<std::mutex>& lock);
  void RunLoads(std::unique_lock<std::mutex>& lock, const StoreQueue::Turn& turn);
  void Rest(std::unique_lock<std::mutex>& lock);
  void Note(const Expected<void>& checkpoint);
  void NoteError(const Error& error) { counters_.last_error = error; }
  void NoteWrites(const std::optional<Error>& error);
  void Tell(std::unique_lock<std::mutex>& lock);

  StoreFolder folder_;
  std::unique_ptr<StoreEngine> engine_;  // The thread's.
  bool is_read_only_;
  std::function<void()> on_answers_;
  std::function<void(const std::optional<Error>&)> on_writes_fail_;

  mutable std::mutex mutex_;  // Of what follows.
  std::condition_variable has_work_;
  StoreQueue queue_;
  Tasks changes_;
  Tasks looks_;
  SqliteStoreCounters counters_;
  bool is_stopping_ = false;
  bool do_writes_fail_ = false;
  bool was_told_ = false;  // That there are answers, which were not taken since.

  std::thread thread_;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_SQLITE_STORE_H_
