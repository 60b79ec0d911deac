// Compression as the codec sees it: a step handed in from outside, since a browser has other means
// than a server. What is compressed says by which method; whoever cannot undo it gets kUnsupported.
#ifndef COTEXT_CRDT_CODEC_COMPRESSION_H_
#define COTEXT_CRDT_CODEC_COMPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {

// The numbers are part of the format.
enum class Compression : uint8_t {
  kNone = 0,
  kDeflate = 1,  // RFC 1951, without a header: what a browser undoes by "deflate-raw".
  kZstd = 2,     // One frame, RFC 8878.
  kLz4 = 3,      // One block of the LZ4 block format.
};

// How to compress. Returns the compressed bytes; what does not get smaller is kept as it is.
struct Compressor {
  Compression method = Compression::kNone;
  std::function<std::string(std::string_view raw)> compress = {};  // Unused for kNone.
};

// Undoes compression. The result has exactly `raw_size` bytes, or the error is kMalformedUpdate;
// never is more than `raw_size` and a constant allocated, whatever the bytes say of themselves.
// kUnsupported: an unknown method.
using Decompressor = std::function<Expected<std::string>(Compression method, std::string_view bytes,
                                                         size_t raw_size)>;

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_COMPRESSION_H_
