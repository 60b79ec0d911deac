// The name of a document that no other one has, however often it is copied or renamed: 128 random
// bits, given when it is created and kept in every file and store.
#ifndef COTEXT_DOCUMENT_DOCUMENT_ID_H_
#define COTEXT_DOCUMENT_DOCUMENT_ID_H_

#include <array>
#include <cstdint>
#include <string>

namespace cotext {

struct DocumentId {
  std::array<uint8_t, 16> bytes{};

  // Returns 32 hexadecimal digits.
  std::string ToHex() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    for (const uint8_t byte : bytes) {
      hex.push_back(kDigits[byte >> 4U]);
      hex.push_back(kDigits[byte & 0x0fU]);
    }
    return hex;
  }

  friend bool operator==(const DocumentId&, const DocumentId&) = default;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_DOCUMENT_ID_H_
