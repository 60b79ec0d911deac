#include "storage/trim_log.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "crdt/causal_graph.h"
#include "crdt/critical_version.h"
#include "crdt/local_index.h"
#include "storage/stored_content.h"
#include "sync/ot_host.h"

namespace cotext {
namespace {

const CausalGraph& GraphOf(const StoredContent& content) {
  return content.rga->rga().history().graph;
}

// Returns how many edits a document has, those that were dropped earlier left out for the RGA.
uint64_t EditsOf(const StoredContent& content) {
  return content.ot ? content.ot->revision() : GraphOf(content).end().value;
}

// Returns how many edits came by a position.
Expected<uint64_t> EditsBy(const sync::StoredLog& log, const StoredContent& content,
                           uint64_t position) {
  if (position >= log.position()) return EditsOf(content);
  if (position < log.snapshot_position || position == 0) return 0;
  sync::StoredLog beginning = log;
  beginning.tail.resize(static_cast<size_t>(position - log.snapshot_position));
  const Expected<StoredContent> earlier = ReadContent(beginning);
  if (!earlier) return std::unexpected(earlier.error());
  return EditsOf(*earlier);
}

Expected<void> TrimRga(StoredContent& content, uint64_t most, TrimmedLog& trimmed) {
  const CausalGraph& graph = GraphOf(content);
  const OpIndex end = LatestCriticalEnd(graph, OpIndex{static_cast<uint32_t>(most)});
  trimmed.dropped = end.value;
  trimmed.kept = graph.end() - end;
  if (trimmed.dropped > 0) {
    COTEXT_RETURN_IF_ERROR(content.rga->Trim(VersionOfFirst(graph, end)));
  }
  trimmed.frontier = content.rga->rga().horizon().frontier;
  return {};
}

Expected<void> TrimOt(StoredContent& content, uint64_t most, TrimmedLog& trimmed) {
  const uint64_t before = content.ot->horizon();
  trimmed.horizon = std::max(before, most);
  trimmed.dropped = trimmed.horizon - before;
  trimmed.kept = content.ot->revision() - trimmed.horizon;
  if (trimmed.dropped == 0) return {};
  return content.ot->Restore(sync::OtHost::TruncationAt(trimmed.horizon));
}

// Whoever reads what is left must find what there was: what is dropped cannot be had again.
Expected<void> CheckSame(const sync::StoredLog& log, const StoredContent& before) {
  const Expected<StoredContent> after = ReadContent(log);
  if (!after) return std::unexpected(after.error());
  const bool is_same = before.ot ? after->ot->Text() == before.ot->Text() &&
                                       after->ot->revision() == before.ot->revision()
                                 : after->rga->Text() == before.rga->Text() &&
                                       after->rga->version() == before.rga->version();
  if (is_same) return {};
  return MakeError(ErrorCode::kMalformedState, "what would be left is not the same text");
}

}  // namespace

Expected<TrimmedLog> TrimLog(const sync::StoredLog& log, const TrimLimits& limits) {
  const Expected<StoredContent> before = ReadContent(log);
  if (!before) return std::unexpected(before.error());
  const Expected<uint64_t> by_then = EditsBy(log, *before, limits.up_to);
  if (!by_then) return std::unexpected(by_then.error());
  const uint64_t all = EditsOf(*before);
  const uint64_t most = std::min(all - std::min(all, limits.keep), *by_then);
  Expected<StoredContent> content = ReadContent(log);
  if (!content) return std::unexpected(std::move(content).error());
  TrimmedLog trimmed{.engine = content->identity.engine};
  COTEXT_RETURN_IF_ERROR(content->ot ? TrimOt(*content, most, trimmed)
                                     : TrimRga(*content, most, trimmed));
  if (trimmed.dropped == 0) return trimmed;
  Expected<std::vector<sync::Record>> left = SnapshotOf(*content);
  if (!left) return std::unexpected(std::move(left).error());
  COTEXT_RETURN_IF_ERROR(CheckSame({.snapshot = *left, .tail = {}}, *before));
  trimmed.log = *std::move(left);
  return trimmed;
}

}  // namespace cotext
