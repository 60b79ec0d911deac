// What the checkers are given of an OT document is wrong where the document is.
#include "simulation/world/ot_records.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/varint.h"
#include "ot/log_codec.h"
#include "ot/operation_codec.h"
#include "ot/snapshot_codec.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/violation.h"
#include "simulation/world/ot_archive.h"
#include "sync/store.h"

namespace cotext {
namespace {

Delta Typed(uint64_t at, std::string_view text) { return Delta().Retain(at).Insert(text); }

sync::Record Submission(uint64_t client, uint64_t seq, uint64_t base, const Delta& operation) {
  return {.kind = sync::RecordKind::kSubmission,
          .bytes = EncodeSubmission(
              {.client = {client}, .seq = seq, .base = base, .operation = operation})};
}

sync::Record Truncation(uint64_t revision) {
  sync::Record record{.kind = sync::RecordKind::kTruncation, .bytes = {}};
  AppendVarint(record.bytes, revision);
  return record;
}

// Clients 1 and 2 write at once, then 1 again; then the first revision is dropped.
std::vector<sync::Record> SmallLog() {
  return {Submission(1, 1, 0, Typed(0, "a")), Submission(2, 1, 0, Typed(0, "b")),
          Submission(1, 2, 2, Typed(2, "c")), Truncation(1)};
}

TEST(OtRecordsTest, ALogIsReadCommitByCommit) {
  std::vector<sync::Record> records = SmallLog();
  records.push_back(Submission(2, 2, 0, Typed(0, "late")));
  records.push_back(records[0]);  // Of which nothing comes: it was decided.
  const auto log = ReadOtLog(records, {});
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(log->state.text().Text(), "bac");
  ASSERT_EQ(log->commits.size(), 3U);
  EXPECT_EQ(log->commits[1].submission.writer, 2U);
  EXPECT_EQ(log->commits[2].content, CommitContent(1, 2, EncodeOperation(Typed(2, "c"))));
  EXPECT_EQ(log->refused.at({2, 2}), ErrorCode::kTooOld);
  EXPECT_EQ(ExtentOf(log->state), (EditExtent{{1, 2}, {2, 2}}));
}

TEST(OtRecordsTest, ASnapshotStandsForTheLogBeforeIt) {
  const auto whole = ReadOtLog(SmallLog(), {});
  ASSERT_TRUE(whole.has_value());
  const std::vector<sync::Record> snapshot = {
      {.kind = sync::RecordKind::kOtState, .bytes = EncodeOtSnapshot(whole->state.Snapshot())}};
  const auto read = ReadOtLog(snapshot, {});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->state.Snapshot(), whole->state.Snapshot());
  EXPECT_TRUE(read->commits.empty());
}

TEST(OtRecordsTest, DeliveriesFollowTheLogAndAStepBackIsSeen) {
  const auto log = ReadOtLog(SmallLog(), {});
  ASSERT_TRUE(log.has_value());
  std::vector<RevisionStep> steps = {{.copy = 1, .at_us = 5, .from = 0, .to = 2},
                                     {.copy = 1, .at_us = 6, .from = 2, .to = 3}};
  const std::vector<Delivery> deliveries = DeliveriesOf(log->commits, steps);
  ASSERT_EQ(deliveries.size(), 6U);
  EXPECT_EQ(deliveries[2].seen, (EditExtent{{1, 1}, {2, 1}}));
  EXPECT_TRUE(CheckCausalOrder(deliveries).empty());
  steps.push_back({.copy = 1, .at_us = 7, .from = 3, .to = 2});
  EXPECT_EQ(CheckCausalOrder(DeliveriesOf(log->commits, steps)).size(), 1U);
  // A gap.
  steps = {{.copy = 1, .at_us = 5, .from = 2, .to = 3}};
  EXPECT_FALSE(CheckCausalOrder(DeliveriesOf(log->commits, steps)).empty());
}

TEST(OtRecordsTest, ACommitThatANodeSawOtherwiseIsAnotherHistory) {
  const auto log = ReadOtLog(SmallLog(), {});
  ASSERT_TRUE(log.has_value());
  const std::string history = HistoryAsSeen(log->commits, {});
  EXPECT_EQ(HistoryAsSeen(log->commits, {{2, log->commits[1].content}}), history);
  EXPECT_NE(HistoryAsSeen(log->commits, {{2, log->commits[0].content}}), history);
  EXPECT_NE(HistoryAsSeen(log->commits, {{4, log->commits[0].content}}), history);
}

// A server that forgot what it decided.
TEST(OtRecordsTest, ASubmissionThatIsCommittedTwiceIsSeen) {
  const auto log = ReadOtLog(SmallLog(), {});
  ASSERT_TRUE(log.has_value());
  ExactlyOnceRecord record;
  CopyRecord copy{.node = 0, .is_final = true};
  for (const OtLogCommit& commit : log->commits) {
    record.made.push_back(commit.submission);
    copy.applied.push_back(commit.submission);
  }
  record.copies = {copy};
  EXPECT_TRUE(CheckExactlyOnce(record).empty());
  record.copies[0].applied.push_back(copy.applied[0]);
  EXPECT_EQ(CheckExactlyOnce(record).size(), 1U);
}

TEST(OtArchiveTest, KeepsWhatSnapshotsStandForAndSeesWhatChangesOrIsMissing) {
  const std::vector<sync::Record> records = SmallLog();
  OtArchive archive;
  archive.OnAppended(2, {records[0], records[1]});
  archive.OnFound({.snapshot = {}, .snapshot_position = 1, .tail = {records[1], records[2]}});
  Violations clean("durability");
  EXPECT_EQ(archive.All(clean), (std::vector<sync::Record>{records[0], records[1], records[2]}));
  EXPECT_TRUE(clean.Take().empty());
  OtArchive changed = archive;
  changed.OnAppended(3, {records[3]});
  Violations violations("durability");
  (void)changed.All(violations);
  EXPECT_EQ(violations.Take(),
            (std::vector<Violation>{{"durability", "the log has another record at 3"}}));
  archive.OnAppended(5, {records[3]});
  Violations gap("durability");
  (void)archive.All(gap);
  EXPECT_EQ(gap.Take(), (std::vector<Violation>{{"durability", "the log has nothing at 4"}}));
}

}  // namespace
}  // namespace cotext
