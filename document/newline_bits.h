// Where the newlines of a text are, a bit for each byte.
//
// By vectors where every processor has them (SSE2, x86-64), by words of eight bytes elsewhere. Both
// give the same.
#ifndef COTEXT_DOCUMENT_NEWLINE_BITS_H_
#define COTEXT_DOCUMENT_NEWLINE_BITS_H_

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace cotext {

// Returns a bit for each of eight bytes that is a newline, the first byte's lowest.
inline uint64_t NewlinesOfEight(const char* bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101U;
  uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof(eight));
  if constexpr (std::endian::native == std::endian::big) eight = std::byteswap(eight);
  // A byte of `others` is zero where there is a newline; adding carries into the highest bit of all
  // other bytes, and multiplying gathers those bits in one byte.
  const uint64_t others = eight ^ (kOnes * '\n');
  const uint64_t newlines = ~(((others & kOnes * 0x7f) + kOnes * 0x7f) | others | kOnes * 0x7f);
  return (newlines >> 7U) * 0x0102040810204080U >> 56U;
}

// Returns the same for 64 bytes. 20 instructions by vectors, 130 by words.
inline uint64_t NewlinesOf64(const char* bytes) {
  uint64_t bits = 0;
#ifdef __SSE2__
  for (unsigned i = 0; i < 64; i += 16) {
    __m128i sixteen;
    std::memcpy(&sixteen, bytes + i, sizeof(sixteen));
    const __m128i newlines = _mm_cmpeq_epi8(sixteen, _mm_set1_epi8('\n'));
    bits |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(newlines))} << i;
  }
#else
  for (unsigned i = 0; i < 64; i += 8) bits |= NewlinesOfEight(bytes + i) << i;
#endif
  return bits;
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_NEWLINE_BITS_H_
