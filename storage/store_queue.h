// Calls of a Store that wait, and answers that wait to be taken: the rules of sync/store.h, without
// a disk. Whoever does the calls does so in turns:
//
//     TakeTurn -> the writes, in one transaction -> FinishWrites -> the loads -> FinishLoad
//
// A turn has all writes that wait, in the order of each document, up to its first load, and some
// loads, each behind all that its document was asked before: many loads do not hold up the writes.
//
// - Each call is answered once, those of a document in their order.
// - If a write fails, so does all that its document was asked before the error was taken, at once;
//   unless it fails alone (StoreCall).
// - No more than waiting_bytes_max wait: a call beyond that fails with kStorageFailed. As long as
//   answers of loads of more than answer_bytes_max were not taken, nothing more is loaded.
//
// Complexity: O(log(documents that wait)) a call. Pure; thread-compatible.
#ifndef COTEXT_STORAGE_STORE_QUEUE_H_
#define COTEXT_STORAGE_STORE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "storage/store_call.h"
#include "sync/store.h"

namespace cotext {

struct StoreQueueLimits {
  size_t waiting_bytes_max = size_t{1} << 28U;
  size_t answer_bytes_max = size_t{1} << 26U;
  size_t loads_per_turn = 8;
};

class StoreQueue {
 public:
  explicit StoreQueue(const StoreQueueLimits& limits = {}) : limits_(limits) {}

  void Add(StoreCall call);

  struct Turn {
    std::vector<StoreCall> writes;
    std::vector<StoreCall> loads;
  };
  // REQUIRES: the turn before was finished, all of it.
  Turn TakeTurn();
  // Takes the answers to the turn's writes, in their order. Loads that are to fail leave the turn.
  void FinishWrites(Turn& turn, std::vector<sync::StoreAnswer> answers);
  void FinishLoad(const StoreCall& load, sync::StoreAnswer answer);

  std::vector<sync::StoreAnswer> TakeAnswers();

  bool has_work() const { return !writing_.empty() || may_load(); }
  bool has_writes() const { return !writing_.empty(); }
  bool has_answers() const { return !answers_.empty(); }
  // Calls that were not answered, and what they take.
  size_t waiting() const { return waiting_; }
  size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  // A document that has calls which were not answered, or an error that was not taken.
  struct Lane {
    std::string document;
    std::deque<StoreCall> calls;  // Those that wait for a turn.
    size_t in_turn = 0;
    size_t untaken_errors = 0;  // Of writes, answered or sure to come.
    bool is_listed = false;     // In writing_ or loading_.
  };
  struct Answered {
    sync::StoreAnswer answer;
    Lane* failed = nullptr;  // Whose write it was, if it failed.
    size_t log_bytes = 0;
  };

  bool may_load() const { return !loading_.empty() && answer_bytes_ <= limits_.answer_bytes_max; }
  Lane& LaneOf(const std::string& document);
  void List(Lane& lane);
  StoreCall TakeCall(Lane& lane);
  void TakeWrites(Turn& turn);
  void TakeLoads(Turn& turn);
  void Refuse(Lane& lane, StoreCall& call, Error error);
  void Answer(Lane& lane, const StoreCall& call, sync::StoreAnswer answer);
  void FailAll(Lane& lane, Turn& turn);
  void DropIfIdle(Lane& lane);

  StoreQueueLimits limits_;
  std::map<std::string, Lane, std::less<>> lanes_;
  // Lanes that have calls, by what the first one is, or was.
  std::deque<Lane*> writing_;
  std::deque<Lane*> loading_;
  std::vector<Answered> answers_;
  size_t waiting_ = 0;
  size_t waiting_bytes_ = 0;
  size_t answer_bytes_ = 0;  // Of logs.
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORE_QUEUE_H_
