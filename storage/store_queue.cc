#include "storage/store_queue.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

constexpr char kBehindFailure[] = "a write before this call failed";

sync::StoreAnswer Failed(sync::Ticket ticket, Error error) {
  return {.ticket = ticket, .position = std::unexpected(std::move(error)), .log = {}};
}

size_t BytesOf(const sync::StoredLog& log) {
  size_t bytes = 0;
  for (const auto* const records : {&log.snapshot, &log.tail}) {
    for (const sync::Record& record : *records) bytes += sizeof(record) + record.bytes.size();
  }
  return bytes;
}

}  // namespace

StoreQueue::Lane& StoreQueue::LaneOf(const std::string& document) {
  const auto found = lanes_.find(document);
  if (found != lanes_.end()) return found->second;
  Lane& lane = lanes_[document];
  lane.document = document;
  return lane;
}

void StoreQueue::List(Lane& lane) {
  if (lane.is_listed || lane.calls.empty()) return;
  lane.is_listed = true;
  (lane.calls.front().is_write() ? writing_ : loading_).push_back(&lane);
}

void StoreQueue::DropIfIdle(Lane& lane) {
  const bool is_idle = lane.calls.empty() && lane.in_turn == 0;
  if (is_idle && lane.untaken_errors == 0 && !lane.is_listed) lanes_.erase(lane.document);
}

// Makes a call fail when its time comes.
void StoreQueue::Refuse(Lane& lane, StoreCall& call, Error error) {
  if (call.refusal) return;
  call.refusal = std::move(error);
  if (call.is_write()) ++lane.untaken_errors;
}

void StoreQueue::Add(StoreCall call) {
  Lane& lane = LaneOf(call.document);
  if (lane.untaken_errors > 0) {
    Refuse(lane, call, {ErrorCode::kStorageFailed, kBehindFailure});
  } else if (waiting_bytes_ + call.bytes() > limits_.waiting_bytes_max) {
    Refuse(lane, call, {ErrorCode::kStorageFailed, "more waits for the store than may"});
  }
  if (call.refusal) call.records = {};
  ++waiting_;
  waiting_bytes_ += call.bytes();
  if (call.refusal && lane.calls.empty() && lane.in_turn == 0) {
    Error error = *call.refusal;
    return Answer(lane, call, Failed(call.ticket, std::move(error)));
  }
  lane.calls.push_back(std::move(call));
  List(lane);
}

StoreCall StoreQueue::TakeCall(Lane& lane) {
  StoreCall call = std::move(lane.calls.front());
  lane.calls.pop_front();
  ++lane.in_turn;
  return call;
}

void StoreQueue::TakeWrites(Turn& turn) {
  for (Lane* const lane : std::exchange(writing_, {})) {
    lane->is_listed = false;
    while (!lane->calls.empty() && lane->calls.front().is_write()) {
      turn.writes.push_back(TakeCall(*lane));
    }
    List(*lane);
    DropIfIdle(*lane);
  }
}

void StoreQueue::TakeLoads(Turn& turn) {
  // Each lane once: one that goes on waiting is listed behind them.
  for (size_t lanes = loading_.size(); lanes > 0 && may_load(); --lanes) {
    if (turn.loads.size() >= limits_.loads_per_turn) return;
    Lane* const lane = loading_.front();
    loading_.pop_front();
    lane->is_listed = false;
    if (!lane->calls.empty() && !lane->calls.front().is_write()) {
      turn.loads.push_back(TakeCall(*lane));
    }
    List(*lane);
    DropIfIdle(*lane);
  }
}

StoreQueue::Turn StoreQueue::TakeTurn() {
  Turn turn;
  TakeWrites(turn);
  TakeLoads(turn);
  return turn;
}

void StoreQueue::Answer(Lane& lane, const StoreCall& call, sync::StoreAnswer answer) {
  --waiting_;
  waiting_bytes_ -= call.bytes();
  const bool is_failed_write =
      call.is_write() && !answer.position && !call.FailsAlone(answer.position.error());
  const size_t log_bytes = BytesOf(answer.log);
  answer_bytes_ += log_bytes;
  answers_.push_back(Answered{.answer = std::move(answer),
                              .failed = is_failed_write ? &lane : nullptr,
                              .log_bytes = log_bytes});
}

// Answers all that a document was asked up to now: what is in the turn, then what waits.
void StoreQueue::FailAll(Lane& lane, Turn& turn) {
  const auto fail = [&](StoreCall& call) {
    Refuse(lane, call, {ErrorCode::kStorageFailed, kBehindFailure});
    Error error = *call.refusal;
    Answer(lane, call, Failed(call.ticket, std::move(error)));
  };
  std::erase_if(turn.loads, [&](StoreCall& load) {
    if (load.document != lane.document) return false;
    --lane.in_turn;
    fail(load);
    return true;
  });
  for (StoreCall& call : lane.calls) fail(call);
  lane.calls.clear();
}

void StoreQueue::FinishWrites(Turn& turn, std::vector<sync::StoreAnswer> answers) {
  COTEXT_CHECK(answers.size() == turn.writes.size());
  std::vector<Lane*> failed;
  for (size_t i = 0; i < answers.size(); ++i) {
    const StoreCall& call = turn.writes[i];
    Lane& lane = LaneOf(call.document);
    --lane.in_turn;
    const auto& position = answers[i].position;
    const bool has_failed = !position && !call.FailsAlone(position.error());
    if (has_failed && !call.refusal) ++lane.untaken_errors;
    if (has_failed && (failed.empty() || failed.back() != &lane)) failed.push_back(&lane);
    Answer(lane, call, std::move(answers[i]));
    if (!has_failed) DropIfIdle(lane);
  }
  for (Lane* const lane : failed) FailAll(*lane, turn);
  turn.writes.clear();
}

void StoreQueue::FinishLoad(const StoreCall& load, sync::StoreAnswer answer) {
  Lane& lane = LaneOf(load.document);
  --lane.in_turn;
  Answer(lane, load, std::move(answer));
  DropIfIdle(lane);
}

std::vector<sync::StoreAnswer> StoreQueue::TakeAnswers() {
  std::vector<sync::StoreAnswer> taken;
  taken.reserve(answers_.size());
  for (Answered& answered : std::exchange(answers_, {})) {
    if (answered.failed != nullptr) {
      --answered.failed->untaken_errors;
      DropIfIdle(*answered.failed);
    }
    answer_bytes_ -= answered.log_bytes;
    taken.push_back(std::move(answered.answer));
  }
  return taken;
}

}  // namespace cotext
