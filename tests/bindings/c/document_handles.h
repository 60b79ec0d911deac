// Documents of the C interface for tests: freed at the end, and their results as strings.
#ifndef COTEXT_TESTS_BINDINGS_C_DOCUMENT_HANDLES_H_
#define COTEXT_TESTS_BINDINGS_C_DOCUMENT_HANDLES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/c/cotext.h"

namespace cotext::c {

struct FreeDocument {
  void operator()(cotext_document* document) const { cotext_document_free(document); }
};
using DocumentHandle = std::unique_ptr<cotext_document, FreeDocument>;

inline DocumentHandle NewDocument(uint64_t writer, cotext_engine engine = COTEXT_RGA) {
  cotext_document* document = nullptr;
  EXPECT_EQ(cotext_document_new(engine, writer, &document), COTEXT_OK) << cotext_last_error();
  return DocumentHandle(document);
}

inline std::string Take(cotext_buffer& buffer) {
  std::string bytes(static_cast<const char*>(buffer.data), buffer.size);
  cotext_buffer_free(&buffer);
  return bytes;
}

// Returns the bytes that a call gives: its last argument is where to.
template <typename Function, typename... Arguments>
std::string BytesFrom(Function function, Arguments... arguments) {
  cotext_buffer buffer{};
  EXPECT_EQ(function(arguments..., &buffer), COTEXT_OK) << cotext_last_error();
  return buffer.data == nullptr ? std::string() : Take(buffer);
}

inline std::string TextOf(const DocumentHandle& document) {
  return BytesFrom(&cotext_document_text, document.get());
}
inline std::string VersionOf(const DocumentHandle& document) {
  return BytesFrom(&cotext_document_version, document.get());
}
inline std::string UpdateOf(const DocumentHandle& document, std::string_view version = {}) {
  return BytesFrom(&cotext_document_encode_since, document.get(), version.data(), version.size());
}

inline void Replace(const DocumentHandle& document, uint64_t begin, uint64_t end,
                    std::string_view text) {
  ASSERT_EQ(cotext_document_replace(document.get(), COTEXT_CODE_POINTS, begin, end, text.data(),
                                    text.size()),
            COTEXT_OK)
      << cotext_last_error();
}

inline cotext_status Merge(const DocumentHandle& document, std::string_view update) {
  return cotext_document_merge(document.get(), update.data(), update.size());
}

// A delta as one word: 3 for a retain, +text for an insert, -2 for a delete, -2(text) if it has it.
inline std::string Written(const cotext_delta& delta) {
  std::string written;
  for (size_t i = 0; i < delta.size; ++i) {
    const cotext_component& part = delta.components[i];
    const std::string text(part.text == nullptr ? "" : part.text, part.text_size);
    if (i > 0) written += ' ';
    if (part.kind == COTEXT_RETAIN) written += std::to_string(part.count);
    if (part.kind == COTEXT_INSERT) written += "+" + std::to_string(part.count) + "(" + text + ")";
    if (part.kind == COTEXT_DELETE) {
      written += "-" + std::to_string(part.count) + (text.empty() ? "" : "(" + text + ")");
    }
  }
  return written;
}

}  // namespace cotext::c

#endif  // COTEXT_TESTS_BINDINGS_C_DOCUMENT_HANDLES_H_
