// The log of an RGA document as it is after all of its history, or some, was trimmed.
#ifndef COTEXT_TESTS_SUPPORT_TRIMMED_RECORDS_H_
#define COTEXT_TESTS_SUPPORT_TRIMMED_RECORDS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "document/document_id.h"
#include "sync/store.h"

namespace cotext {

// Returns a document's records: identity, base, and an update of what came behind that.
inline std::vector<sync::Record> RecordsOfTrimmed(const RgaDocument& document) {
  using sync::RecordKind;
  std::vector<sync::Record> records = {{.kind = RecordKind::kIdentity, .bytes = {'\0'}}};
  for (const uint8_t byte : document.id().bytes) records[0].bytes += static_cast<char>(byte);
  records.push_back({.kind = RecordKind::kBase, .bytes = document.EncodeBase().value()});
  if (document.version_vector() != document.horizon()) {
    const Version horizon{document.horizon().Encode()};
    records.push_back(
        {.kind = RecordKind::kUpdate, .bytes = document.EncodeSince(horizon).value()});
  }
  return records;
}

// Returns the records of a log of which all is trimmed.
inline std::vector<sync::Record> AllTrimmed(const std::vector<sync::Record>& log) {
  RgaDocument document(ReplicaId{.value = 1});
  for (const sync::Record& record : log) {
    if (record.kind == sync::RecordKind::kBase) EXPECT_TRUE(document.MergeBase(record.bytes));
    if (record.kind == sync::RecordKind::kUpdate) EXPECT_TRUE(document.Merge(record.bytes));
  }
  DocumentId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(log[0].bytes[i + 1]);
  }
  document.SetId(id);
  EXPECT_TRUE(document.Trim(document.version_vector()));
  std::vector<sync::Record> records = RecordsOfTrimmed(document);
  for (const sync::Record& record : log) {
    if (record.kind == sync::RecordKind::kWriter) records.insert(records.begin() + 1, record);
  }
  return records;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_TRIMMED_RECORDS_H_
