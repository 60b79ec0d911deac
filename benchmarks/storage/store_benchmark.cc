// The store on this machine's disk, in a folder of TMPDIR: how long a keystroke takes to be
// durable, alone and with others; loading. The disk decides the first two, so compare runs on one
// machine.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "document/check.h"
#include "document/error.h"
#include "storage/sqlite_store.h"
#include "sync/store.h"

namespace cotext {
namespace {

constexpr size_t kKeystrokeBytes = 100;  // With its frame, as a user's typing comes in.
constexpr uint64_t kTail = 100;          // Records behind a snapshot.
constexpr size_t kSnapshotBytes = 100'000;

std::vector<sync::Record> Keystroke(size_t bytes = kKeystrokeBytes) {
  return {{.kind = sync::RecordKind::kUpdate, .bytes = std::string(bytes, 'x')}};
}

// A store in an empty folder, whose answers are waited for.
class BenchmarkStore {
 public:
  BenchmarkStore() : folder_(std::filesystem::temp_directory_path() / "cotext_store_benchmark") {
    std::filesystem::remove_all(folder_);
    auto opened = SqliteStore::Open({.folder = folder_, .on_answers = [this] { Tell(); }});
    COTEXT_CHECK(opened.has_value());
    store_ = *std::move(opened);
  }
  ~BenchmarkStore() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  SqliteStore& store() { return *store_; }

  // Waits for so many answers without an error; returns the last position.
  uint64_t Await(size_t count) {
    uint64_t position = 0;
    while (count > 0) {
      {
        std::unique_lock lock(mutex_);
        told_.wait(lock, [this] { return has_news_; });
        has_news_ = false;
      }
      for (const sync::StoreAnswer& answer : store_->TakeAnswers()) {
        COTEXT_CHECK(answer.position.has_value());
        position = *answer.position;
        --count;
      }
    }
    return position;
  }

 private:
  void Tell() {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
    told_.notify_one();
  }

  std::string folder_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool has_news_ = false;
  std::unique_ptr<SqliteStore> store_;
};

// One keystroke at a time: what an author waits for `durable`.
void CommitLatency(benchmark::State& state) {
  BenchmarkStore store;
  uint64_t position = 0;
  for (auto _ : state) {
    store.store().Append("document", 1, Keystroke());
    position = store.Await(1);
  }
  COTEXT_CHECK(position == static_cast<uint64_t>(state.iterations()));
}
BENCHMARK(CommitLatency)->UseRealTime();

// So many documents at once, a keystroke each, again and again: they share transactions.
void GroupedKeystrokes(benchmark::State& state) {
  BenchmarkStore store;
  const auto documents = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    for (size_t i = 0; i < documents; ++i) {
      store.store().Append(std::to_string(i), i, Keystroke());
    }
    store.Await(documents);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  const SqliteStoreCounters counters = store.store().counters();
  state.counters["writes_per_commit"] =
      static_cast<double>(counters.writes) / static_cast<double>(counters.transactions);
}
BENCHMARK(GroupedKeystrokes)->RangeMultiplier(10)->Range(10, 10'000)->UseRealTime();

// A document with a history of so many records, all but the last hundred in a snapshot.
void Load(benchmark::State& state) {
  BenchmarkStore store;
  const auto records = static_cast<uint64_t>(state.range(0));
  for (uint64_t i = 0; i < records; ++i) store.store().Append("document", i, Keystroke());
  store.Await(records);
  store.store().Compact("document", 1, records - kTail, Keystroke(kSnapshotBytes));
  store.Await(1);
  for (auto _ : state) {
    store.store().Load("document", 1);
    COTEXT_CHECK(store.Await(1) == records);
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(kSnapshotBytes + kTail * kKeystrokeBytes));
}
BENCHMARK(Load)->RangeMultiplier(10)->Range(1'000, 100'000)->UseRealTime();

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::RunBenchmarks(argc, argv); }
