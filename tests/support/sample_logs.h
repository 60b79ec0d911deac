// Logs of small documents as servers write them.
#ifndef COTEXT_TESTS_SUPPORT_SAMPLE_LOGS_H_
#define COTEXT_TESTS_SUPPORT_SAMPLE_LOGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/offset.h"
#include "ot/log_codec.h"
#include "ot/submission.h"
#include "storage/document_list.h"
#include "sync/store.h"

namespace cotext {

// An identity, then an update for each text, which is put behind the one before.
inline std::vector<sync::Record> RgaRecords(uint8_t id, const std::vector<std::string>& texts) {
  std::vector<sync::Record> records = {
      IdentityRecord({.engine = Engine::kRga, .id = {.bytes = {id}}})};
  RgaDocument document(ReplicaId{.value = 7});
  uint64_t end = 0;
  for (const std::string& text : texts) {
    const Version before = document.version();
    document.Insert(CodePointOffset(end), text).value();
    end += text.size();
    records.push_back(
        {.kind = sync::RecordKind::kUpdate, .bytes = document.EncodeSince(before).value()});
  }
  return records;
}

// An identity, then so many submissions, each of one character.
inline std::vector<sync::Record> OtRecords(uint8_t id, uint64_t submissions) {
  std::vector<sync::Record> records = {
      IdentityRecord({.engine = Engine::kOt, .id = {.bytes = {id}}})};
  for (uint64_t seq = 1; seq <= submissions; ++seq) {
    Delta operation;
    operation.Insert("x");
    records.push_back(
        {.kind = sync::RecordKind::kSubmission,
         .bytes = EncodeSubmission(
             {.client = {.value = 5}, .seq = seq, .base = seq - 1, .operation = operation})});
  }
  return records;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_SAMPLE_LOGS_H_
