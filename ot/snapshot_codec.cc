#include "ot/snapshot_codec.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/utf8.h"
#include "document/varint.h"
#include "ot/commit_codec.h"
#include "ot/ot_format.h"

namespace cotext {
namespace {

constexpr size_t kHashBytes = 8;
// Each with its numbers and its hash.
constexpr uint64_t kDecisionBytesMin = 3 + kHashBytes;
constexpr uint64_t kRevisionHashBytesMin = 1 + kHashBytes;

void AppendDecisions(std::string& bytes, const std::vector<OtDecision>& decisions) {
  AppendVarint(bytes, decisions.size());
  uint64_t previous = 0;
  for (const OtDecision& decision : decisions) {
    COTEXT_CHECK(decision.client.value > previous);
    AppendVarint(bytes, decision.client.value - std::exchange(previous, decision.client.value));
    AppendVarint(bytes, decision.seq);
    AppendVarint(bytes, decision.revision * 2 + (decision.refusal ? 1 : 0));
    if (decision.refusal) AppendVarint(bytes, static_cast<uint64_t>(*decision.refusal));
    AppendFixed64(bytes, decision.fingerprint);
  }
}

Expected<OtDecision> ReadDecision(OtReader& reader, OtClientId previous) {
  COTEXT_OT_READ(step, reader.Positive());
  if (step >= kOtIdLimit - previous.value) return reader.Malformed("has a client beyond 2^53");
  COTEXT_OT_READ(seq, reader.Positive());
  COTEXT_OT_READ(outcome, reader.Number());
  OtDecision decision{
      .client = OtClientId{previous.value + step}, .seq = seq, .revision = outcome / 2};
  if (outcome % 2 == 1) {
    COTEXT_OT_READ(code, reader.Number());
    if (code > UINT8_MAX || !IsDecision(static_cast<ErrorCode>(code))) {
      return reader.Malformed("has a refusal for no reason that decides");
    }
    decision.refusal = static_cast<ErrorCode>(code);
  }
  COTEXT_OT_READ(fingerprint, reader.Fixed64());
  decision.fingerprint = fingerprint;
  return decision;
}

Expected<std::vector<OtDecision>> ReadDecisions(OtReader& reader) {
  COTEXT_OT_READ(count, reader.Count(kDecisionBytesMin));
  std::vector<OtDecision> decisions;
  decisions.reserve(static_cast<size_t>(count));
  OtClientId previous;
  for (uint64_t i = 0; i < count; ++i) {
    COTEXT_OT_READ(decision, ReadDecision(reader, previous));
    previous = decision.client;
    decisions.push_back(decision);
  }
  return decisions;
}

void AppendHashes(std::string& bytes, const std::vector<OtRevisionHash>& hashes) {
  AppendVarint(bytes, hashes.size());
  uint64_t previous = 0;
  for (const OtRevisionHash& hash : hashes) {
    COTEXT_CHECK(hash.revision >= previous);
    AppendVarint(bytes, hash.revision - std::exchange(previous, hash.revision));
    AppendFixed64(bytes, hash.hash);
  }
}

Expected<std::vector<OtRevisionHash>> ReadHashes(OtReader& reader) {
  COTEXT_OT_READ(count, reader.Count(kRevisionHashBytesMin));
  std::vector<OtRevisionHash> hashes;
  hashes.reserve(static_cast<size_t>(count));
  uint64_t revision = 0;
  for (uint64_t i = 0; i < count; ++i) {
    COTEXT_OT_READ(step, reader.Number());
    if (step == 0 && i > 0) return reader.Malformed("has hashes that do not ascend");
    if (step >= kOtNumberLimit - revision) return reader.Malformed("has a hash beyond 2^53");
    revision += step;
    COTEXT_OT_READ(hash, reader.Fixed64());
    hashes.push_back({.revision = revision, .hash = hash});
  }
  return hashes;
}

Expected<std::vector<OtCommit>> ReadHistory(OtReader& reader, uint64_t revision) {
  Expected<std::vector<OtCommit>> history = ReadCommits(reader);
  COTEXT_RETURN_IF_ERROR(history);
  if (history->size() > revision) return reader.Malformed("has more commits than revisions");
  uint64_t next = revision - history->size();
  for (OtCommit& commit : *history) commit.revision = ++next;
  return history;
}

}  // namespace

void AppendOtSnapshotHead(std::string& bytes, const OtSnapshot& snapshot, uint64_t text_bytes) {
  AppendOtHead(bytes, OtForm::kSnapshot);
  for (const uint64_t number :
       {snapshot.log_position, snapshot.revision, snapshot.forgotten_below}) {
    COTEXT_CHECK(number < kOtNumberLimit);
    AppendVarint(bytes, number);
  }
  AppendVarint(bytes, text_bytes);
}

void AppendOtSnapshotTables(std::string& bytes, const OtSnapshot& snapshot) {
  AppendDecisions(bytes, snapshot.decisions);
  AppendHashes(bytes, snapshot.hashes);
}

std::string EncodeOtSnapshot(const OtSnapshot& snapshot) {
  std::string bytes;
  AppendOtSnapshotHead(bytes, snapshot, snapshot.text.size());
  bytes += snapshot.text;
  AppendOtSnapshotTables(bytes, snapshot);
  AppendCommits(bytes, snapshot.history);
  return bytes;
}

Expected<OtSnapshot> DecodeOtSnapshot(std::string_view bytes) {
  OtReader reader(bytes, ErrorCode::kMalformedState, "the snapshot");
  COTEXT_RETURN_IF_ERROR(reader.Head(OtForm::kSnapshot));
  OtSnapshot snapshot;
  for (uint64_t* const number :
       {&snapshot.log_position, &snapshot.revision, &snapshot.forgotten_below}) {
    COTEXT_OT_READ(value, reader.Number());
    *number = value;
  }
  COTEXT_OT_READ(text, reader.Sized());
  if (!IsValidUtf8(text)) {
    return MakeError(ErrorCode::kInvalidUtf8, "the snapshot's text is not valid UTF-8");
  }
  Expected<std::vector<OtDecision>> decisions = ReadDecisions(reader);
  COTEXT_RETURN_IF_ERROR(decisions);
  Expected<std::vector<OtRevisionHash>> hashes = ReadHashes(reader);
  COTEXT_RETURN_IF_ERROR(hashes);
  Expected<std::vector<OtCommit>> history = ReadHistory(reader, snapshot.revision);
  COTEXT_RETURN_IF_ERROR(history);
  snapshot.text = text;
  snapshot.decisions = *std::move(decisions);
  snapshot.hashes = *std::move(hashes);
  snapshot.history = *std::move(history);
  return snapshot;
}

}  // namespace cotext
