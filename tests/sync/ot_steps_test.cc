// The snapshot of an OT document is made in steps, while it is edited and its history cut.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "ot/operation_codec.h"
#include "sync/hub_output.h"
#include "sync/messages.h"
#include "sync/ot_host.h"
#include "sync/revision_bytes.h"
#include "sync/server.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

// A server with one client of one document, and all that its store was ever given.
class OtStepsRig : public ServerTest {
 public:
  explicit OtStepsRig(uint64_t commits_max) : ServerTest(Options(commits_max)) {
    answers_ = false;
    SendControl(ann(), ToMessage(Hello{}));
    Send(ann(), ToMessage(Open{.request = 1,
                               .engine = Engine::kOt,
                               .writer = 5,
                               .name = "doc",
                               .version = RevisionBytes(0)}));
    while (!calls_.empty()) Answer();
  }

  static ServerOptions Options(uint64_t commits_max) {
    ServerOptions options;
    options.hub.copy_bytes = 500;
    options.hub.compact_bytes_min = 2000;
    options.hub.commits_max = commits_max;
    return options;
  }

  // Types in front of what is there.
  void Insert(size_t chars) {
    Delta operation;
    operation.Insert(std::string(chars, static_cast<char>('a' + seq_ % 26)));
    const uint64_t base = seq_++;
    Send(ann(), ToMessage(Submit{.channel = Of(ann(), MessageKind::kOpened).at(0).channel,
                                 .client = 5,
                                 .seq = seq_,
                                 .base = base,
                                 .operation = EncodeOperation(operation)}));
    AcknowledgeAll(ann());
  }

  void Step() {
    server_.Step(now_ms_);
    Settle();
  }

  // The store answers the oldest call.
  void Answer() {
    const CallStore call = std::move(calls_.front());
    calls_.pop_front();
    if (const auto* const append = std::get_if<HubAppend>(&call.call)) {
      log_.insert(log_.end(), append->records.begin(), append->records.end());
    } else if (const auto* const compact = std::get_if<HubCompact>(&call.call)) {
      snapshots_.push_back(*compact);
    }
    server_.OnStoreAnswer({.ticket = call.ticket, .position = log_.size()}, now_ms_);
    Settle();
  }
  void AnswerAll() {
    while (!calls_.empty()) Answer();
  }

  bool has_calls() const { return !calls_.empty(); }
  bool has_steps() const { return server_.has_steps(); }
  bool asks_to_append() const {
    return !calls_.empty() && std::holds_alternative<HubAppend>(calls_.back().call);
  }
  bool asks_to_compact() const {
    return !calls_.empty() && std::holds_alternative<HubCompact>(calls_.back().call);
  }
  const std::vector<HubCompact>& snapshots() const { return snapshots_; }

  // Whether a snapshot and the records behind it come to what all records come to.
  void ExpectTheSame(const HubCompact& made) const {
    OtHost whole(1);
    OtHost from_snapshot(1);
    for (const Record& record : log_) Restore(whole, record);
    for (const Record& record : made.snapshot) Restore(from_snapshot, record);
    for (size_t i = made.up_to; i < log_.size(); ++i) Restore(from_snapshot, log_[i]);
    EXPECT_EQ(from_snapshot.Snapshot(), whole.Snapshot());
  }

 private:
  void TestBody() override {}

  Peer& ann() { return peers_.empty() ? Connect("ann") : peers_.begin()->second; }
  static void Restore(OtHost& host, const Record& record) {
    if (record.kind == RecordKind::kIdentity) return;
    const auto restored = host.Restore(record);
    EXPECT_TRUE(restored.has_value()) << restored.error().message;
  }

  uint64_t seq_ = 0;
  std::vector<Record> log_;
  std::vector<HubCompact> snapshots_;
};

TEST(OtStepsTest, ASnapshotIsMadeStepByStepWhileMoreIsCommitted) {
  OtStepsRig rig(1'000'000);
  for (int edit = 0; !rig.has_steps(); ++edit) {
    ASSERT_LT(edit, 1'000);
    rig.Insert(60);
    rig.AnswerAll();
  }
  int steps = 0;
  for (; !rig.asks_to_compact(); ++steps) {
    ASSERT_TRUE(rig.has_steps());
    rig.Insert(60);
    ASSERT_TRUE(rig.asks_to_append()) << "appending waits for nothing";
    rig.AnswerAll();
    rig.Step();
  }
  EXPECT_GT(steps, 5);
  EXPECT_FALSE(rig.has_steps());
  rig.AnswerAll();
  ASSERT_EQ(rig.snapshots().size(), 1U);
  rig.ExpectTheSame(rig.snapshots()[0]);
}

// Commits are dropped, edits come, the store is slow: whatever the order, nothing is lost.
TEST(OtStepsTest, EverySnapshotWithWhatFollowsItIsTheWholeLog) {
  size_t snapshots = 0;
  ForEachSeed(30, [&snapshots](Random& random) {
    OtStepsRig rig(random.Between(2, 40));
    for (int turn = 0; turn < 600; ++turn) {
      switch (random.Below(3)) {
        case 0: rig.Insert(random.Between(1, 100)); break;
        case 1:
          if (rig.has_calls()) rig.Answer();
          break;
        default:
          if (rig.has_steps()) rig.Step();
      }
    }
    rig.AnswerAll();
    while (rig.has_steps()) rig.Step();
    rig.AnswerAll();
    for (const HubCompact& made : rig.snapshots()) rig.ExpectTheSame(made);
    snapshots += rig.snapshots().size();
  });
  EXPECT_GT(snapshots, 30U);
}

}  // namespace
}  // namespace cotext::sync
