// What the C interface shows to callbacks, for JavaScript, whose functions it cannot call: it is
// written down here, and read when the call has returned.
//
// Changes to documents gather from call to call, until they are taken; all else is kept until the
// next call that shows something. Numbers are little endian, of 32 or 64 bits; bytes come behind
// their size.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bindings/c/cotext.h"
#include "bindings/js/export.h"

namespace cotext {
namespace {

class Notes {
 public:
  void Clear() { bytes_.clear(); }
  void Number32(uint64_t number) { Number(number, 4); }
  void Number64(uint64_t number) { Number(number, 8); }
  void Bytes(const void* data, size_t size) {
    Number32(size);
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }
  void Components(const cotext_delta& delta) {
    Number32(delta.size);
    for (size_t i = 0; i < delta.size; ++i) {
      const cotext_component& component = delta.components[i];
      Number32(static_cast<uint32_t>(component.kind));
      Number64(component.count);
      Bytes(component.text, component.text_size);
    }
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void Number(uint64_t number, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes_.push_back(static_cast<char>(number >> (8 * i)));
  }

  std::string bytes_;
};

// Never destroyed: nothing runs at the end of a module.
Notes& Changes() {
  static Notes& notes = *new Notes;
  return notes;
}
Notes& Shown() {
  static Notes& notes = *new Notes;
  return notes;
}
Notes& NewlyShown() {
  Shown().Clear();
  return Shown();
}

const char* Give(const Notes& notes, size_t* size) {
  *size = notes.bytes().size();
  return notes.bytes().data();
}

// Changes.

// The context is the document.
void NoteChange(void* context, const cotext_change* change) {
  Changes().Number32(reinterpret_cast<uintptr_t>(context));
  Changes().Number32(static_cast<uint32_t>(change->origin));
  Changes().Components(change->delta);
}

// From now on changes of the document are noted, in UTF-16 units: its address, the origin, and the
// components.
COTEXT_EXPORT(cotext_status, cotext_js_subscribe)
(cotext_document* document, uint64_t* subscription) {
  return cotext_document_subscribe(document, COTEXT_UTF16, 0, NoteChange, document, subscription);
}

// The changes that were noted; they stay until they are cleared.
COTEXT_EXPORT(const char*, cotext_js_changes)(size_t* size) { return Give(Changes(), size); }
COTEXT_EXPORT(void, cotext_js_clear_changes)() { Changes().Clear(); }

// All else.

COTEXT_EXPORT(const char*, cotext_js_shown)(size_t* size) { return Give(Shown(), size); }

// Components, in code points.
COTEXT_EXPORT(cotext_status, cotext_js_diff)
(const cotext_document* document, const void* from, size_t from_size, const void* to,
 size_t to_size) {
  NewlyShown();
  return cotext_document_diff(
      document, from, from_size, to, to_size,
      [](void* /*context*/, const cotext_delta* delta) { Shown().Components(*delta); }, nullptr);
}

// Ranges: begin and length, in code points, counter and writer.
COTEXT_EXPORT(cotext_status, cotext_js_blame)
(const cotext_document* document, uint64_t begin, uint64_t end) {
  NewlyShown();
  return cotext_document_blame(
      document, COTEXT_UTF16, begin, end,
      [](void* /*context*/, const cotext_blame* ranges, size_t count) {
        for (size_t i = 0; i < count; ++i) {
          Shown().Number64(ranges[i].begin);
          Shown().Number64(ranges[i].length);
          Shown().Number64(ranges[i].first.counter);
          Shown().Number64(ranges[i].first.writer);
        }
      },
      nullptr);
}

// Names.
COTEXT_EXPORT(cotext_status, cotext_js_version_names)(const cotext_document* document) {
  NewlyShown();
  return cotext_document_version_names(
      document, [](void* /*context*/, const char* name, size_t size) { Shown().Bytes(name, size); },
      nullptr);
}

// The anchors of a selection, and its bytes.
COTEXT_EXPORT(cotext_status, cotext_js_selection_restored)(const cotext_document* document) {
  NewlyShown();
  return cotext_document_selection_restored(
      document,
      [](void* /*context*/, const cotext_anchor* anchors, size_t count, const void* data,
         size_t size) {
        Shown().Number32(count);
        for (size_t i = 0; i < count; ++i) Shown().Bytes(anchors[i].bytes, anchors[i].size);
        Shown().Bytes(data, size);
      },
      nullptr);
}

// Those who are there: session, user, state, and whether they type.
COTEXT_EXPORT(cotext_status, cotext_js_present)(const cotext_session* session, uint64_t key) {
  NewlyShown();
  return cotext_session_present(
      session, key,
      [](void* /*context*/, const cotext_present* present) {
        Shown().Number64(present->session);
        Shown().Bytes(present->user.data, present->user.size);
        Shown().Bytes(present->state.data, present->state.size);
        Shown().Number32(present->is_typing != 0 ? 1 : 0);
      },
      nullptr);
}

}  // namespace
}  // namespace cotext
