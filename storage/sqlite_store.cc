#include "storage/sqlite_store.h"

#include <chrono>
#include <utility>

namespace cotext {
namespace {

// How long nothing is asked before the write-ahead log is brought home.
constexpr std::chrono::milliseconds kIdleTime{1000};

uint64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

Expected<std::unique_ptr<SqliteStore>> SqliteStore::Open(const SqliteStoreOptions& options) {
  Expected<StoreFolder> folder = StoreFolder::Open(options.folder);
  if (!folder) return std::unexpected(std::move(folder).error());
  Expected<std::unique_ptr<StoreEngine>> engine =
      StoreEngine::Open({.path = StoreDatabasePath(options.folder), .now_ms = NowMs});
  if (!engine) return std::unexpected(std::move(engine).error());
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(*std::move(folder), *std::move(engine), options));
}

SqliteStore::SqliteStore(StoreFolder folder, std::unique_ptr<StoreEngine> engine,
                         const SqliteStoreOptions& options)
    : folder_(std::move(folder)),
      engine_(std::move(engine)),
      is_read_only_(engine_->is_read_only()),
      on_answers_(options.on_answers),
      on_writes_fail_(options.on_writes_fail),
      queue_(options.limits),
      thread_([this] { Run(); }) {}

SqliteStore::~SqliteStore() { Stop(); }

void SqliteStore::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SqliteStore::Load(std::string_view document, sync::Ticket ticket) {
  Ask({.kind = StoreCall::Kind::kLoad, .document = std::string(document), .ticket = ticket});
}

void SqliteStore::Append(std::string_view document, sync::Ticket ticket,
                         std::vector<sync::Record> records) {
  Ask({.kind = StoreCall::Kind::kAppend,
       .document = std::string(document),
       .ticket = ticket,
       .records = std::move(records)});
}

void SqliteStore::Compact(std::string_view document, sync::Ticket ticket, uint64_t up_to,
                          std::vector<sync::Record> snapshot) {
  Ask({.kind = StoreCall::Kind::kCompact,
       .document = std::string(document),
       .ticket = ticket,
       .records = std::move(snapshot),
       .up_to = up_to});
}

void SqliteStore::Ask(StoreCall call) {
  std::unique_lock lock(mutex_);
  queue_.Add(std::move(call));
  has_work_.notify_one();
  Tell(lock);
}

bool SqliteStore::Do(std::function<void(StoreEngine&)> task) {
  return Add(changes_, std::move(task));
}

bool SqliteStore::Look(std::function<void(StoreEngine&)> task) {
  return Add(looks_, std::move(task));
}

bool SqliteStore::Add(Tasks& tasks, std::function<void(StoreEngine&)> task) {
  const std::lock_guard lock(mutex_);
  if (tasks.size() >= kTasksMax || is_stopping_) return false;
  tasks.push_back(std::move(task));
  has_work_.notify_one();
  return true;
}

std::vector<sync::StoreAnswer> SqliteStore::TakeAnswers() {
  const std::lock_guard lock(mutex_);
  was_told_ = false;
  std::vector<sync::StoreAnswer> answers = queue_.TakeAnswers();
  // There may be room for loads again.
  has_work_.notify_one();
  return answers;
}

SqliteStoreCounters SqliteStore::counters() const {
  const std::lock_guard lock(mutex_);
  SqliteStoreCounters counters = counters_;
  counters.waiting = queue_.waiting();
  counters.waiting_bytes = queue_.waiting_bytes();
  return counters;
}

// Lets the driver know, once until it comes; leaves the lock.
void SqliteStore::Tell(std::unique_lock<std::mutex>& lock) {
  const bool is_news = queue_.has_answers() && !was_told_;
  was_told_ |= is_news;
  lock.unlock();
  if (is_news && on_answers_) on_answers_();
}

// The thread.

void SqliteStore::Run() {
  std::unique_lock lock(mutex_);
  bool has_looked = false;  // Since the last turn of calls.
  while (true) {
    // Loads that nobody will take the answers of are not worth the time.
    const bool has_calls = is_stopping_ ? queue_.has_writes() : queue_.has_work();
    if (!changes_.empty()) {
      RunFirst(changes_, lock);
    } else if (!looks_.empty() && !(has_calls && has_looked)) {
      RunFirst(looks_, lock);
      has_looked = true;
    } else if (has_calls) {
      RunTurn(lock);
      has_looked = false;
    } else if (is_stopping_) {
      return;
    } else {
      Rest(lock);
    }
  }
}

void SqliteStore::RunFirst(Tasks& tasks, std::unique_lock<std::mutex>& lock) {
  const auto task = std::move(tasks.front());
  tasks.pop_front();
  lock.unlock();
  task(*engine_);
  lock.lock();
}

void SqliteStore::RunTurn(std::unique_lock<std::mutex>& lock) {
  StoreQueue::Turn turn = queue_.TakeTurn();
  lock.unlock();
  std::vector<sync::StoreAnswer> answers = engine_->Write(turn.writes);
  lock.lock();
  if (!answers.empty()) ++counters_.transactions;
  counters_.writes += answers.size();
  std::optional<Error> error;
  for (const sync::StoreAnswer& answer : answers) {
    if (answer.position) continue;
    ++counters_.failed_writes;
    error = answer.position.error();
    NoteError(*error);
  }
  if (!answers.empty()) NoteWrites(error);
  queue_.FinishWrites(turn, std::move(answers));
  Tell(lock);
  RunLoads(lock, turn);
  const Expected<void> checkpoint = engine_->CheckpointIfLong();
  lock.lock();
  Note(checkpoint);
}

void SqliteStore::RunLoads(std::unique_lock<std::mutex>& lock, const StoreQueue::Turn& turn) {
  for (const StoreCall& load : turn.loads) {
    sync::StoreAnswer answer = engine_->Load(load);
    lock.lock();
    ++counters_.loads;
    if (!answer.position) {
      ++counters_.failed_loads;
      NoteError(answer.position.error());
    }
    queue_.FinishLoad(load, std::move(answer));
    Tell(lock);
  }
}

// Waits for work; after a while brings the log home.
void SqliteStore::Rest(std::unique_lock<std::mutex>& lock) {
  const auto is_wanted = [this] {
    return queue_.has_work() || !changes_.empty() || !looks_.empty() || is_stopping_;
  };
  if (engine_->log_pages() == 0) return has_work_.wait(lock, is_wanted);
  if (has_work_.wait_for(lock, kIdleTime, is_wanted)) return;
  lock.unlock();
  const Expected<void> checkpoint = engine_->Checkpoint();
  lock.lock();
  Note(checkpoint);
}

void SqliteStore::NoteWrites(const std::optional<Error>& error) {
  const bool is_news = std::exchange(do_writes_fail_, error.has_value()) != error.has_value();
  if (is_news && on_writes_fail_) on_writes_fail_(error);
}

void SqliteStore::Note(const Expected<void>& checkpoint) {
  counters_.log_pages = engine_->log_pages();
  if (!checkpoint) NoteError(checkpoint.error());
}

}  // namespace cotext
