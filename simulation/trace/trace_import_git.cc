#include "simulation/trace/trace_import_git.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/rga.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/text_diff.h"
#include "document/utf8.h"
#include "simulation/trace/trace_error.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_rebase.h"

namespace cotext {
namespace {

std::string TextOf(const Rga& rga) {
  std::string text;
  text.reserve(rga.sequence().metrics().bytes);
  RgaText(rga).ForEachChunk(0, rga.sequence().metrics().code_points,
                            [&text](std::string_view chunk) { text += chunk; });
  return text;
}

// Returns the size of the character that begins at `byte`, or 0 if there is none.
size_t ValidBytesAt(std::string_view text, size_t byte) {
  const std::string_view character = text.substr(byte, CharacterBytes(text[byte]));
  return IsValidUtf8(character) ? character.size() : 0;
}

size_t FirstInvalidByte(std::string_view text) {
  size_t byte = 0;
  while (byte < text.size()) {
    const size_t valid = ValidBytesAt(text, byte);
    if (valid == 0) break;
    byte += valid;
  }
  return byte;
}

std::string ReplaceInvalidBytes(std::string_view text) {
  constexpr std::string_view kReplacement = "\uFFFD";
  std::string replaced;
  replaced.reserve(text.size());
  for (size_t byte = 0; byte < text.size();) {
    const size_t valid = ValidBytesAt(text, byte);
    replaced += valid == 0 ? kReplacement : text.substr(byte, valid);
    byte += std::max<size_t>(valid, 1);
  }
  return replaced;
}

class Importer {
 public:
  Importer(const GitHistory& history, const ImportPlan& plan, const ReadCommitText& read_text,
           InvalidBytes invalid_bytes)
      : history_(history),
        plan_(plan),
        read_text_(read_text),
        invalid_bytes_(invalid_bytes),
        result_{.trace = Trace(history.name, plan.graph.kind(), plan.graph.agent_count())} {}

  Expected<ImportedTrace> Run(const Progress& progress) {
    const auto make_edits = [this](size_t transaction, Rga& replica) {
      return MakeTransaction(transaction, replica);
    };
    const auto made = BuildHistoryWith(plan_.graph, make_edits, progress);
    if (!made) return std::unexpected(made.error());
    result_.trace.set_end_content(std::move(text_));  // The one head's.
    return std::move(result_);
  }

 private:
  bool FollowsTheLast(size_t transaction) const;
  Expected<uint64_t> MakeTransaction(size_t transaction, Rga& replica);
  Expected<std::string> ReadText(uint32_t commit);
  Expected<void> AddPatch(size_t transaction, const TracePatch& patch, Rga& replica);

  const GitHistory& history_;
  const ImportPlan& plan_;
  const ReadCommitText& read_text_;
  InvalidBytes invalid_bytes_;
  ImportedTrace result_;
  std::string text_;  // After the last transaction.
};

// Returns whether the state at a transaction's parents is the one that the last transaction made.
// To know its text then saves walking over all tombstones in most transactions.
bool Importer::FollowsTheLast(size_t transaction) const {
  const auto parents = plan_.graph.parents(transaction);
  return parents.size() == 1 && parents[0] + 1 == transaction;
}

// Makes the text of the transaction's commit of what the replica has.
Expected<uint64_t> Importer::MakeTransaction(size_t transaction, Rga& replica) {
  auto text = ReadText(plan_.commits[transaction]);
  if (!text) return std::unexpected(std::move(text).error());
  if (!FollowsTheLast(transaction)) text_ = TextOf(replica);
  const Delta difference = DiffTexts(text_, *text);
  const std::vector<TracePatch> patches = ToPatches(difference);
  result_.trace.AddTransaction(plan_.graph.agent(transaction), plan_.graph.parents(transaction));
  for (const TracePatch& patch : patches) {
    COTEXT_RETURN_IF_ERROR(AddPatch(transaction, patch, replica));
  }
  COTEXT_DCHECK(TextOf(replica) == *text);
  text_ = *std::move(text);
  return patches.size();
}

// Returns the text of a commit as valid UTF-8.
Expected<std::string> Importer::ReadText(uint32_t commit) {
  auto text = read_text_(commit);
  if (!text || IsValidUtf8(*text)) return text;
  if (invalid_bytes_ == InvalidBytes::kRefuse) {
    return MakeError(ErrorCode::kInvalidUtf8,
                     history_.name + ": commit " + history_.commits[commit].id +
                         ": not UTF-8 at byte " + std::to_string(FirstInvalidByte(*text)));
  }
  ++result_.replaced;
  return ReplaceInvalidBytes(*text);
}

Expected<void> Importer::AddPatch(size_t transaction, const TracePatch& patch, Rga& replica) {
  Trace& trace = result_.trace;
  if (trace.patch_count() == Trace::kColumnMax ||
      patch.inserted.size() > Trace::kColumnMax - trace.inserted_bytes()) {
    const Error full{ErrorCode::kTooLarge,
                     "the trace would have too many patches or too much text"};
    return std::unexpected(EngineError(trace, transaction, full));
  }
  const auto edited = replica.Replace(patch.position, patch.deleted, patch.inserted);
  if (!edited) return std::unexpected(EngineError(trace, transaction, edited.error()));
  trace.AddPatch(patch);
  return {};
}

}  // namespace

Expected<ImportedTrace> ImportTrace(const GitHistory& history, const ImportPlan& plan,
                                    const ReadCommitText& read_text, InvalidBytes invalid_bytes,
                                    const Progress& progress) {
  return Importer(history, plan, read_text, invalid_bytes).Run(progress);
}

}  // namespace cotext
