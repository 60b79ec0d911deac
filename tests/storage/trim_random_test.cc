// Documents that are trimmed again and again, at random, between the lives of a server, beside all
// that was ever appended to their logs: nobody who was up to date notices, and whoever was not
// keeps his text.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "storage/trim_log.h"
#include "sync/client.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/sync/sync_rig.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;

class TrimmedWorld {
 public:
  explicit TrimmedWorld(Random& random)
      : random_(random), rig_(random, {.clients = random.Between(2, 4)}) {}

  void Run(uint64_t steps) {
    for (; steps > 0 && !testing::Test::HasFailure(); --steps) Step();
    // What was typed into a new copy before it had come is refused, too.
    do {
      LetAllConnect();
    } while (RenewAllThatFailed());
    ASSERT_TRUE(rig_.Quiesce()) << rig_.Describe();
    Remember();
    ASSERT_EQ(rig_.StoredText(), all_.Text());
    for (size_t i = 0; i < rig_.client_count(); ++i) {
      ASSERT_EQ(rig_.document(i).Text(), all_.Text());
    }
  }

  uint64_t trims() const { return trims_; }
  uint64_t failures() const { return failures_; }

 private:
  void Step() {
    const size_t client = random_.Below(rig_.client_count());
    switch (random_.Below(12)) {
      case 0:
      case 1:
      case 2: Edit(client); break;
      case 3: rig_.Advance(random_.Below(2'000)); break;
      case 4:
        if (random_.Chance(20)) rig_.Disconnect(client);
        break;
      case 5:
        if (random_.Chance(15)) Trim();
        break;
      case 6: RenewAllThatFailed(); break;
      case 7:
      case 8: rig_.AnswerStore(); break;
      default: rig_.Deliver(client, random_.Chance(50)); break;
    }
    rig_.Settle();
    Remember();
  }

  void Edit(size_t client) {
    Document& document = rig_.document(client);
    const uint64_t length = document.metrics().code_points;
    const uint64_t begin = random_.Below(length + 1);
    const uint64_t end = begin + random_.Below(std::min<uint64_t>(length - begin, 4) + 1);
    ASSERT_TRUE(
        document.Replace(CodePointOffset{begin}, CodePointOffset{end}, RandomText(random_, 4)));
  }

  void Trim() {
    // Otherwise the next server would be gone before anybody has found it.
    if (random_.Chance(70)) LetAllConnect();
    for (uint64_t steps = random_.Below(20); steps > 0; --steps) {
      const size_t client = random_.Below(rig_.client_count());
      if (random_.Chance(30)) Edit(client);
      rig_.Settle();
      rig_.Deliver(client, random_.Chance(50));
      if (random_.Chance(30)) rig_.AnswerStore();
    }
    rig_.CrashServer();
    Remember();
    if (rig_.log().empty()) return;
    const sync::StoredLog log{.snapshot = {}, .snapshot_position = 0, .tail = rig_.log()};
    const auto trimmed = TrimLog(log, {.keep = random_.Chance(50) ? 0 : random_.Below(40)});
    ASSERT_TRUE(trimmed) << trimmed.error().message;
    if (trimmed->dropped == 0) return;
    ++trims_;
    rig_.ReplaceLog(trimmed->log);
    ASSERT_EQ(rig_.StoredText(), all_.Text());
  }

  // Waits longer than a client does before it tries again.
  void LetAllConnect() {
    for (int passed_ms = 0; passed_ms < 70'000; passed_ms += 200) {
      rig_.Advance(200);
      for (bool has_moved = true; has_moved;) {
        has_moved = rig_.AnswerStore();
        for (size_t i = 0; i < rig_.client_count(); ++i) {
          has_moved |= rig_.Deliver(i, true);
          has_moved |= rig_.Deliver(i, false);
        }
      }
    }
  }

  // Merges what was appended to the log, which the next trim may take.
  void Remember() {
    for (const Record& record : rig_.log()) {
      if (record.kind != RecordKind::kUpdate || !seen_.insert(record.bytes).second) continue;
      ASSERT_TRUE(all_.Merge(record.bytes));
    }
  }

  // Whoever was refused has his text, and begins anew.
  bool RenewAllThatFailed() {
    bool any = false;
    for (size_t i = 0; i < rig_.client_count(); ++i) {
      for (const sync::ClientEvent& event : rig_.events(i)) {
        const auto* const failed = std::get_if<sync::DocumentFailed>(&event);
        if (failed == nullptr) continue;
        EXPECT_EQ(failed->error.code, ErrorCode::kHistoryTrimmed) << failed->error.message;
        EXPECT_FALSE(rig_.document(i).version().bytes.empty());
        ++failures_;
        any = true;
        rig_.RenewClient(i);
        break;
      }
    }
    return any;
  }

  Random& random_;
  sync::SyncRig rig_;
  RgaDocument all_{ReplicaId{1}};  // Never trimmed.
  std::set<std::string> seen_;     // Updates that it has.
  uint64_t trims_ = 0;
  uint64_t failures_ = 0;
};

TEST(TrimRandomTest, WhatIsTrimmedIsServedAsIfItWereNot) {
  uint64_t trims = 0;
  uint64_t failures = 0;
  ForEachSeed(60, [&](Random& random) {
    TrimmedWorld world(random);
    world.Run(random.Between(100, 400));
    trims += world.trims();
    failures += world.failures();
  });
  EXPECT_GT(trims, 60U);
  EXPECT_GT(failures, 20U) << "hardly anybody was away";
}

}  // namespace
}  // namespace cotext
