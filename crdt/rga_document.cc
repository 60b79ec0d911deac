#include "crdt/rga_document.h"

#include <optional>
#include <utility>

#include "crdt/causal_graph.h"
#include "crdt/checkout.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/known_version.h"
#include "crdt/rga_anchor.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/made_for_size.h"
#include "document/shrink.h"
#include "document/text_conversion.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Whether keystrokes of others are merged in a way of their own, which is 2.5 kB.
constexpr bool kTakesShortWay = !kMadeForSize;

}  // namespace

Expected<std::unique_ptr<RgaDocument>> RgaDocument::Open(std::string file, ReplicaId replica,
                                                         Decompressor decompressor,
                                                         const FileLimits& limits,
                                                         const SequenceOptions& options) {
  auto stored = std::make_unique<Stored>();
  stored->bytes = std::move(file);
  stored->options = options;
  auto opened = DocumentFile::Open(stored->bytes, std::move(decompressor), limits);
  if (!opened) return std::unexpected(std::move(opened).error());
  stored->file = std::make_unique<DocumentFile>(*std::move(opened));
  auto document = std::make_unique<RgaDocument>(replica, options);
  document->id_ = stored->file->id();
  document->names_ = stored->file->names();
  auto undo = stored->file->Undo();
  if (!undo) return std::unexpected(std::move(undo).error());
  document->stored_undo_ = *std::move(undo);
  if (stored->file->has_updates()) {
    // Then the text takes all there is anyway.
    document->stored_ = std::move(stored);
    COTEXT_RETURN_IF_ERROR(document->Unpack());
    return document;
  }
  auto text = stored->file->Text();
  if (!text) return std::unexpected(std::move(text).error());
  stored->metrics = Measure(*text);
  stored->text = *std::move(text);
  document->stored_ = std::move(stored);
  return document;
}

bool RgaDocument::IsPackedAs(const FileEncoding& encoding) const {
  return stored_ != nullptr && !stored_->is_opened && stored_->file->id() == id_ &&
         encoding.compressor.method == stored_->compression && encoding.neighbours &&
         !encoding.drops_deleted_text && !encoding.keeps_undo;
}

Expected<std::string> RgaDocument::Save(const FileEncoding& encoding) const {
  if (IsPackedAs(encoding)) {
    if (names_.empty()) return stored_->bytes;
    return stored_->bytes + EncodeNamesAppendix(names_, encoding.compressor);
  }
  return Read([&](const Rga& rga) -> Expected<std::string> {
    std::string file = EncodeDocumentFile(rga, id_, encoding, names_);
    // Without its text, nothing that was deleted can come back.
    if (encoding.keeps_undo && !encoding.drops_deleted_text) {
      AppendSection(file, SectionKind::kUndo, EncodeUndoOf(rga), encoding.compressor);
    }
    return file;
  });
}

Expected<std::string> RgaDocument::SaveSince(const VersionVector& saved,
                                             const Compressor& compressor) const {
  COTEXT_RETURN_IF_ERROR(FindVersion());
  if (saved.Covers(version_vector())) return std::string();
  return Read([&](const Rga& rga) -> Expected<std::string> {
    return EncodeAppendix(rga, saved, compressor);
  });
}

Expected<Rga> RgaDocument::LoadStored() const {
  const auto read = stored_->text ? Expected<std::string>() : stored_->file->Text();
  if (!read) return std::unexpected(read.error());
  // With the text at hand, however it was come by: it does not count towards the file's limits.
  return stored_->file->Load(rga_.replica(), stored_->options,
                             stored_->text ? *stored_->text : *read);
}

Expected<void> RgaDocument::Unpack() const {
  if (stored_ == nullptr) return {};
  auto loaded = LoadStored();
  if (!loaded) return std::unexpected(std::move(loaded).error());
  rga_ = *std::move(loaded);
  if (stored_->is_opened) {
    opened_version_ = rga_.version_vector();
    opened_horizon_ = rga_.horizon().version;
    lacks_deleted_text_ = stored_->file->lacks_deleted_text();
  }
  step_begin_ = rga_.history().graph.end();
  stored_.reset();
  return {};
}

// Loading numbers everything as it was, so that steps of undo go on to mean the same.
Expected<void> RgaDocument::Pack(const Compressor& compressor, Decompressor decompressor) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  if (stored_ != nullptr) {
    stored_->text.reset();
    stored_->is_packed = true;
    return {};
  }
  auto packed = std::make_unique<Stored>();
  packed->is_opened = false;
  packed->is_packed = true;
  packed->compression = compressor.method;
  packed->summary = Summarize(rga_);
  packed->metrics = rga_.sequence().metrics();
  packed->options = rga_.sequence().options();
  packed->bytes =
      EncodeDocumentFile(rga_, id_, FileEncoding{.compressor = compressor, .neighbours = true});
  Shrink(packed->bytes);
  constexpr uint64_t kNoLimit = ~uint64_t{0};
  auto file = DocumentFile::Open(packed->bytes, std::move(decompressor),
                                 FileLimits{.section_bytes = kNoLimit, .base_runs = kNoLimit});
  if (!file) return std::unexpected(std::move(file).error());
  packed->file = std::make_unique<DocumentFile>(*std::move(file));
  // Not assigned: a string that is given a short one keeps its memory.
  Rga empty(rga_.replica(), packed->options);
  std::swap(rga_, empty);
  step_begin_ = OpIndex{};
  stored_ = std::move(packed);
  return {};
}

// The version of a document that may be packed.

RgaDocument::Summary RgaDocument::Summarize(const Rga& rga) {
  return Summary{.version = rga.version_vector(),
                 .horizon = rga.horizon().version,
                 .frontier = rga.frontier(),
                 .next_counter = rga.next_counter()};
}

Expected<void> RgaDocument::FindVersion() const {
  if (stored_ == nullptr || !stored_->is_packed) return Unpack();
  if (stored_->summary) return {};
  const Expected<Rga> loaded = LoadStored();
  if (!loaded) return std::unexpected(loaded.error());
  stored_->summary = Summarize(*loaded);
  opened_version_ = stored_->summary->version;
  opened_horizon_ = stored_->summary->horizon;
  return {};
}

const RgaDocument::Summary* RgaDocument::PackedSummary() const {
  static_cast<void>(FindVersion());
  return stored_ != nullptr && stored_->summary ? &*stored_->summary : nullptr;
}

VersionVector RgaDocument::version_vector() const {
  const Summary* const packed = PackedSummary();
  return packed != nullptr ? packed->version : rga_.version_vector();
}

std::vector<OpId> RgaDocument::frontier() const {
  const Summary* const packed = PackedSummary();
  return packed != nullptr ? packed->frontier : rga_.frontier();
}

uint64_t RgaDocument::next_counter() const {
  const Summary* const packed = PackedSummary();
  return packed != nullptr ? packed->next_counter : rga_.next_counter();
}

const VersionVector& RgaDocument::horizon() const {
  const Summary* const packed = PackedSummary();
  return packed != nullptr ? packed->horizon : rga_.horizon().version;
}

std::unique_ptr<RgaDocument> RgaDocument::Fork(ReplicaId replica) const {
  auto fork = std::unique_ptr<RgaDocument>(new RgaDocument(rga()));
  fork->SetReplica(replica);
  fork->id_ = id_;
  fork->opened_version_ = opened_version_;
  fork->opened_horizon_ = opened_horizon_;
  fork->names_ = names_;
  return fork;
}

void RgaDocument::SetReplica(ReplicaId replica) {
  COTEXT_CHECK(!in_transaction());
  rga_.SetReplica(replica);
  undo_ = UndoHistory();
  undo_manager().Clear();
  step_begin_ = rga_.history().graph.end();
}

// Editing.

Expected<void> RgaDocument::ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                              std::string_view text) {
  if (stored_ != nullptr || !(rga_.TryReplace(begin.value, count, text) ||
                              rga_.ReplaceIfValid(begin.value, count, text))) {
    return ReplaceUnpacked(begin, count, text);
  }
  if (observed()) RecordReplacement(begin.value, count, text);
  return {};
}

// Does the same for a document that may be packed, or says why it cannot be done.
Expected<void> RgaDocument::ReplaceUnpacked(CodePointOffset begin, uint64_t count,
                                            std::string_view text) {
  COTEXT_RETURN_IF_ERROR(Unpack());
  COTEXT_RETURN_IF_ERROR(rga_.Replace(begin.value, count, text));
  if (observed()) RecordReplacement(begin.value, count, text);
  return {};
}

void RgaDocument::RecordReplacement(uint64_t position, uint64_t erased, std::string_view inserted) {
  Record(Delta().Retain(position).Insert(inserted).Delete(erased));
}

void RgaDocument::OnCommit() {
  if (rga_.history().graph.end() != step_begin_) FinishStep();
}

// Merging.

Expected<void> RgaDocument::IntegrateQuietly(const ChangeView& change) {
  const auto effects =
      rga_.Integrate(change, observed() ? Rga::Effects::kCollect : Rga::Effects::kIgnore);
  if (!effects) return std::unexpected(effects.error());
  RecordEffects(*effects);
  return {};
}

void RgaDocument::RecordEffects(const std::vector<Rga::Effect>& effects) {
  for (const Rga::Effect& effect : effects) {
    RecordReplacement(effect.position, effect.erased,
                      rga_.history().text.Slice(effect.inserted.first, effect.inserted.length));
  }
}

Expected<void> RgaDocument::Integrate(const ChangeView& change) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  const Expected<void> integrated = IntegrateQuietly(change);
  step_begin_ = rga_.history().graph.end();
  Notify(EditOrigin::kRemote);
  return integrated;
}

Expected<void> RgaDocument::MergeUpdate(const Update& update) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  Expected<void> merged;
  if (!observed() || rga_.history().text.end() == Lv{0}) {
    merged = rga_.IntegrateAll(update);
    // To whom heard of nothing, all is one insert.
    if (observed()) RecordReplacement(0, 0, Text());
  } else {
    for (size_t i = 0; i < update.size() && merged; ++i) merged = IntegrateQuietly(update[i]);
  }
  step_begin_ = rga_.history().graph.end();
  Notify(EditOrigin::kRemote);
  return merged;
}

Expected<void> RgaDocument::Merge(std::string_view update) {
  if constexpr (kTakesShortWay) {
    const std::optional<SmallUpdate> small = ReadSmallUpdate(update);
    if (small && stored_ == nullptr && TryMerge(*small)) return {};
  }
  Expected<PackedUpdate> decoded = DecodePackedUpdate(update);
  if (!decoded) return std::unexpected(std::move(decoded).error());
  return MergePacked(*std::move(decoded));
}

// Merges what somebody typed, if that is simple; returns whether it was.
bool RgaDocument::TryMerge(const SmallUpdate& update) {
  if (!is_quiet() && !CheckMayMerge()) return false;
  const auto effects =
      rga_.TryIntegrate(update, observed() ? Rga::Effects::kCollect : Rga::Effects::kIgnore);
  if (!effects) return false;
  RecordEffects(*effects);
  step_begin_ = rga_.history().graph.end();
  Notify(EditOrigin::kRemote);
  return true;
}

Expected<void> RgaDocument::MergePacked(PackedUpdate&& update) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  const bool was_empty = rga_.history().text.end() == Lv{0};
  const bool follows = observed() && !was_empty;
  const Rga::Integration merged = rga_.IntegratePacked(
      std::move(update), follows ? Rga::Effects::kCollect : Rga::Effects::kIgnore);
  if (follows) {
    RecordEffects(merged.effects);
  } else if (observed()) {
    // To whom heard of nothing, all is one insert.
    RecordReplacement(0, 0, Text());
  }
  step_begin_ = rga_.history().graph.end();
  Notify(EditOrigin::kRemote);
  return merged.result;
}

Expected<std::string> RgaDocument::EncodeBase() const {
  return Read([this](const Rga& rga) -> Expected<std::string> { return EncodeBaseFile(rga, id_); });
}

Expected<void> RgaDocument::MergeBase(std::string_view file) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  const auto opened = DocumentFile::Open(file, {});
  if (!opened) return std::unexpected(opened.error());
  if (id_ != DocumentId{} && opened->id() != id_) {
    return MakeError(ErrorCode::kDocumentReplaced, "what it is to begin with is another document");
  }
  Expected<Rga> loaded = opened->Load(rga_.replica(), rga_.sequence().options());
  if (!loaded) return std::unexpected(std::move(loaded).error());
  const VersionVector here = rga_.version_vector();
  if (here.Covers(loaded->version_vector())) return {};
  if (!here.empty()) {
    return MakeError(ErrorCode::kHistoryTrimmed, "what is here is from before what was trimmed");
  }
  rga_ = *std::move(loaded);
  id_ = opened->id();
  lacks_deleted_text_ = opened->lacks_deleted_text();
  step_begin_ = rga_.history().graph.end();
  if (observed()) RecordReplacement(0, 0, Text());
  Notify(EditOrigin::kRemote);
  return {};
}

Expected<std::string> RgaDocument::EncodeSince(const Version& version) const {
  const Expected<VersionVector> known = VersionVector::Decode(version.bytes);
  if (!known) return std::unexpected(known.error());
  return EncodeSince(*known, PackedUpdate::kOperationsMax);
}

Expected<std::string> RgaDocument::EncodeSince(const VersionVector& known,
                                               uint64_t operations_max) const {
  COTEXT_RETURN_IF_ERROR(FindVersion());
  if (!known.Covers(horizon())) {
    return MakeError(ErrorCode::kHistoryTrimmed, "the version lacks operations that were trimmed");
  }
  // Then there is no need to load what is packed.
  if (stored_ != nullptr && known.Covers(version_vector())) return EncodePackedUpdate({});
  return Read([&](const Rga& rga) -> Expected<std::string> {
    return EncodePackedUpdate(rga.PackedSince(known, operations_max));
  });
}

// Undo.

Expected<OperationRange> RgaDocument::TakeBackOperations(std::span<const OperationRange> step) {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const std::optional<uint64_t> oldest = undo_manager().OldestOperation();
  COTEXT_CHECK(oldest.has_value());
  undo_.ForgetCopiesBefore(rga_, OpIndex{static_cast<uint32_t>(*oldest)});
  const Expected<UndoHistory::TakenBack> taken = undo_.TakeBack(rga_, step);
  step_begin_ = rga_.history().graph.end();
  if (!taken) return std::unexpected(taken.error());
  if (observed()) {
    for (const UndoHistory::Replacement& replacement : taken->replacements) {
      RecordReplacement(replacement.position, replacement.erased, replacement.inserted);
    }
  }
  return taken->operations;
}

Anchor RgaDocument::AnchorOnLiving(const Anchor& anchor) const {
  if (!ClingsToCharacter(anchor)) return anchor;
  const std::optional<Lv> element = ElementOfRgaAnchor(rga_, anchor);
  return element ? MoveRgaAnchor(rga_, anchor, undo_.LivingForm(rga_, *element)) : anchor;
}

std::string RgaDocument::EncodeUndoOf(const Rga& rga) const {
  return cotext::EncodeUndo({.rga = rga, .id = id_, .manager = undo_manager(), .history = undo_});
}

std::string RgaDocument::EncodeUndo() const {
  auto bytes = Read([this](const Rga& rga) -> Expected<std::string> { return EncodeUndoOf(rga); });
  return bytes ? *std::move(bytes) : EncodeUndoOf(rga_);
}

Expected<void> RgaDocument::DecodeUndo(std::string_view bytes, FormerSelves former) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  if (lacks_deleted_text_) {
    return MakeError(ErrorCode::kInvalidUndo, "what was deleted was not kept in the file");
  }
  Expected<DecodedUndo> decoded = cotext::DecodeUndo(bytes, rga_, id_, former);
  if (!decoded) return std::unexpected(std::move(decoded).error());
  undo_ = std::move(decoded->history);
  RestoreSteps(std::move(decoded->undo), std::move(decoded->redo));
  return {};
}

Expected<bool> RgaDocument::RestoreUndo(FormerSelves former) {
  if (stored_undo_.empty()) return false;
  COTEXT_RETURN_IF_ERROR(DecodeUndo(stored_undo_, former));
  stored_undo_.clear();
  return true;
}

// Reading.

Expected<CodePointOffset> RgaDocument::ToCodePoint(AnyOffset at) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  return ConvertToCodePoint(RgaText(rga_), at);
}

Expected<ByteOffset> RgaDocument::ToByte(CodePointOffset at) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  return ConvertToByte(RgaText(rga_), at);
}

Expected<Utf16Offset> RgaDocument::ToUtf16(CodePointOffset at) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  return ConvertToUtf16(RgaText(rga_), at);
}

Expected<Point> RgaDocument::ToPoint(CodePointOffset at) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  return ConvertToPoint(RgaText(rga_), at);
}

Expected<void> RgaDocument::ForEachChunk(CodePointOffset begin, CodePointOffset end,
                                         const ChunkReader& reader) const {
  if (stored_ != nullptr && begin.value == 0 && end.value == stored_->metrics.code_points) {
    const auto read = stored_->text ? Expected<std::string>() : stored_->file->Text();
    if (!read) return std::unexpected(read.error());
    const std::string& text = stored_->text ? *stored_->text : *read;
    if (!text.empty()) reader(text);
    return {};
  }
  COTEXT_RETURN_IF_ERROR(Unpack());
  COTEXT_RETURN_IF_ERROR(ConvertToCodePoint(RgaText(rga_), end));
  if (end < begin) return MakeError(ErrorCode::kOutOfRange, "the range ends before it begins");
  RgaText(rga_).ForEachChunk(begin.value, end.value, reader);
  return {};
}

// History.

Expected<VersionVector> RgaDocument::VersionOf(std::span<const OpId> heads) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  return cotext::VersionOf(rga_.history().graph, heads);
}

Expected<std::string> RgaDocument::TextAt(const VersionVector& version) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const auto checkout = Checkout::At(rga_, version);
  if (!checkout) return std::unexpected(checkout.error());
  return checkout->Text();
}

Expected<Delta> RgaDocument::DeltaBetween(const VersionVector& from,
                                          const VersionVector& to) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const auto before = Checkout::At(rga_, from);
  if (!before) return std::unexpected(before.error());
  const auto after = Checkout::At(rga_, to);
  if (!after) return std::unexpected(after.error());
  return cotext::DeltaBetween(*before, *after);
}

Expected<std::vector<BlameRange>> RgaDocument::Blame(const AnyOffset& begin,
                                                     const AnyOffset& end) const {
  const Expected<CodePointOffset> first = ToCodePoint(begin);
  if (!first) return std::unexpected(first.error());
  const Expected<CodePointOffset> last = ToCodePoint(end);
  if (!last) return std::unexpected(last.error());
  if (*last < *first) return MakeError(ErrorCode::kOutOfRange, "the range ends before it begins");
  return cotext::Blame(rga_, *first, *last);
}

Expected<std::vector<BlameRange>> RgaDocument::BlameAt(const VersionVector& version) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const auto checkout = Checkout::At(rga_, version);
  if (!checkout) return std::unexpected(checkout.error());
  return cotext::Blame(rga_, *checkout);
}

Expected<void> RgaDocument::NameVersion(std::string_view name, const VersionVector& version) {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const CausalGraph& graph = rga_.history().graph;
  COTEXT_RETURN_IF_ERROR(CheckVersion(graph, version));
  return names_.Set(name, FrontierOf(graph, version));
}

Expected<VersionVector> RgaDocument::VersionNamed(std::string_view name) const {
  const std::vector<OpId>* const heads = names_.Find(name);
  if (heads == nullptr) {
    return MakeError(ErrorCode::kUnknownVersion, "no version has that name");
  }
  return VersionOf(*heads);
}

Expected<void> RgaDocument::Trim(const VersionVector& version) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  COTEXT_RETURN_IF_ERROR(Unpack());
  std::vector<Lv> elements;  // Of the anchors; ids of what is dropped lead nowhere afterwards.
  ForEachUndoAnchor([&](const Anchor& anchor) {
    elements.push_back(ElementOfRgaAnchor(rga_, anchor).value_or(kNoLv));
  });
  const Expected<Renumbering> numbers = rga_.Trim(version);
  if (!numbers) return std::unexpected(numbers.error());
  std::string().swap(stored_undo_);
  MoveUndoAnchors(elements, *numbers);
  undo_.Renumber(*numbers);
  step_begin_ = rga_.history().graph.end();
  ForgetStepsBefore(numbers->operations());
  return {};
}

// Moves anchors whose elements, by their former numbers, were dropped: to what one came back as and
// that is kept, or else to the place where it would be found.
void RgaDocument::MoveUndoAnchors(const std::vector<Lv>& elements, const Renumbering& numbers) {
  ForEachUndoAnchor([&, next = elements.begin()](Anchor& anchor) mutable {
    const Lv element = *next++;
    if (element == kNoLv || numbers.Of(element) != kNoLv) return;
    const Lv form = ClingsToCharacter(anchor) ? undo_.KeptForm(element, numbers) : element;
    const Lv kept = numbers.Of(form);
    anchor = kept != kNoLv ? MoveRgaAnchor(rga_, anchor, kept)
                           : AnchorInPlaceBefore(rga_, numbers.NextOf(form));
  });
}

// Anchors.

Expected<Anchor> RgaDocument::CreateAnchor(AnyOffset at, Bias bias) const {
  const Expected<CodePointOffset> position = ToCodePoint(at);
  if (!position) return std::unexpected(position.error());
  return CreateRgaAnchor(rga_, position->value, bias);
}

Expected<CodePointOffset> RgaDocument::ResolveAnchor(const Anchor& anchor) const {
  COTEXT_RETURN_IF_ERROR(Unpack());
  const Expected<uint64_t> position = ResolveRgaAnchor(rga_, anchor);
  if (!position) return std::unexpected(position.error());
  return CodePointOffset{*position};
}

}  // namespace cotext
