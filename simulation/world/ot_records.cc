#include "simulation/world/ot_records.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "document/varint.h"
#include "ot/log_codec.h"
#include "ot/operation_codec.h"
#include "ot/server_snapshot.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"

namespace cotext {
namespace {

void Decide(OtLog& log, const OtSubmission& submission) {
  const OtOutcome outcome = log.state.Apply(submission);
  if (outcome.is_duplicate) return;
  const std::pair name(submission.client.value, submission.seq);
  if (!outcome.revision) {
    log.refused.emplace(name, outcome.revision.error().code);
    return;
  }
  const OtCommit& commit = log.state.CommitAt(*outcome.revision);
  log.commits.push_back(
      {.submission = {.writer = name.first,
                      .number = name.second,
                      .content = SubmissionContent(submission.base,
                                                   EncodeOperation(submission.operation))},
       .base = submission.base,
       .content = CommitContent(name.first, name.second, EncodeOperation(commit.operation))});
}

Expected<void> Take(OtLog& log, const sync::Record& record, const OtServerOptions& options) {
  switch (record.kind) {
    case sync::RecordKind::kOtState: {
      const auto snapshot = DecodeOtSnapshot(record.bytes);
      COTEXT_RETURN_IF_ERROR(snapshot);
      auto state = OtServerState::FromSnapshot(*snapshot, options);
      COTEXT_RETURN_IF_ERROR(state);
      log.state = *std::move(state);
      return {};
    }
    case sync::RecordKind::kSubmission: {
      const auto submission = DecodeSubmission(record.bytes);
      COTEXT_RETURN_IF_ERROR(submission);
      Decide(log, *submission);
      return {};
    }
    case sync::RecordKind::kTruncation:
      return log.state.TruncateBefore(ByteReader(record.bytes).Varint().value_or(0));
    default: return {};
  }
}

}  // namespace

std::string SubmissionContent(uint64_t base, std::string_view operation) {
  std::string content;
  AppendVarint(content, base);
  content += operation;
  return content;
}

std::string CommitContent(uint64_t client, uint64_t seq, std::string_view operation) {
  std::string content;
  AppendVarint(content, client);
  AppendVarint(content, seq);
  content += operation;
  return content;
}

Expected<OtLog> ReadOtLog(std::span<const sync::Record> records, const OtServerOptions& options) {
  OtLog log(options);
  for (const sync::Record& record : records) {
    COTEXT_RETURN_IF_ERROR(Take(log, record, options));
  }
  return log;
}

EditExtent ExtentOf(const OtServerState& state) {
  EditExtent extent;
  for (const OtDecision& decision : state.Snapshot().decisions) {
    extent[decision.client.value] = decision.seq;
  }
  return extent;
}

std::vector<Delivery> DeliveriesOf(std::span<const OtLogCommit> commits,
                                   std::span<const RevisionStep> steps) {
  std::vector<EditExtent> extents(1);  // Of each revision.
  std::vector<Delivery> in_log;
  for (const OtLogCommit& commit : commits) {
    const uint64_t writer = commit.submission.writer;
    const uint64_t seq = commit.submission.number;
    const size_t base = std::min<size_t>(commit.base, extents.size() - 1);
    in_log.push_back(
        {.copy = 0, .writer = writer, .first = seq, .last = seq, .seen = extents[base]});
    extents.push_back(extents.back());
    extents.back()[writer] = seq;
  }
  std::vector<Delivery> all = in_log;
  for (const RevisionStep& step : steps) {
    const uint64_t first = std::min(step.from, step.to - std::min<uint64_t>(step.to, 1));
    for (uint64_t r = first; r < std::min<uint64_t>(step.to, in_log.size()); ++r) {
      all.push_back(in_log[r]);
      all.back().copy = step.copy;
      all.back().at_us = step.at_us;
    }
  }
  return all;
}

std::string HistoryAsSeen(std::span<const OtLogCommit> commits,
                          const std::map<uint64_t, std::string>& seen) {
  std::string history;
  const auto append = [&](const std::string& content) {
    AppendVarint(history, content.size());
    history += content;
  };
  for (size_t i = 0; i < commits.size(); ++i) {
    const auto found = seen.find(i + 1);
    append(found == seen.end() ? commits[i].content : found->second);
  }
  // Those that the log does not have.
  for (auto at = seen.upper_bound(commits.size()); at != seen.end(); ++at) append(at->second);
  return history;
}

}  // namespace cotext
