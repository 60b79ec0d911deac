// The steps of crdt/codec/compression.h for servers, tools and native clients: zstd, LZ4 and zlib.
//
// The same bytes under the same version of the library give the same result. A Compressor holds no
// state, so it may be called from several threads at once. A Decompressor keeps what zstd works in,
// about 100 kB from its first zstd frame on, so it is for one thread at a time; a copy of it is
// independent.
//
// LZ4 and deflate take at most kBlockBytesMax bytes, compressed or not: more come back from the
// compressor as they are, hence are kept as they are, and are malformed to the decompressor.
#ifndef COTEXT_STORAGE_COMPRESSION_H_
#define COTEXT_STORAGE_COMPRESSION_H_

#include <cstddef>
#include <cstdint>

#include "crdt/codec/compression.h"

namespace cotext {

// What LZ4 can count, and less than deflate's 32 bits.
inline constexpr size_t kBlockBytesMax = 0x7e000000;

// What to compress for.
enum class Profile : uint8_t {
  kSmall,  // As few bytes as there can be, for what is kept or goes far: zstd.
  kFast,   // Quick to undo: LZ4.
};

Compressor CompressorFor(Profile profile);

// Returns zstd's compressor. The frame has no checksum, no dictionary and no size of its content;
// however long the input, repetitions are found anywhere in it. Level 22 takes in some 3 MB of
// updates a second, but ten times less of what repeats itself all over; in memory it needs up to 30
// times the size of its input, at most 800 MB, and the input's size again for the result.
// REQUIRES: 1 <= level <= 22.
Compressor ZstdCompressor(int level);

// Returns the compressor to one block of LZ4, the smallest that the library can make.
Compressor Lz4Compressor();

// Returns zlib's compressor to a raw deflate stream.
// REQUIRES: 1 <= level <= 9.
Compressor DeflateCompressor(int level);

// Returns what undoes all methods, kNone too. The bytes must be one frame, block or stream from end
// to end; a zstd frame may have a checksum, which is verified, but need no dictionary. `raw_size`
// is allocated at once, so the caller bounds it.
Decompressor NativeDecompressor();

}  // namespace cotext

#endif  // COTEXT_STORAGE_COMPRESSION_H_
