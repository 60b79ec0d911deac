// A copy of a text that is made in parts while the text is edited, so that no part takes long
// however long the text is.
//
// It has the first characters of the text, as they are by now: what edits change of these is told
// it, and what they change behind these it finds there later. So it is the text as that is when the
// last part has been copied, not when the first was.
//
// Law: after any order of Copy and OnEdit, text() is the beginning of the text.
//
// Complexity: a part is linear in its bytes, an edit as in TextBuffer. Thread-compatible.
#ifndef COTEXT_DOCUMENT_TEXT_COPY_H_
#define COTEXT_DOCUMENT_TEXT_COPY_H_

#include <cstddef>

#include "document/delta.h"
#include "document/text_buffer.h"

namespace cotext {

class TextCopy {
 public:
  // Copies some `chars` more characters of the text. Returns whether that is all of it.
  // REQUIRES: it is the same text as before but for the edits that were told.
  bool Copy(const TextBuffer& text, uint64_t chars);

  // The text was edited so.
  void OnEdit(const Delta& delta);

  const TextBuffer& text() const { return copy_; }

 private:
  TextBuffer copy_;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_TEXT_COPY_H_
