#include "ot/ot_document.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "document/check.h"
#include "ot/ot_anchor.h"
#include "ot/position_map.h"
#include "ot/replacement.h"

namespace cotext {
namespace {

// Fewer edits than this are not worth looking for those that no step needs.
constexpr size_t kFewEdits = 64;

}  // namespace

Expected<std::unique_ptr<OtDocument>> OtDocument::FromText(std::string_view text,
                                                           const OtDocumentOptions& options) {
  Expected<TextBuffer> buffer = TextBuffer::FromText(text, options.text);
  COTEXT_RETURN_IF_ERROR(buffer);
  auto document = std::make_unique<OtDocument>(options);
  document->text_ = *std::move(buffer);
  return document;
}

// Editing.

// What a keystroke takes is kept apart from what a deletion takes.
Expected<void> OtDocument::InsertText(OwnEdits& edits, CodePointOffset at, std::string_view text) {
  const uint64_t length = text_.metrics().code_points;
  if (Expected<void> done = text_.Insert(at, text); !done) [[unlikely]]
    return done;
  const uint64_t inserted = text_.metrics().code_points - length;
  if (inserted == 0) return {};
  edits.Push(log_.number(), at.value, inserted, {});
  log_.Insert(at.value, inserted);
  if (observed()) RecordReplacement(at, 0, text);
  return {};
}

// Out of the way of the edits, for which it would keep registers.
void OtDocument::RecordReplacement(CodePointOffset begin, uint64_t count, std::string_view text) {
  Record(Delta().Retain(begin.value).Insert(text).Delete(count));
}

Expected<void> OtDocument::Edit(OwnEdits& edits, CodePointOffset begin, uint64_t count,
                                std::string_view text) {
  if (count == 0) return InsertText(edits, begin, text);
  const Expected<std::string> erased = text_.Slice(begin, CodePointOffset{begin.value + count});
  COTEXT_RETURN_IF_ERROR(erased);
  const uint64_t length = text_.metrics().code_points - count;
  COTEXT_RETURN_IF_ERROR(text_.Replace(begin, count, text));
  const uint64_t inserted = text_.metrics().code_points - length;
  edits.Push(log_.number(), begin.value, inserted, *erased);
  if (inserted > 0) log_.Insert(begin.value, inserted);
  log_.Erase(begin.value + inserted, count);
  if (observed()) RecordReplacement(begin, count, text);
  return {};
}

Expected<void> OtDocument::ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                             std::string_view text) {
  if (count == 0) return InsertText(undo_, begin, text);
  return Edit(undo_, begin, count, text);
}

void OtDocument::OnCommit() {
  const uint64_t first = std::exchange(step_begin_, log_.number());
  if (first == step_begin_) return;
  if (!undo_manager().Tracks(transaction_label())) Disown(first);
  RecordStep(OperationRange{.first = first, .length = step_begin_ - first});
  if (!redo_.empty() && !CanRedo()) redo_.Clear();
  if (undo_.size() >= forget_at_) ForgetEdits();
}

void OtDocument::Disown(uint64_t first) {
  for (const Delta& delta : undo_.TakeOutFrom(first)) {
    undo_.AddForeign(delta);
    redo_.AddForeign(delta);
  }
}

void OtDocument::ForgetEdits() {
  const uint64_t oldest = undo_manager().OldestOperation().value_or(log_.number());
  undo_.ForgetBefore(oldest);
  redo_.ForgetBefore(oldest);
  forget_at_ = 2 * undo_.size() + kFewEdits;
}

Expected<void> OtDocument::ApplyRemote(const Delta& delta) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(text_.Apply(delta));
  if (!CanUndo() && !CanRedo()) ForgetEdits();
  undo_.AddForeign(delta);
  redo_.AddForeign(delta);
  log_.Add(delta);
  step_begin_ = log_.number();
  if (observed()) Record(delta);
  Notify(EditOrigin::kRemote);
  return {};
}

// Undo.

Expected<OperationRange> OtDocument::TakeBackOperations(std::span<const OperationRange> step) {
  const uint64_t first = step.front().first;
  const uint64_t end = step.back().first + step.back().length;
  const bool undoes = !undo_.empty() && undo_.latest() >= first && undo_.latest() < end;
  OwnEdits& from = undoes ? undo_ : redo_;
  OwnEdits& to = undoes ? redo_ : undo_;
  COTEXT_CHECK(!from.empty());
  COTEXT_CHECK(from.latest() >= first);
  if (from.ErasedBytesFrom(first) > max_bytes_ - text_.metrics().bytes) {
    return MakeError(ErrorCode::kTooLarge, "what comes back may not fit");
  }
  OwnEdits::TakenBack taken = from.TakeBackFrom(first);
  const uint64_t begin = log_.number();
  for (const Replacement& part : ReplacementsOf(taken.delta)) {
    const auto edited = Edit(to, CodePointOffset{part.position}, part.erased, part.inserted);
    COTEXT_CHECK(edited.has_value());
  }
  step_begin_ = log_.number();
  if (taken.others) restored_.Add(first, step_begin_, *std::move(taken.others));
  return OperationRange{.first = begin, .length = step_begin_ - begin};
}

Anchor OtDocument::AnchorOnLiving(const Anchor& anchor) const {
  const std::optional<OtAnchor> decoded = DecodeOtAnchor(anchor);
  if (!decoded || decoded->place != AnchorPlace::kBetween || !log_.Knows(decoded->number)) {
    return anchor;
  }
  return AnchorAt(restored_.Map(log_, decoded->lean, decoded->number));
}

// Anchors.

Anchor OtDocument::AnchorAt(uint64_t lean) const {
  if (lean == 0) return EncodeOtAnchor({.place = AnchorPlace::kBeginning});
  if (lean == ToLean(text_.metrics().code_points, Bias::kAfter)) {
    return EncodeOtAnchor({.place = AnchorPlace::kEnd});
  }
  return EncodeOtAnchor({.place = AnchorPlace::kBetween, .number = log_.number(), .lean = lean});
}

Expected<Anchor> OtDocument::CreateAnchor(AnyOffset at, Bias bias) const {
  const Expected<CodePointOffset> position = ToCodePoint(at);
  COTEXT_RETURN_IF_ERROR(position);
  return AnchorAt(ToLean(position->value, bias));
}

Expected<CodePointOffset> OtDocument::ResolveAnchor(const Anchor& anchor) const {
  const std::optional<OtAnchor> decoded = DecodeOtAnchor(anchor);
  if (!decoded) {
    return MakeError(ErrorCode::kInvalidAnchor, "the bytes are not an anchor of this engine");
  }
  const CodePointOffset end{text_.metrics().code_points};
  if (decoded->place == AnchorPlace::kBeginning) return CodePointOffset{0};
  if (decoded->place == AnchorPlace::kEnd) return end;
  if (!log_.Knows(decoded->number)) {
    return MakeError(ErrorCode::kUnknownAnchor, "the anchor is too old, or of another document");
  }
  const uint64_t lean = log_.Map(decoded->lean, decoded->number, log_.number());
  const CodePointOffset position{LeanPosition(lean)};
  if (position > end) {
    return MakeError(ErrorCode::kUnknownAnchor, "the anchor is of another document");
  }
  return position;
}

// Versions.

Version OtDocument::version() const {
  Version version;
  for (uint64_t rest = revision_; rest > 0; rest >>= 8U) {
    version.bytes += static_cast<char>(rest & 0xffU);
  }
  return version;
}

Expected<std::string> OtDocument::EncodeSince(const Version& /*version*/) const {
  return MakeError(ErrorCode::kUnsupported, "a document of OT has no updates for peers");
}

Expected<void> OtDocument::Merge(std::string_view /*update*/) {
  return MakeError(ErrorCode::kUnsupported, "a document of OT cannot merge with peers");
}

// Reading.

Expected<void> OtDocument::ForEachChunk(CodePointOffset begin, CodePointOffset end,
                                        const ChunkReader& reader) const {
  if (end < begin) return MakeError(ErrorCode::kOutOfRange, "the range ends before it begins");
  return text_.ForEachChunk(begin, end, [&reader](std::string_view chunk) { reader(chunk); });
}

void OtDocument::CheckInvariants() const {
  text_.CheckInvariants();
  log_.CheckInvariants();
  undo_.CheckInvariants();
  redo_.CheckInvariants();
  undo_manager().CheckInvariants();
  COTEXT_CHECK(step_begin_ <= log_.number());
  for (const UndoStack stack : {UndoStack::kUndo, UndoStack::kRedo}) {
    const OwnEdits& edits = stack == UndoStack::kUndo ? undo_ : redo_;
    COTEXT_CHECK(undo_manager().step_count(stack) == 0 || !edits.empty());
    if (!edits.empty()) COTEXT_CHECK(edits.latest() < log_.number());
  }
}

}  // namespace cotext
