// Bytes as the undo steps of a document: taken back, made again, written and read again.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/undo_codec.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "crdt/undo_history.h"
#include "document/check.h"
#include "document/error.h"
#include "document/undo_manager.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/sample_document.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{1};
constexpr SequenceOptions kTiny{.leaf_runs = 4, .fanout = 2, .max_run = 3};

const std::string& SampleFile() {
  static const std::string file = [] {
    RgaDocument document(kMe, kTiny);
    COTEXT_CHECK(document.MergeUpdate(SampleDocument().ChangesSince({})).has_value());
    // Some characters have come back.
    for (const uint64_t at : {1U, 4U, 2U}) {
      COTEXT_CHECK(document.Erase(CodePointOffset{at}, CodePointOffset{at + 2}).has_value());
    }
    for (int i = 0; i < 3; ++i) COTEXT_CHECK(document.Undo().has_value());
    COTEXT_CHECK(document.Redo().has_value());
    return document.Save({}).value();
  }();
  return file;
}

std::unique_ptr<RgaDocument> OpenSample() {
  auto opened = RgaDocument::Open(SampleFile(), kMe, nullptr, {}, kTiny);
  COTEXT_CHECK(opened.has_value());
  return *std::move(opened);
}

using Selves = std::vector<UndoHistory::FormerSelf>;

bool IsOwn(const Selves& selves, OpId id) {
  if (id.replica == kMe) return true;
  const auto self = std::ranges::find(selves, id.replica, &UndoHistory::FormerSelf::replica);
  return self != selves.end() && id.counter <= self->last_counter;
}

std::map<OpId, bool> DeletedById(const RgaDocument& document) {
  std::map<OpId, bool> deleted;
  document.rga().sequence().ForEachRun([&](const Sequence::Run& run) {
    for (uint32_t i = 0; i < run.length; ++i) {
      deleted.emplace(document.rga().history().IdOf(run.first + i), run.deleted);
    }
  });
  return deleted;
}

// Takes a step back, which deletes what is the user's and nothing else, and undeletes nothing.
void TakeBack(RgaDocument& document, const Selves& selves, UndoStack from) {
  const std::map<OpId, bool> before = DeletedById(document);
  const Expected<bool> done = from == UndoStack::kUndo ? document.Undo() : document.Redo();
  COTEXT_CHECK(done.has_value());
  for (const auto& [id, deleted] : DeletedById(document)) {
    const auto old = before.find(id);
    if (old == before.end()) {
      COTEXT_CHECK(id.replica == kMe);
    } else if (old->second != deleted) {
      COTEXT_CHECK(deleted);
      COTEXT_CHECK(IsOwn(selves, id));
    }
  }
  document.CheckInvariants();
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const std::unique_ptr<RgaDocument> document = OpenSample();
  if (!document->DecodeUndo(input, FormerSelves::kAdopt)) return false;
  document->CheckInvariants();
  const std::string written = document->EncodeUndo();
  const std::unique_ptr<RgaDocument> again = OpenSample();
  COTEXT_CHECK(again->DecodeUndo(written, FormerSelves::kAdopt).has_value());
  COTEXT_CHECK(again->EncodeUndo() == written);
  const auto decoded = DecodeUndo(input, document->rga(), document->id(), FormerSelves::kAdopt);
  COTEXT_CHECK(decoded.has_value());
  const Selves& selves = decoded->history.former_selves();
  while (document->CanUndo()) TakeBack(*document, selves, UndoStack::kUndo);
  while (document->CanRedo()) TakeBack(*document, selves, UndoStack::kRedo);
  return true;
}

}  // namespace cotext
