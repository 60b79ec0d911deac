// What was, for C: versions, texts, deltas, authors, names. Of the RGA.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/delta_view.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "bindings/c/version_argument.h"
#include "crdt/blame.h"
#include "crdt/codec/named_versions.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/sort.h"

namespace cotext::c {
namespace {

Refusal CheckHistory(const cotext_document* document, const void* version, size_t size) {
  if (const Refusal refusal = CheckRga(document); !refusal.is_ok()) return refusal;
  return CheckBytes(version, size);
}

cotext_blame ToC(const BlameRange& range) {
  return {.begin = range.begin.value,
          .length = range.length,
          .first = {.counter = range.first.counter, .writer = range.first.replica.value}};
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

cotext_status cotext_document_version_of(const cotext_document* document,
                                         const cotext_operation* operations, size_t count,
                                         cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckNotNull(out));
  COTEXT_C_REFUSE(CheckArray(operations, count, COTEXT_OPERATIONS_MAX));
  std::vector<OpId> heads;
  for (const cotext_operation& operation : SpanOf(operations, count)) {
    heads.push_back({.counter = operation.counter, .replica = {operation.writer}});
    if (!IsValid(heads.back())) return Fail(COTEXT_INVALID_ID, "there is no such operation");
  }
  Sort(heads);
  const Expected<VersionVector> version = document->rga->VersionOf(heads);
  return version ? Give(version->Encode(), out) : Fail(version.error());
}

cotext_status cotext_document_text_at(const cotext_document* document, const void* version,
                                      size_t size, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckHistory(document, version, size));
  COTEXT_C_REFUSE(CheckNotNull(out));
  const auto known = VersionArgument(version, size);
  if (!known) return Fail(known.error());
  return Give(document->rga->TextAt(*known), out);
}

cotext_status cotext_document_diff(const cotext_document* document, const void* from,
                                   size_t from_size, const void* to, size_t to_size,
                                   cotext_delta_fn reader, void* context) {
  COTEXT_C_REFUSE(CheckHistory(document, from, from_size));
  COTEXT_C_REFUSE(CheckBytes(to, to_size));
  COTEXT_C_REFUSE(CheckNotNull(reader));
  const auto before = VersionArgument(from, from_size);
  if (!before) return Fail(before.error());
  const auto after = VersionArgument(to, to_size);
  if (!after) return Fail(after.error());
  const Expected<Delta> delta = document->rga->DeltaBetween(*before, *after);
  if (!delta) return Fail(delta.error());
  const DeltaView view(*delta);
  const cotext_delta shown = view.view();
  const Showing showing(*document);
  reader(context, &shown);
  return COTEXT_OK;
}

cotext_status cotext_document_blame(const cotext_document* document, cotext_unit unit,
                                    uint64_t begin, uint64_t end, cotext_blame_fn reader,
                                    void* context) {
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckUnit(unit));
  COTEXT_C_REFUSE(CheckNotNull(reader));
  const auto ranges = document->rga->Blame(*OffsetOf(unit, begin), *OffsetOf(unit, end));
  if (!ranges) return Fail(ranges.error());
  std::vector<cotext_blame> shown;
  shown.reserve(ranges->size());
  for (const BlameRange& range : *ranges) shown.push_back(ToC(range));
  const Showing showing(*document);
  reader(context, shown.data(), shown.size());
  return COTEXT_OK;
}

cotext_status cotext_document_name_version(cotext_document* document, const char* name,
                                           size_t name_size, const void* version, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckHistory(document, version, size));
  COTEXT_C_REFUSE(CheckBytes(name, name_size));
  const auto known = VersionArgument(version, size);
  if (!known) return Fail(known.error());
  return Finish(document->rga->NameVersion(BytesOf(name, name_size), *known));
}

cotext_status cotext_document_version_named(const cotext_document* document, const char* name,
                                            size_t name_size, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(name, name_size));
  COTEXT_C_REFUSE(CheckNotNull(out));
  const auto version = document->rga->VersionNamed(BytesOf(name, name_size));
  return version ? Give(version->Encode(), out) : Fail(version.error());
}

cotext_status cotext_document_unname_version(cotext_document* document, const char* name,
                                             size_t name_size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(name, name_size));
  return document->rga->RemoveVersionName(BytesOf(name, name_size))
             ? COTEXT_OK
             : Fail(COTEXT_NO_SUCH, "no version has that name");
}

cotext_status cotext_document_version_names(const cotext_document* document, cotext_name_fn reader,
                                            void* context) {
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckNotNull(reader));
  const Showing showing(*document);
  for (const auto& [name, heads] : document->rga->named_versions().versions()) {
    reader(context, name.data(), name.size());
  }
  return COTEXT_OK;
}

cotext_status cotext_document_trim(cotext_document* document, const void* version, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckHistory(document, version, size));
  const auto known = VersionArgument(version, size);
  if (!known) return Fail(known.error());
  return Finish(document->rga->Trim(*known));
}

cotext_status cotext_document_horizon(const cotext_document* document, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckNotNull(out));
  if (const auto found = document->rga->FindVersion(); !found) return Fail(found.error());
  return Give(document->rga->horizon().Encode(), out);
}
