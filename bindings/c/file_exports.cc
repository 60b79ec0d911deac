// Versions, merging and files, for C.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "bindings/c/arguments.h"
#include "bindings/c/codec.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "bindings/c/version_argument.h"
#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "ot/ot_replica.h"

namespace cotext::c {
namespace {

constexpr cotext_save_flags kSaveFlags = COTEXT_SAVE_COMPACT | COTEXT_SAVE_SMALL | COTEXT_SAVE_UNDO;

Refusal CheckSaveFlags(const cotext_document& document, cotext_save_flags flags,
                       const cotext_codec* codec) {
  constexpr cotext_save_flags kContradiction = COTEXT_SAVE_COMPACT | COTEXT_SAVE_UNDO;
  if ((flags & ~kSaveFlags) != 0 || (flags & kContradiction) == kContradiction) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "there are no such flags together"};
  }
  if (document.ot != nullptr && (flags != 0 || codec != nullptr)) {
    return {.status = COTEXT_INVALID_ARGUMENT,
            .message = "documents of OT are saved without flags and codec"};
  }
  return CheckCodec(codec);
}

cotext_status LoadRga(uint64_t writer, std::string file, const cotext_codec* codec,
                      cotext_document& handle) {
  if (!IsValid(ReplicaId{writer})) {
    return Fail(COTEXT_INVALID_ID, "a writer is a number from 1 to 2^53 - 1");
  }
  auto opened = RgaDocument::Open(std::move(file), ReplicaId{writer}, DecompressorOf(codec));
  if (opened) handle.rga = *std::move(opened);
  return Finish(opened);
}

cotext_status LoadOt(uint64_t writer, const std::string& file, const cotext_codec* codec,
                     cotext_document& handle) {
  if (writer != 0 || codec != nullptr) {
    return Fail(COTEXT_INVALID_ARGUMENT, "documents of OT are loaded without writer and codec");
  }
  auto loaded = OtReplica::Load(file);
  if (loaded) handle.ot = *std::move(loaded);
  return Finish(loaded);
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

cotext_status cotext_document_version(const cotext_document* document, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  if (document->rga) {
    if (const auto found = document->rga->FindVersion(); !found) return Fail(found.error());
  }
  return Give(document->document().version().bytes, out);
}

cotext_status cotext_document_encode_since(const cotext_document* document, const void* version,
                                           size_t size, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(version, size));
  const auto known = VersionArgument(version, size);
  if (!known) return Fail(known.error());
  return Give(document->rga->EncodeSince(Version{known->Encode()}), out);
}

cotext_status cotext_document_merge(cotext_document* document, const void* update, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(update, size));
  const DocumentReference held(*document);
  return Finish(document->rga->Merge(BytesOf(update, size)));
}

// Files.

cotext_status cotext_document_save(const cotext_document* document, cotext_save_flags flags,
                                   const cotext_codec* codec, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  COTEXT_C_REFUSE(CheckSaveFlags(*document, flags, codec));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  if (document->ot) return Give(document->ot->Save(), out);
  return Give(document->rga->Save({.compressor = CompressorOf(codec),
                                   .neighbours = (flags & COTEXT_SAVE_SMALL) != 0,
                                   .drops_deleted_text = (flags & COTEXT_SAVE_COMPACT) != 0,
                                   .keeps_undo = (flags & COTEXT_SAVE_UNDO) != 0}),
              out);
}

cotext_status cotext_document_save_since(const cotext_document* document, const void* version,
                                         size_t size, const cotext_codec* codec,
                                         cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(version, size));
  COTEXT_C_REFUSE(CheckCodec(codec));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  const auto known = VersionArgument(version, size);
  if (!known) return Fail(known.error());
  return Give(document->rga->SaveSince(*known, CompressorOf(codec)), out);
}

cotext_status cotext_document_load(cotext_engine engine, uint64_t writer, const void* file,
                                   size_t size, const cotext_codec* codec, cotext_document** out) {
  COTEXT_C_REFUSE(CheckNotNull(out));
  COTEXT_C_REFUSE(CheckBytes(file, size));
  COTEXT_C_REFUSE(CheckCodec(codec));
  if (engine != COTEXT_RGA && engine != COTEXT_OT) {
    return Fail(COTEXT_INVALID_ARGUMENT, "there is no such engine");
  }
  auto handle = std::make_unique<cotext_document>();
  std::string bytes(BytesOf(file, size));
  const cotext_status status = engine == COTEXT_RGA
                                   ? LoadRga(writer, std::move(bytes), codec, *handle)
                                   : LoadOt(writer, bytes, codec, *handle);
  if (status == COTEXT_OK) *out = handle.release();
  return status;
}
