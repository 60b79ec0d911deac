// Documents for JavaScript: editing in UTF-16 units, and merging.
//
// Errors are returned as the number of an ErrorCode, 0 for none. What a call has to say besides
// stays with the document, as bytes, until its next call.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/js/export.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"

namespace cotext {
namespace {

struct Handle {
  explicit Handle(ReplicaId replica) : document(replica) {}
  RgaDocument document;
  std::string result;
};

template <typename Value>
int32_t ErrorNumber(const Expected<Value>& outcome) {
  return outcome ? 0 : static_cast<int32_t>(outcome.error().code);
}

// Null if the number is no replica id.
COTEXT_EXPORT(Handle*, cotext_document_new)(uint64_t replica) {
  return IsValid(ReplicaId{replica}) ? new Handle(ReplicaId{replica}) : nullptr;
}

COTEXT_EXPORT(void, cotext_document_free)(Handle* handle) { delete handle; }

COTEXT_EXPORT(const char*, cotext_document_result)(const Handle* handle) {
  return handle->result.data();
}
COTEXT_EXPORT(size_t, cotext_document_result_size)(const Handle* handle) {
  return handle->result.size();
}

// The length in UTF-16 units.
COTEXT_EXPORT(uint64_t, cotext_document_length)(const Handle* handle) {
  return handle->document.metrics().utf16;
}

// Replaces the UTF-16 units [begin, end).
COTEXT_EXPORT(int32_t, cotext_document_replace)
(Handle* handle, uint64_t begin, uint64_t end, const char* text, size_t size) {
  return ErrorNumber(handle->document.Replace(Utf16Offset{begin}, Utf16Offset{end}, {text, size}));
}

COTEXT_EXPORT(void, cotext_document_text)(Handle* handle) {
  handle->result = handle->document.Text();
}

COTEXT_EXPORT(void, cotext_document_version)(Handle* handle) {
  handle->result = handle->document.version().bytes;
}

COTEXT_EXPORT(int32_t, cotext_document_encode_since)
(Handle* handle, const char* version, size_t size) {
  Expected<std::string> update = handle->document.EncodeSince(Version{{version, size}});
  const int32_t error = ErrorNumber(update);
  if (update) handle->result = *std::move(update);
  return error;
}

COTEXT_EXPORT(int32_t, cotext_document_merge)(Handle* handle, const char* update, size_t size) {
  return ErrorNumber(handle->document.Merge({update, size}));
}

COTEXT_EXPORT(int32_t, cotext_document_undo)(Handle* handle) {
  return ErrorNumber(handle->document.Undo());
}

COTEXT_EXPORT(int32_t, cotext_document_redo)(Handle* handle) {
  return ErrorNumber(handle->document.Redo());
}

}  // namespace
}  // namespace cotext
