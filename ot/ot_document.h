// A Document kept by OT: a text that others edit too, by way of a server that orders all edits.
//
// It knows no server. A driver (client_state.h) hears of what it must send as a listener, in events
// of kLocal and kUndo, and hands in what others did by ApplyRemote, already transformed to the text
// as it is. What only peers can do, merging and updates, is kUnsupported. The Version is the
// revision, which is the driver's to set.
//
// Anchors are mapped positions: an anchor names a state of the text and a position in it, and
// resolves to where the edits since have moved that (position_map.h), as an anchor of the RGA would
// be moved. Only the document that made it can resolve it, and only as long as there were not more
// than OtDocumentOptions::max_anchor_runs runs of edits since (position_log.h); after that it is
// kUnknownAnchor.
//
// Undo takes back one's own edits through later edits of others (own_edits.h). With no edit of
// others that touches a step's characters, undo then redo restores the text exactly; no character
// of another's is removed. What others delete too, after oneself, nobody hears of: undo brings it
// back, as the RGA would not.
//
// Complexity: as TextBuffer and OwnEdits; resolving an anchor O((log n)^2) for n runs of edits.
// Errors of its own: kTooLarge for an undo if the text and all that it brings back may exceed the
// limit together. Thread-compatible.
#ifndef COTEXT_OT_OT_DOCUMENT_H_
#define COTEXT_OT_OT_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/document.h"
#include "document/text_buffer.h"
#include "ot/own_edits.h"
#include "ot/position_log.h"
#include "ot/restored_states.h"

namespace cotext {

struct OtDocumentOptions {
  TextBufferOptions text = {};
  // At 24 to 200 bytes each. A person who types takes hours for as many.
  size_t max_anchor_runs = 65'536;
};

class OtDocument final : public Document {
 public:
  // REQUIRES: the options are within their bounds.
  explicit OtDocument(const OtDocumentOptions& options = {})
      : max_bytes_(options.text.max_bytes), text_(options.text), log_(options.max_anchor_runs) {}

  // Returns a document that begins with a text, as from a snapshot; nothing of it can be undone.
  // Errors: those of TextBuffer::FromText.
  static Expected<std::unique_ptr<OtDocument>> FromText(std::string_view text,
                                                        const OtDocumentOptions& options = {});

  // How many edits the server has ordered that are in this text.
  uint64_t revision() const { return revision_; }
  void SetRevision(uint64_t revision) { revision_ = revision; }

  // Returns why no edit of others' can be applied now, whatever it is: kTransactionOpen,
  // kReentrantEdit.
  Expected<void> CheckMayApplyRemote() const { return CheckMayMerge(); }
  // Applies an edit of others', already transformed to the text as it is. kDeltaMismatch if it does
  // not fit the text; kTransactionOpen, kReentrantEdit and kTooLarge as for any edit.
  Expected<void> ApplyRemote(const Delta& delta);

  const TextBuffer& buffer() const { return text_; }
  // What the text may have at most.
  uint64_t max_bytes() const { return max_bytes_; }

  Engine engine() const override { return Engine::kOt; }
  TextMetrics metrics() const override { return text_.metrics(); }
  Expected<CodePointOffset> ToCodePoint(AnyOffset at) const override {
    return text_.ToCodePoint(at);
  }
  Expected<ByteOffset> ToByte(CodePointOffset at) const override { return text_.ToByte(at); }
  Expected<Utf16Offset> ToUtf16(CodePointOffset at) const override { return text_.ToUtf16(at); }
  Expected<Point> ToPoint(CodePointOffset at) const override { return text_.ToPoint(at); }
  Expected<void> ForEachChunk(CodePointOffset begin, CodePointOffset end,
                              const ChunkReader& reader) const override;
  Expected<Anchor> CreateAnchor(AnyOffset at, Bias bias) const override;
  Expected<CodePointOffset> ResolveAnchor(const Anchor& anchor) const override;
  Version version() const override;
  Expected<std::string> EncodeSince(const Version& version) const override;
  Expected<void> Merge(std::string_view update) override;

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 protected:
  Expected<void> ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                   std::string_view text) override;
  void OnCommit() override;
  Expected<OperationRange> TakeBackOperations(std::span<const OperationRange> step) override;
  Anchor AnchorOnLiving(const Anchor& anchor) const override;

 private:
  // Inserts or replaces text, and notes it as the latest of `edits`.
  Expected<void> InsertText(OwnEdits& edits, CodePointOffset at, std::string_view text);
  Expected<void> Edit(OwnEdits& edits, CodePointOffset begin, uint64_t count,
                      std::string_view text);
  [[gnu::noinline]] void RecordReplacement(CodePointOffset begin, uint64_t count,
                                           std::string_view text);
  // Makes edits that are not tracked, numbered from `first` on, like those of others.
  void Disown(uint64_t first);
  // Forgets edits that no step of undo needs.
  void ForgetEdits();
  Anchor AnchorAt(uint64_t lean) const;

  uint64_t max_bytes_;
  TextBuffer text_;
  PositionLog log_;  // Its numbers number edits here, and operations for the UndoManager.
  OwnEdits undo_;
  OwnEdits redo_;
  size_t forget_at_ = 0;  // How many edits and runs make it worth to look which are needed.
  RestoredStates restored_;
  uint64_t step_begin_ = 0;  // Edits from here on belong to the next step of undo.
  uint64_t revision_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_OT_OT_DOCUMENT_H_
