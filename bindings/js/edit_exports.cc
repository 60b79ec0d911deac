// What JavaScript asks of a document for every keystroke, in 32 bits: 64-bit numbers are BigInts
// there, which cost more than the edit. No text has 2^32 UTF-16 units.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "bindings/js/export.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/offset.h"

namespace cotext {
namespace {

// Whether offsets in UTF-16 units are those in code points.
bool IsInOneUnit(const TextMetrics& size) { return size.utf16 == size.code_points; }

// Does what cotext_document_replace does with UTF-16 units.
COTEXT_EXPORT(cotext_status, cotext_js_replace)
(cotext_document* document, uint32_t begin, uint32_t end, const char* text, size_t size) {
  COTEXT_C_REFUSE(c::CheckMayChange(document));
  COTEXT_C_REFUSE(c::CheckBytes(text, size));
  const std::string_view inserted = c::BytesOf(text, size);
  RgaDocument* const rga = document->rga.get();
  if (rga != nullptr && begin <= end && IsInOneUnit(rga->metrics()) &&
      rga->TryReplace(begin, end - begin, inserted)) {
    return COTEXT_OK;
  }
  const c::DocumentReference held(*document);
  Document& edited = document->document();
  if (IsInOneUnit(edited.metrics())) {
    return c::Finish(edited.Replace(CodePointOffset{begin}, CodePointOffset{end}, inserted));
  }
  return c::Finish(edited.Replace(Utf16Offset{begin}, Utf16Offset{end}, inserted));
}

// The text's UTF-16 units.
COTEXT_EXPORT(uint32_t, cotext_js_length)(const cotext_document* document) {
  return static_cast<uint32_t>(document->document().metrics().utf16);
}

}  // namespace
}  // namespace cotext
