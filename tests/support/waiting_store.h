// A SqliteStore whose answers can be waited for.
#ifndef COTEXT_TESTS_SUPPORT_WAITING_STORE_H_
#define COTEXT_TESTS_SUPPORT_WAITING_STORE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "storage/sqlite_store.h"
#include "sync/store.h"

namespace cotext {

class WaitingStore {
 public:
  // Opens the store in a folder, which is to succeed.
  explicit WaitingStore(const std::string& folder, const StoreQueueLimits& limits = {}) {
    auto opened =
        SqliteStore::Open({.folder = folder, .on_answers = [this] { Tell(); }, .limits = limits});
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    store_ = *std::move(opened);
  }

  SqliteStore& store() { return *store_; }

  // Waits for so many answers.
  std::vector<sync::StoreAnswer> Take(size_t count) {
    constexpr std::chrono::seconds kPatience{60};
    std::vector<sync::StoreAnswer> answers;
    while (answers.size() < count) {
      {
        std::unique_lock lock(mutex_);
        if (!told_.wait_for(lock, kPatience, [this] { return has_news_; })) {
          ADD_FAILURE() << "no answer came";
          break;
        }
        has_news_ = false;
      }
      auto taken = store_->TakeAnswers();
      std::move(taken.begin(), taken.end(), std::back_inserter(answers));
    }
    return answers;
  }

  // Each does one call and returns its answer. REQUIRES: no other one is waited for.
  sync::StoreAnswer Append(std::string_view document, std::vector<sync::Record> records) {
    store_->Append(document, ++ticket_, std::move(records));
    return std::move(Take(1).at(0));
  }
  sync::StoreAnswer Compact(std::string_view document, uint64_t up_to,
                            std::vector<sync::Record> snapshot) {
    store_->Compact(document, ++ticket_, up_to, std::move(snapshot));
    return std::move(Take(1).at(0));
  }
  sync::StoreAnswer Load(std::string_view document) {
    store_->Load(document, ++ticket_);
    return std::move(Take(1).at(0));
  }

 private:
  void Tell() {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
    told_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable told_;
  bool has_news_ = false;
  sync::Ticket ticket_ = 0;
  std::unique_ptr<SqliteStore> store_;  // Its thread tells until it is gone.
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_WAITING_STORE_H_
