#include "storage/store_queue.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "storage/store_call.h"
#include "sync/store.h"

namespace cotext {
namespace {

using sync::StoreAnswer;
using sync::Ticket;

StoreCall Append(const std::string& document, Ticket ticket, size_t bytes = 1) {
  return {.kind = StoreCall::Kind::kAppend,
          .document = document,
          .ticket = ticket,
          .records = {{.kind = sync::RecordKind::kUpdate, .bytes = std::string(bytes, 'x')}}};
}

StoreCall Load(const std::string& document, Ticket ticket) {
  return {.kind = StoreCall::Kind::kLoad, .document = document, .ticket = ticket};
}

StoreCall Compact(const std::string& document, Ticket ticket) {
  return {.kind = StoreCall::Kind::kCompact, .document = document, .ticket = ticket};
}

StoreAnswer Done(Ticket ticket) { return {.ticket = ticket, .position = 1, .log = {}}; }
StoreAnswer Failed(Ticket ticket) {
  return {.ticket = ticket, .position = MakeError(ErrorCode::kIo, "failed"), .log = {}};
}

std::vector<Ticket> TicketsOf(const std::vector<StoreCall>& calls) {
  std::vector<Ticket> tickets;
  for (const StoreCall& call : calls) tickets.push_back(call.ticket);
  return tickets;
}

// Each as its ticket, negative for an error.
std::vector<int64_t> Take(StoreQueue& queue) {
  std::vector<int64_t> taken;
  for (const StoreAnswer& answer : queue.TakeAnswers()) {
    const auto ticket = static_cast<int64_t>(answer.ticket);
    taken.push_back(answer.position ? ticket : -ticket);
  }
  return taken;
}

void FinishAll(StoreQueue& queue, StoreQueue::Turn turn) {
  std::vector<StoreAnswer> answers;
  for (const StoreCall& call : turn.writes) {
    StoreAnswer answer = Done(call.ticket);
    if (call.refusal) answer.position = std::unexpected(*call.refusal);
    answers.push_back(std::move(answer));
  }
  queue.FinishWrites(turn, std::move(answers));
  for (const StoreCall& load : turn.loads) queue.FinishLoad(load, Done(load.ticket));
}

TEST(StoreQueueTest, ATurnHasAllWritesUpToADocumentsFirstLoad) {
  StoreQueue queue;
  queue.Add(Append("a", 1));
  queue.Add(Append("a", 2));
  queue.Add(Load("a", 3));
  queue.Add(Append("a", 4));
  queue.Add(Load("b", 5));
  queue.Add(Append("c", 6));
  StoreQueue::Turn turn = queue.TakeTurn();
  EXPECT_EQ(TicketsOf(turn.writes), std::vector<Ticket>({1, 2, 6}));
  EXPECT_EQ(TicketsOf(turn.loads), std::vector<Ticket>({5, 3}));
  FinishAll(queue, std::move(turn));
  turn = queue.TakeTurn();
  EXPECT_EQ(TicketsOf(turn.writes), std::vector<Ticket>({4}));
  FinishAll(queue, std::move(turn));
  EXPECT_EQ(Take(queue), std::vector<int64_t>({1, 2, 6, 5, 3, 4}));
  EXPECT_FALSE(queue.has_work());
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.waiting_bytes(), 0U);
}

TEST(StoreQueueTest, ManyLoadsComeInTurnsAndDoNotHoldUpWrites) {
  StoreQueue queue({.loads_per_turn = 2});
  for (Ticket ticket = 1; ticket <= 5; ++ticket) queue.Add(Load(std::to_string(ticket), ticket));
  FinishAll(queue, queue.TakeTurn());
  queue.Add(Append("a", 6));
  const StoreQueue::Turn turn = queue.TakeTurn();
  EXPECT_EQ(TicketsOf(turn.writes), std::vector<Ticket>({6}));
  EXPECT_EQ(TicketsOf(turn.loads), std::vector<Ticket>({3, 4}));
}

TEST(StoreQueueTest, AFailedWriteFailsWhatWasAskedSinceAndWhatIsAskedUntilItIsTaken) {
  StoreQueue queue;
  queue.Add(Append("a", 1));
  queue.Add(Load("a", 2));
  StoreQueue::Turn turn = queue.TakeTurn();
  queue.Add(Append("a", 3));
  queue.Add(Append("b", 4));
  queue.FinishWrites(turn, {Failed(1)});
  EXPECT_TRUE(turn.loads.empty()) << "a load behind it is not to be tried";
  queue.Add(Load("a", 5));
  FinishAll(queue, queue.TakeTurn());
  EXPECT_EQ(Take(queue), std::vector<int64_t>({-1, -2, -3, -5, 4}));
  queue.Add(Load("a", 6));
  queue.Add(Append("a", 7));
  FinishAll(queue, queue.TakeTurn());
  FinishAll(queue, queue.TakeTurn());
  EXPECT_EQ(Take(queue), std::vector<int64_t>({6, 7}));
}

TEST(StoreQueueTest, MoreThanMayWaitFailsAndSoDoesWhatComesBehindIt) {
  StoreQueue queue({.waiting_bytes_max = 10'000});
  queue.Add(Append("a", 1, 5'000));
  queue.Add(Append("a", 2, 6'000));
  queue.Add(Append("a", 3));  // There is room for it, but not behind a gap.
  queue.Add(Append("b", 4));
  EXPECT_FALSE(queue.has_answers()) << "answered before what was asked first";
  EXPECT_LT(queue.waiting_bytes(), 10'000U);
  FinishAll(queue, queue.TakeTurn());
  const auto answers = queue.TakeAnswers();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_TRUE(answers[0].position);
  EXPECT_EQ(answers[1].ticket, 2U);
  EXPECT_EQ(answers[1].position.error().code, ErrorCode::kStorageFailed);
  EXPECT_FALSE(answers[2].position);
  EXPECT_TRUE(answers[3].position);
  queue.Add(Append("a", 5));
  FinishAll(queue, queue.TakeTurn());
  EXPECT_EQ(Take(queue), std::vector<int64_t>({5}));
}

TEST(StoreQueueTest, WhatIsTooMuchForAnEmptyQueueIsAnsweredAtOnce) {
  StoreQueue queue({.waiting_bytes_max = 1'000});
  queue.Add(Append("a", 1, 2'000));
  EXPECT_FALSE(queue.has_work());
  EXPECT_EQ(Take(queue), std::vector<int64_t>({-1}));
}

TEST(StoreQueueTest, NothingMoreIsLoadedWhileTooMuchWasNotTaken) {
  StoreQueue queue({.answer_bytes_max = 1'000});
  queue.Add(Load("a", 1));
  StoreQueue::Turn turn = queue.TakeTurn();
  StoreAnswer answer = Done(1);
  answer.log.tail.push_back({.bytes = std::string(2'000, 'x')});
  queue.FinishLoad(turn.loads[0], std::move(answer));
  queue.Add(Load("b", 2));
  EXPECT_FALSE(queue.has_work());
  queue.Add(Append("c", 3));
  turn = queue.TakeTurn();
  EXPECT_TRUE(turn.loads.empty());
  FinishAll(queue, std::move(turn));
  queue.TakeAnswers();
  EXPECT_TRUE(queue.has_work());
  EXPECT_EQ(TicketsOf(queue.TakeTurn().loads), std::vector<Ticket>({2}));
}

TEST(StoreQueueTest, NothingFailsForASnapshotThatFindsNoRoom) {
  StoreQueue queue;
  queue.Add(Compact("a", 1));
  queue.Add(Append("a", 2));
  StoreQueue::Turn turn = queue.TakeTurn();
  queue.Add(Append("a", 3));
  std::vector<StoreAnswer> answers;
  answers.push_back({.ticket = 1, .position = MakeError(ErrorCode::kDiskFull, "full"), .log = {}});
  answers.push_back(Done(2));
  queue.FinishWrites(turn, std::move(answers));
  queue.Add(Append("a", 4));
  EXPECT_EQ(Take(queue), (std::vector<int64_t>{-1, 2}));
  FinishAll(queue, queue.TakeTurn());
  EXPECT_EQ(Take(queue), (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(queue.waiting(), 0U);
}

}  // namespace
}  // namespace cotext
