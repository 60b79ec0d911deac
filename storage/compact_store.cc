#include "storage/compact_store.h"

#include <string>
#include <utility>

#include "storage/document_list.h"
#include "storage/store_call.h"
#include "storage/stored_content.h"
#include "sync/store.h"

namespace cotext {
namespace {

constexpr size_t kDocumentsAtOnce = 1'000;

// What came of one document: an error of its own, which others need not mind.
struct Outcome {
  bool is_compacted = false;
  Expected<void> problem = {};
};

Expected<Outcome> CompactDocument(StoreEngine& engine, const std::string& name) {
  const sync::StoreAnswer loaded = engine.Load({.kind = StoreCall::Kind::kLoad, .document = name});
  if (!loaded.position) return Outcome{.problem = std::unexpected(loaded.position.error())};
  if (loaded.log.tail.empty()) return Outcome{};
  Expected<std::vector<sync::Record>> snapshot = MakeSnapshot(loaded.log);
  if (!snapshot) return Outcome{.problem = std::unexpected(std::move(snapshot).error())};
  const StoreCall call{.kind = StoreCall::Kind::kCompact,
                       .document = name,
                       .records = *std::move(snapshot),
                       .up_to = *loaded.position};
  const Expected<uint64_t> position = engine.Write({&call, 1}).at(0).position;
  if (!position) return std::unexpected(position.error());
  return Outcome{.is_compacted = true};
}

Expected<uint64_t> BytesOf(StoreEngine& engine) {
  return engine.database().Number(
      "SELECT page_count*page_size FROM pragma_page_count, pragma_page_size");
}

Expected<void> CompactAll(StoreEngine& engine, CompactReport& report,
                          const std::function<void(uint64_t)>& on_document) {
  std::string after;
  while (true) {
    const auto documents = ListDocuments(engine.database(), after, kDocumentsAtOnce);
    if (!documents) return std::unexpected(documents.error());
    if (documents->empty()) return {};
    for (const DocumentSummary& document : *documents) {
      const Expected<Outcome> outcome = CompactDocument(engine, document.name);
      if (!outcome) return std::unexpected(outcome.error());
      ++report.documents;
      if (outcome->is_compacted) ++report.compacted;
      if (!outcome->problem) {
        report.problems.push_back({.document = document.name, .error = outcome->problem.error()});
      }
      COTEXT_RETURN_IF_ERROR(engine.CheckpointIfLong());
      if (on_document) on_document(report.documents);
    }
    after = documents->back().name;
  }
}

}  // namespace

Expected<CompactReport> CompactStore(StoreEngine& engine,
                                     const std::function<void(uint64_t)>& on_document) {
  CompactReport report;
  const Expected<uint64_t> before = BytesOf(engine);
  if (!before) return std::unexpected(before.error());
  COTEXT_RETURN_IF_ERROR(CompactAll(engine, report, on_document));
  COTEXT_RETURN_IF_ERROR(engine.database().Execute("PRAGMA incremental_vacuum"));
  COTEXT_RETURN_IF_ERROR(engine.Checkpoint());
  const Expected<uint64_t> after = BytesOf(engine);
  if (!after) return std::unexpected(after.error());
  report.bytes_before = *before;
  report.bytes_after = *after;
  return report;
}

}  // namespace cotext
