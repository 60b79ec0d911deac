// What a decompressor allocates, by any function of the C library: that of zstd and zlib does not
// go through operator new.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "crdt/codec/compression.h"
#include "document/error.h"
#include "storage/compression.h"

namespace cotext {
namespace {

// All bytes that this thread ever asked for.
thread_local uint64_t allocated_bytes = 0;

}  // namespace

// The functions of the C library, under the other names that it has for them.
void* LibraryMalloc(size_t size) asm("__libc_malloc");
void* LibraryCalloc(size_t count, size_t size) asm("__libc_calloc");
void* LibraryRealloc(void* memory, size_t size) asm("__libc_realloc");

// Take the place of malloc, calloc and realloc in the whole program.
void* CountedMalloc(size_t size) asm("malloc");
void* CountedMalloc(size_t size) {
  allocated_bytes += size;
  return LibraryMalloc(size);
}
void* CountedCalloc(size_t count, size_t size) asm("calloc");
void* CountedCalloc(size_t count, size_t size) {
  allocated_bytes += count * size;
  return LibraryCalloc(count, size);
}
void* CountedRealloc(void* memory, size_t size) asm("realloc");
void* CountedRealloc(void* memory, size_t size) {
  allocated_bytes += size;
  return LibraryRealloc(memory, size);
}

namespace {

using namespace std::string_literals;

// What one call may allocate beside the result: zstd's context takes 94 kB, zlib's 7 kB and a
// window of 32 kB, an error message next to nothing.
constexpr uint64_t kAllocationMax = 128U << 10U;

constexpr size_t kLargeBytes = 10'000'000;

// Unpacks with a new decompressor, and holds it to its limits.
Expected<std::string> Unpack(Compression method, std::string_view bytes, size_t raw_size) {
  const uint64_t before = allocated_bytes;
  Expected<std::string> raw = NativeDecompressor()(method, bytes, raw_size);
  const uint64_t used = allocated_bytes - before;
  EXPECT_GE(used, raw_size);
  EXPECT_LE(used, raw_size + kAllocationMax);
  return raw;
}

// A frame of `blocks` times 128 kB, each from four bytes.
std::string ZstdBomb(size_t blocks) {
  std::string bytes = "\x28\xb5\x2f\xfd\x00\x38"s;
  for (size_t i = 1; i < blocks; ++i) bytes += "\x02\x00\x10\x00"s;
  return bytes + "\x03\x00\x10\x00"s;
}

// "abc" in a frame that asks for the window that `descriptor` describes.
std::string FrameWithWindow(char descriptor) {
  return "\x28\xb5\x2f\xfd\x00"s + descriptor + "\x19\x00\x00"s + "abc";
}

TEST(CompressionMemoryTest, WhatZstdAllocatesIsCounted) {
  const uint64_t before = allocated_bytes;
  EXPECT_EQ(Unpack(Compression::kZstd, FrameWithWindow('\x00'), 3), "abc");
  EXPECT_GE(allocated_bytes - before, 64U << 10U);
}

TEST(CompressionMemoryTest, AResultIsAllocatedOnce) {
  const std::string raw(kLargeBytes, 'a');
  for (const Compressor& compressor :
       {ZstdCompressor(3), Lz4Compressor(), DeflateCompressor(3), Compressor()}) {
    const std::string bytes = compressor.compress ? compressor.compress(raw) : raw;
    EXPECT_TRUE(Unpack(compressor.method, bytes, raw.size()) == raw);
  }
}

TEST(CompressionMemoryTest, BombsTakeNoMoreThanTheSizeAskedFor) {
  const std::string bomb = ZstdBomb(10'000);
  EXPECT_FALSE(Unpack(Compression::kZstd, bomb, 100));
  EXPECT_FALSE(Unpack(Compression::kZstd, bomb, 1'000'000));
  EXPECT_TRUE(Unpack(Compression::kZstd, ZstdBomb(10), 1'310'720) == std::string(1'310'720, '\0'));
  const std::string raw(kLargeBytes, '\0');
  for (const Compressor& compressor : {Lz4Compressor(), DeflateCompressor(9)}) {
    const std::string bytes = compressor.compress(raw);
    EXPECT_FALSE(Unpack(compressor.method, bytes, 100));
    EXPECT_FALSE(Unpack(compressor.method, bytes, 1'000'000));
  }
}

TEST(CompressionMemoryTest, HugeWindowsAreNotAllocated) {
  EXPECT_EQ(Unpack(Compression::kZstd, FrameWithWindow('\x00'), 3), "abc");  // 1 kB.
  EXPECT_EQ(Unpack(Compression::kZstd, FrameWithWindow('\xa8'), 3), "abc");  // 2 GB.
  EXPECT_FALSE(Unpack(Compression::kZstd, FrameWithWindow('\xff'), 3));      // 4 TB.
}

TEST(CompressionMemoryTest, SizesOfTheContentThatAreClaimedAreNotAllocated) {
  // The frame says in eight bytes that it has 2^62 bytes of content.
  const std::string frame =
      "\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x00\x00\x40\x19\x00\x00"s + "abc";
  EXPECT_FALSE(Unpack(Compression::kZstd, frame, 3));
  EXPECT_FALSE(Unpack(Compression::kZstd, frame, 0));
}

}  // namespace
}  // namespace cotext
