// Bytes as a document file, checksums put right: loaded, written in every way, edited, trimmed.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/checkout.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/known_version.h"
#include "crdt/rga.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/document_id.h"
#include "document/error.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/rga_checks.h"
#include "tests/fuzz/right_checksums.h"

namespace cotext {
namespace {

constexpr ReplicaId kReader{50};
constexpr SequenceOptions kTiny{.leaf_runs = 4, .fanout = 2, .max_run = 3};
constexpr FileLimits kLimits{.section_bytes = 8192, .update = kFuzzUpdateLimits};
// Every element has a byte of text, or that was left out.
constexpr uint64_t kElementsMax = kLimits.section_bytes + kLimits.update.left_out;

Rga MustLoad(std::string_view bytes) {
  const auto file = DocumentFile::Open(bytes, DecompressForFuzz);
  COTEXT_CHECK(file.has_value());
  Expected<Rga> rga = file->Load(kReader);
  COTEXT_CHECK(rga.has_value());
  const Expected<std::string> text = file->Text();
  COTEXT_CHECK(text.has_value());
  COTEXT_CHECK(TextOf(*rga) == *text);
  return *std::move(rga);
}

// Writes a document and reads it again: the same, but for the deleted text where that is left out.
void CheckWritten(const Rga& rga, const DocumentId& id, const NamedVersions& names) {
  for (const UpdateEncoding& encoding : kAllEncodings) {
    const FileEncoding as_file{.neighbours = encoding.neighbours,
                               .drops_deleted_text = encoding.drops_deleted_text};
    const std::string bytes = EncodeDocumentFile(rga, id, as_file, names);
    const auto file = DocumentFile::Open(bytes, nullptr);
    COTEXT_CHECK(file.has_value());
    COTEXT_CHECK(file->names() == names);
    const Rga again = MustLoad(bytes);
    again.CheckInvariants();
    COTEXT_CHECK(TextOf(again) == TextOf(rga));
    COTEXT_CHECK(again.version_vector() == rga.version_vector());
    COTEXT_CHECK(again.frontier() == rga.frontier());
    CheckSameChanges(rga.PackedSince({}), again.PackedSince({}),
                     encoding.drops_deleted_text ? DeletedText::kIsLeftOut : DeletedText::kIsThere);
    COTEXT_CHECK(EncodeDocumentFile(again, id, as_file, names) == bytes);
  }
}

// The text at the versions that have names, if they are the document's, and what leads from there
// to its text.
void CheckPast(const Rga& rga, const NamedVersions& names) {
  const auto now = Checkout::At(rga, rga.version_vector());
  COTEXT_CHECK(now.has_value());
  COTEXT_CHECK(now->Text() == TextOf(rga));
  for (const auto& [name, heads] : names.versions()) {
    const auto version = VersionOf(rga.history().graph, heads);
    if (!version) continue;
    const auto checkout = Checkout::At(rga, *version);
    COTEXT_CHECK(checkout.has_value());
    COTEXT_CHECK(Apply(DeltaBetween(*checkout, *now), checkout->Text()) == TextOf(rga));
    COTEXT_CHECK(VersionOf(rga.history().graph, FrontierOf(rga.history().graph, *version)) ==
                 *version);
  }
}

// Edits a document and appends that to its file.
void CheckEdited(Rga rga, std::string_view file) {
  const VersionVector saved = rga.version_vector();
  const uint64_t length = rga.sequence().length();
  if (!rga.Replace(length / 2, std::min<uint64_t>(length - length / 2, 3), "\u00e9x")) return;
  const Rga again = MustLoad(std::string(file) + EncodeAppendix(rga, saved, {}));
  CheckSameReplicas(again, rga);
}

// Trims all history there is: the text stays, its file loads again, and it goes on.
void CheckTrimmed(Rga rga, const DocumentId& id) {
  const std::string text = TextOf(rga);
  const VersionVector version = rga.version_vector();
  COTEXT_CHECK(rga.Trim(version).has_value());
  rga.CheckInvariants();
  COTEXT_CHECK(TextOf(rga) == text);
  COTEXT_CHECK(rga.version_vector() == version);
  CheckWritten(rga, id, {});
  CheckEdited(rga, EncodeDocumentFile(rga, id, {}));
}

// Trims, where that can be, at versions that operations come after.
void CheckTrimmedInside(const Rga& rga) {
  for (const OpId head : rga.frontier()) {
    for (const uint64_t back : {1U, 2U, 8U}) {
      if (head.counter <= back) continue;
      Rga trimmed = rga;
      const std::vector<OpId> heads{{.counter = head.counter - back, .replica = head.replica}};
      const auto version = VersionOf(rga.history().graph, heads);
      if (!version || !trimmed.Trim(*version)) continue;
      trimmed.CheckInvariants();
      COTEXT_CHECK(TextOf(trimmed) == TextOf(rga));
      COTEXT_CHECK(trimmed.version_vector() == rga.version_vector());
    }
  }
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const std::string bytes = WithRightChecksums(input);
  const auto file = DocumentFile::Open(bytes, DecompressForFuzz, kLimits);
  if (!file) return false;
  const Expected<std::string> text = file->Text();
  const Expected<Rga> rga = file->Load(kReader, kTiny);
  if (!rga) {
    // Without updates, the text is read alone.
    COTEXT_CHECK(!file->has_updates() || !text.has_value());
    return false;
  }
  rga->CheckInvariants();
  COTEXT_CHECK(rga->history().text.end().value <= kElementsMax);
  COTEXT_CHECK(text.has_value());
  COTEXT_CHECK(TextOf(*rga) == *text);
  CheckWritten(*rga, file->id(), file->names());
  CheckPast(*rga, file->names());
  CheckNewcomers(*rga);
  CheckEdited(*rga, bytes);
  CheckTrimmed(*rga, file->id());
  CheckTrimmedInside(*rga);
  return true;
}

}  // namespace cotext
