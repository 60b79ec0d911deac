// Documents for C: making, reading, converting offsets, anchors.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "ot/ot_replica.h"
#include "ot/submission.h"

namespace cotext::c {
namespace {

static_assert(COTEXT_WRITER_MAX == kIdLimit - 1);
static_assert(COTEXT_WRITER_MAX == kOtIdLimit - 1);
static_assert(COTEXT_ANCHOR_BYTES_MAX == Anchor::kMaxBytes);
static_assert(sizeof(DocumentId::bytes) == COTEXT_DOCUMENT_ID_BYTES);

Refusal CheckWriter(uint64_t writer) {
  if (IsValid(ReplicaId{writer})) return kAccepted;
  return {.status = COTEXT_INVALID_ID, .message = "a writer is a number from 1 to 2^53 - 1"};
}

struct Range {
  CodePointOffset begin;
  CodePointOffset end;
};

// REQUIRES: there is such a unit.
Expected<Range> RangeOf(const Document& document, cotext_unit unit, uint64_t begin, uint64_t end) {
  const Expected<CodePointOffset> first = document.ToCodePoint(*OffsetOf(unit, begin));
  if (!first) return std::unexpected(first.error());
  const Expected<CodePointOffset> last = document.ToCodePoint(*OffsetOf(unit, end));
  if (!last) return std::unexpected(last.error());
  if (*last < *first) return MakeError(ErrorCode::kOutOfRange, "the range ends before it begins");
  return Range{.begin = *first, .end = *last};
}

// Gives the text in a range, which has so many bytes and is copied once.
cotext_status GiveText(const Document& document, const Range& range, uint64_t bytes,
                       cotext_buffer* out) {
  const size_t size = static_cast<size_t>(bytes);
  char* const copy = static_cast<char*>(std::malloc(size + 1));
  if (copy == nullptr) return Fail(COTEXT_OUT_OF_MEMORY, "there is no memory for the text");
  size_t at = 0;
  const Expected<void> read =
      document.ForEachChunk(range.begin, range.end, [&](std::string_view chunk) {
        COTEXT_CHECK(chunk.size() <= size - at);
        chunk.copy(copy + at, chunk.size());
        at += chunk.size();
      });
  if (!read) {
    std::free(copy);
    return Fail(read.error());
  }
  copy[size] = '\0';
  *out = {.data = copy, .size = size};
  return COTEXT_OK;
}

Refusal CheckReading(const cotext_document* document, cotext_unit unit, const void* out) {
  if (const Refusal refusal = CheckNotNull(document, out); !refusal.is_ok()) return refusal;
  return CheckUnit(unit);
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

void cotext_buffer_free(cotext_buffer* buffer) {
  if (buffer == nullptr) return;
  std::free(buffer->data);
  *buffer = {.data = nullptr, .size = 0};
}

cotext_status cotext_document_new(cotext_engine engine, uint64_t writer, cotext_document** out) {
  COTEXT_C_REFUSE(CheckNotNull(out));
  COTEXT_C_REFUSE(CheckWriter(writer));
  auto handle = std::make_unique<cotext_document>();
  switch (engine) {
    case COTEXT_RGA: handle->rga = std::make_unique<RgaDocument>(ReplicaId{writer}); break;
    case COTEXT_OT: {
      auto replica = OtReplica::FromText(OtClientId{writer}, 0, {});
      if (!replica) return Fail(replica.error());
      handle->ot = *std::move(replica);
      break;
    }
    default: return Fail(COTEXT_INVALID_ARGUMENT, "there is no such engine");
  }
  *out = handle.release();
  return COTEXT_OK;
}

void cotext_document_free(cotext_document* document) {
  if (document != nullptr) Release(document);
}

cotext_status cotext_document_engine(const cotext_document* document, cotext_engine* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  *out = document->rga ? COTEXT_RGA : COTEXT_OT;
  return COTEXT_OK;
}

cotext_status cotext_document_writer(const cotext_document* document, uint64_t* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  *out = document->rga ? document->rga->replica().value : document->ot->client().value;
  return COTEXT_OK;
}

cotext_status cotext_document_set_writer(cotext_document* document, uint64_t writer) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckWriter(writer));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  if (document->sessions > 0) return Fail(COTEXT_BUSY, "the document is open in a session");
  if (const auto unpacked = document->rga->Unpack(); !unpacked) return Fail(unpacked.error());
  document->rga->SetReplica(ReplicaId{writer});
  return COTEXT_OK;
}

cotext_status cotext_document_fork(const cotext_document* document, uint64_t writer,
                                   cotext_document** out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckWriter(writer));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  if (const auto unpacked = document->rga->Unpack(); !unpacked) return Fail(unpacked.error());
  auto handle = std::make_unique<cotext_document>();
  handle->rga = document->rga->Fork(ReplicaId{writer});
  *out = handle.release();
  return COTEXT_OK;
}

cotext_status cotext_document_id(const cotext_document* document,
                                 uint8_t out[COTEXT_DOCUMENT_ID_BYTES]) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  const DocumentId& id = document->rga ? document->rga->id() : document->ot_id;
  std::ranges::copy(id.bytes, out);
  return COTEXT_OK;
}

cotext_status cotext_document_set_id(cotext_document* document, const uint8_t* id, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckNotNull(id));
  if (size != COTEXT_DOCUMENT_ID_BYTES) {
    return Fail(COTEXT_INVALID_ARGUMENT, "the id of a document has 16 bytes");
  }
  if (document->sessions > 0) return Fail(COTEXT_BUSY, "the document is open in a session");
  DocumentId given;
  std::copy_n(id, size, given.bytes.begin());
  document->rga ? document->rga->SetId(given) : static_cast<void>(document->ot_id = given);
  return COTEXT_OK;
}

// Reading.

cotext_status cotext_document_metrics(const cotext_document* document, cotext_metrics* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  const TextMetrics metrics = document->document().metrics();
  *out = {.code_points = metrics.code_points,
          .utf8 = metrics.bytes,
          .utf16 = metrics.utf16,
          .newlines = metrics.newlines};
  return COTEXT_OK;
}

cotext_status cotext_document_text(const cotext_document* document, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  // Only the text is asked for, so that a document that was loaded is not unpacked for it.
  const TextMetrics metrics = document->document().metrics();
  return GiveText(document->document(), {.begin = {0}, .end = {metrics.code_points}}, metrics.bytes,
                  out);
}

cotext_status cotext_document_slice(const cotext_document* document, cotext_unit unit,
                                    uint64_t begin, uint64_t end, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckReading(document, unit, out));
  const Expected<Range> range = RangeOf(document->document(), unit, begin, end);
  if (!range) return Fail(range.error());
  const Expected<ByteOffset> first = document->document().ToByte(range->begin);
  if (!first) return Fail(first.error());
  const Expected<ByteOffset> last = document->document().ToByte(range->end);
  if (!last) return Fail(last.error());
  return GiveText(document->document(), *range, last->value - first->value, out);
}

cotext_status cotext_document_read(const cotext_document* document, cotext_unit unit,
                                   uint64_t begin, uint64_t end, cotext_chunk_fn reader,
                                   void* context) {
  COTEXT_C_REFUSE(CheckNotNull(document, reader));
  COTEXT_C_REFUSE(CheckUnit(unit));
  const Expected<Range> range = RangeOf(document->document(), unit, begin, end);
  if (!range) return Fail(range.error());
  const Showing showing(*document);
  return Finish(document->document().ForEachChunk(
      range->begin, range->end,
      [&](std::string_view chunk) { reader(context, chunk.data(), chunk.size()); }));
}

cotext_status cotext_document_convert(const cotext_document* document, cotext_unit from,
                                      uint64_t at, cotext_unit to, uint64_t* out) {
  COTEXT_C_REFUSE(CheckReading(document, from, out));
  COTEXT_C_REFUSE(CheckUnit(to));
  const Expected<CodePointOffset> position = document->document().ToCodePoint(*OffsetOf(from, at));
  if (!position) return Fail(position.error());
  const Expected<uint64_t> converted = InUnit(document->document(), *position, to);
  if (converted) *out = *converted;
  return Finish(converted);
}

// Anchors.

cotext_status cotext_document_anchor(const cotext_document* document, cotext_unit unit, uint64_t at,
                                     cotext_bias bias, cotext_anchor* out) {
  COTEXT_C_REFUSE(CheckReading(document, unit, out));
  if (bias != COTEXT_BEFORE && bias != COTEXT_AFTER) {
    return Fail(COTEXT_INVALID_ARGUMENT, "there is no such bias");
  }
  const Expected<Anchor> anchor = document->document().CreateAnchor(
      *OffsetOf(unit, at), bias == COTEXT_BEFORE ? Bias::kBefore : Bias::kAfter);
  if (!anchor) return Fail(anchor.error());
  *out = AnchorFor(*anchor);
  return COTEXT_OK;
}

cotext_status cotext_document_resolve(const cotext_document* document, const uint8_t* anchor,
                                      size_t size, cotext_unit unit, uint64_t* out) {
  COTEXT_C_REFUSE(CheckReading(document, unit, out));
  COTEXT_C_REFUSE(CheckBytes(anchor, size));
  const Expected<Anchor> given = Anchor::FromBytes(BytesOf(anchor, size));
  if (!given) return Fail(given.error());
  const Expected<CodePointOffset> position = document->document().ResolveAnchor(*given);
  if (!position) return Fail(position.error());
  const Expected<uint64_t> converted = InUnit(document->document(), *position, unit);
  if (converted) *out = *converted;
  return Finish(converted);
}
