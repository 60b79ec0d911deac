#include "storage/trim_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "storage/document_list.h"
#include "storage/stored_content.h"
#include "sync/rga_host.h"
#include "sync/store.h"
#include "sync/writer_table.h"
#include "tests/support/sample_logs.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;
using sync::StoredLog;

TrimmedLog MustTrim(const StoredLog& log, const TrimLimits& limits) {
  auto trimmed = TrimLog(log, limits);
  EXPECT_TRUE(trimmed) << trimmed.error().message;
  return trimmed ? *std::move(trimmed) : TrimmedLog();
}

StoredLog SnapshotOf(const std::vector<Record>& records) {
  return {.snapshot = records, .snapshot_position = 100, .tail = {}};
}

StoredLog TailOf(const std::vector<Record>& records) {
  return {.snapshot = {}, .snapshot_position = 0, .tail = records};
}

OpId Id(uint64_t counter, uint64_t replica) {
  return {.counter = counter, .replica = ReplicaId{replica}};
}

TEST(TrimLogTest, AllOfAnRgaDocumentBecomesItsBase) {
  const StoredLog log = TailOf(RgaRecords(9, {"some", " text"}));
  const TrimmedLog trimmed = MustTrim(log, {});
  EXPECT_EQ(trimmed.engine, Engine::kRga);
  EXPECT_EQ(trimmed.dropped, 9U);
  EXPECT_EQ(trimmed.kept, 0U);
  EXPECT_EQ(trimmed.frontier, std::vector{Id(9, 7)});
  ASSERT_EQ(trimmed.log.size(), 2U) << "nothing came after";
  EXPECT_EQ(trimmed.log[0], log.tail[0]);
  EXPECT_EQ(trimmed.log[1].kind, RecordKind::kBase);
  const auto content = ReadContent(SnapshotOf(trimmed.log));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rga->Text(), "some text");
  EXPECT_EQ(content->rga->horizon(), content->rga->version_vector());
}

TEST(TrimLogTest, TheLatestEditsStay) {
  const StoredLog log = TailOf(RgaRecords(9, {"some", " text"}));
  const TrimmedLog trimmed = MustTrim(log, {.keep = 3});
  EXPECT_EQ(trimmed.dropped, 6U);
  EXPECT_EQ(trimmed.kept, 3U);
  EXPECT_EQ(trimmed.frontier, std::vector{Id(6, 7)});
  const auto content = ReadContent(SnapshotOf(trimmed.log));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rga->TextAt(content->rga->horizon()), "some t");
  EXPECT_EQ(content->rga->Text(), "some text");
  EXPECT_EQ(MustTrim(log, {.keep = 9}).dropped, 0U);
  EXPECT_EQ(MustTrim(log, {.keep = ~uint64_t{0}}).dropped, 0U);
}

TEST(TrimLogTest, WhatCameBehindAPositionStays) {
  const StoredLog log = TailOf(RgaRecords(9, {"some", " text", "!"}));
  EXPECT_EQ(MustTrim(log, {.up_to = 3}).dropped, 9U);
  EXPECT_EQ(MustTrim(log, {.keep = 2, .up_to = 3}).dropped, 8U) << "whatever keeps more";
  EXPECT_EQ(MustTrim(log, {.up_to = 1}).dropped, 0U);
  EXPECT_EQ(MustTrim(log, {.up_to = 0}).dropped, 0U);
  StoredLog compacted{.snapshot = {log.tail.begin(), log.tail.begin() + 2},
                      .snapshot_position = 20,
                      .tail = {log.tail.begin() + 2, log.tail.end()}};
  EXPECT_EQ(MustTrim(compacted, {.up_to = 19}).dropped, 0U) << "of a snapshot, all or nothing";
  EXPECT_EQ(MustTrim(compacted, {.up_to = 20}).dropped, 4U);
  EXPECT_EQ(MustTrim(compacted, {.up_to = 21}).dropped, 9U);
}

TEST(TrimLogTest, EditsMadeAtTheSameTimeStayTogether) {
  RgaDocument ann(ReplicaId{10});
  RgaDocument bob(ReplicaId{20});
  ASSERT_TRUE(ann.Insert(CodePointOffset{0}, "abc"));
  ASSERT_TRUE(bob.Merge(ann.EncodeSince(bob.version()).value()));
  const Version both = ann.version();
  ASSERT_TRUE(ann.Insert(CodePointOffset{3}, "de"));
  ASSERT_TRUE(bob.Insert(CodePointOffset{0}, "xy"));
  const Version nothing = RgaDocument(ReplicaId{1}).version();
  const StoredLog log =
      TailOf({IdentityRecord({.engine = Engine::kRga, .id = {{1}}}),
              {.kind = RecordKind::kUpdate, .bytes = ann.EncodeSince(nothing).value()},
              {.kind = RecordKind::kUpdate, .bytes = bob.EncodeSince(both).value()}});
  const TrimmedLog trimmed = MustTrim(log, {.keep = 1});
  EXPECT_EQ(trimmed.dropped, 3U) << "both go on from there";
  EXPECT_EQ(trimmed.kept, 4U);
  EXPECT_EQ(MustTrim(log, {}).dropped, 7U);
  EXPECT_EQ(MustTrim(log, {}).frontier, (std::vector{Id(5, 10), Id(5, 20)}));
}

TEST(TrimLogTest, WhoseTheIdsAreStays) {
  std::vector<Record> records = RgaRecords(9, {"text"});
  sync::WriterTable writers;
  records.insert(records.begin() + 1, writers.Give(7, "ann"));
  const TrimmedLog trimmed = MustTrim(TailOf(records), {});
  ASSERT_EQ(trimmed.log.size(), 3U);
  EXPECT_EQ(trimmed.log[1], records[1]);
}

TEST(TrimLogTest, ATrimmedDocumentIsTrimmedFurther) {
  const std::vector<Record> first =
      MustTrim(TailOf(RgaRecords(9, {"some", " text"})), {.keep = 5}).log;
  const TrimmedLog again = MustTrim(SnapshotOf(first), {.keep = 2});
  EXPECT_EQ(again.dropped, 3U);
  EXPECT_EQ(again.kept, 2U);
  EXPECT_EQ(ReadContent(SnapshotOf(again.log))->rga->Text(), "some text");
  const TrimmedLog nothing = MustTrim(SnapshotOf(again.log), {.keep = 2});
  EXPECT_EQ(nothing.dropped, 0U);
  EXPECT_TRUE(nothing.log.empty());
  EXPECT_EQ(nothing.frontier, again.frontier);
}

TEST(TrimLogTest, OfAnOtDocumentCommitsGo) {
  const StoredLog log = TailOf(OtRecords(2, 10));
  const TrimmedLog trimmed = MustTrim(log, {.keep = 4});
  EXPECT_EQ(trimmed.engine, Engine::kOt);
  EXPECT_EQ(trimmed.dropped, 6U);
  EXPECT_EQ(trimmed.kept, 4U);
  EXPECT_EQ(trimmed.horizon, 6U);
  const auto content = ReadContent(SnapshotOf(trimmed.log));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->ot->Text(), std::string(10, 'x'));
  EXPECT_EQ(content->ot->revision(), 10U);
  EXPECT_EQ(content->ot->horizon(), 6U);
  EXPECT_FALSE(content->ot->CanFollow(5));
  EXPECT_TRUE(content->ot->CanFollow(6));
  EXPECT_EQ(MustTrim(SnapshotOf(trimmed.log), {.keep = 4}).dropped, 0U);
  EXPECT_EQ(MustTrim(SnapshotOf(trimmed.log), {.keep = 1}).dropped, 3U);
  EXPECT_EQ(MustTrim(log, {.up_to = 4}).dropped, 3U) << "an identity and three submissions";
}

TEST(TrimLogTest, ADocumentWithoutEditsHasNothingToLose) {
  EXPECT_EQ(MustTrim(TailOf(RgaRecords(1, {})), {}).dropped, 0U);
  EXPECT_EQ(MustTrim(TailOf(OtRecords(1, 0)), {}).dropped, 0U);
}

TEST(TrimLogTest, WhatCannotBeReadIsNotTrimmed) {
  std::vector<Record> broken = RgaRecords(3, {"text"});
  broken[1].bytes[broken[1].bytes.size() / 2] ^= 0x55;
  EXPECT_FALSE(TrimLog(TailOf(broken), {}));
  EXPECT_FALSE(TrimLog(TailOf({}), {}));
}

TEST(TrimLogTest, ABaseThatIsNoneIsDamage) {
  const std::vector<Record> records = RgaRecords(9, {"some", " text"});
  const Record base = MustTrim(TailOf({records[0], records[1]}), {}).log[1];
  const auto code = [](const std::vector<Record>& log) {
    const auto content = ReadContent(TailOf(log));
    return content ? ErrorCode{} : content.error().code;
  };
  EXPECT_EQ(code({records[0], base, records[2]}), ErrorCode{});
  EXPECT_EQ(code({records[0], records[1], base}), ErrorCode::kMalformedState);
  EXPECT_EQ(code({records[0], records[2]}), ErrorCode::kMissingDependency);
  EXPECT_EQ(code({RgaRecords(8, {})[0], base}), ErrorCode::kDocumentReplaced);
  Record damaged = base;
  damaged.bytes[damaged.bytes.size() / 2] ^= 1;
  EXPECT_EQ(code({records[0], damaged}), ErrorCode::kMalformedFile);
}

}  // namespace
}  // namespace cotext
