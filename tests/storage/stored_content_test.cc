// Earlier texts of an OT document, out of its log.
#include "storage/stored_content.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "ot/log_codec.h"
#include "ot/submission.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "sync/store.h"

namespace cotext {
namespace {

using sync::Record;
using sync::RecordKind;
using sync::StoredLog;

StoredLog NewLog(Engine engine) {
  StoredLog log;
  log.tail.push_back(IdentityRecord({.engine = engine, .id = {}}));
  return log;
}

// Appends what one client submits to the text that there is.
void Submit(StoredLog& log, uint64_t seq, const Delta& operation) {
  const OtSubmission submission{.client = {7}, .seq = seq, .base = seq - 1, .operation = operation};
  log.tail.push_back({.kind = RecordKind::kSubmission, .bytes = EncodeSubmission(submission)});
}

StoredLog Compacted(const StoredLog& log) {
  StoredLog compacted;
  compacted.snapshot = MakeSnapshot(log).value();
  return compacted;
}

ErrorCode CodeAt(const StoredLog& log, uint64_t revision) {
  const Expected<std::string> text = OtTextAt(log, revision);
  EXPECT_FALSE(text.has_value()) << revision;
  return text ? ErrorCode::kIo : text.error().code;
}

TEST(StoredContentTest, TheTextAtEachRevisionIsInTheLogAndInASnapshotOfIt) {
  StoredLog log = NewLog(Engine::kOt);
  Submit(log, 1, Delta().Insert("a\u00E4b"));
  Submit(log, 2, Delta().Retain(1).DeleteText("\u00E4"));
  Submit(log, 3, Delta().Insert("\U0001F600"));
  for (const StoredLog& read : {log, Compacted(log)}) {
    EXPECT_EQ(OtTextAt(read, 0), "");
    EXPECT_EQ(OtTextAt(read, 1), "a\u00E4b");
    EXPECT_EQ(OtTextAt(read, 2), "ab");
    EXPECT_EQ(OtTextAt(read, 3), "\U0001F600ab");
    EXPECT_EQ(CodeAt(read, 4), ErrorCode::kUnknownRevision);
  }
}

TEST(StoredContentTest, BehindASnapshotWhatWasDeletedWithoutItsTextEndsThePast) {
  StoredLog log = NewLog(Engine::kOt);
  Submit(log, 1, Delta().Insert("abc"));
  Submit(log, 2, Delta().Retain(1).Delete(1));
  Submit(log, 3, Delta().Insert("x"));
  EXPECT_EQ(OtTextAt(log, 1), "abc") << "on the way";
  const StoredLog compacted = Compacted(log);
  EXPECT_EQ(CodeAt(compacted, 1), ErrorCode::kTooOld);
  EXPECT_EQ(OtTextAt(compacted, 2), "ac");
}

TEST(StoredContentTest, WhatIsBeforeTheHorizonIsGoneWhateverTheLogStillHas) {
  StoredLog log = NewLog(Engine::kOt);
  for (uint64_t seq = 1; seq <= 5; ++seq) Submit(log, seq, Delta().Insert("x"));
  log.tail.push_back({.kind = RecordKind::kTruncation, .bytes = "\x03"});
  for (const StoredLog& read : {log, Compacted(log)}) {
    EXPECT_EQ(CodeAt(read, 2), ErrorCode::kTooOld);
    EXPECT_EQ(OtTextAt(read, 3), "xxx");
    EXPECT_EQ(OtTextAt(read, 5), "xxxxx");
  }
}

TEST(StoredContentTest, OtherDocumentsHaveNoRevisions) {
  EXPECT_EQ(CodeAt(NewLog(Engine::kRga), 0), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeAt(StoredLog(), 0), ErrorCode::kMalformedFile);
}

TEST(StoredContentTest, AFileOfOtIsWhatIsExported) {
  StoredLog log = NewLog(Engine::kOt);
  Submit(log, 1, Delta().Insert("say \"a\"\n"));
  EXPECT_EQ(ExportDocument(log, Profile::kSmall), OtDocumentJson({}, 1, "say \"a\"\n"));
}

}  // namespace
}  // namespace cotext
