#include "storage/compression.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/compression.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using namespace std::string_literals;

constexpr size_t kLargeBytes = 10'000'000;

std::vector<Compressor> AllCompressors() {
  return {ZstdCompressor(1), ZstdCompressor(22), Lz4Compressor(), DeflateCompressor(1),
          DeflateCompressor(9)};
}

std::string NameOf(const Compressor& compressor) {
  return "method " + std::to_string(static_cast<int>(compressor.method));
}

std::string RandomBytes(Random& random, size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random.Below(256)));
  return bytes;
}

// Text, noise, or what repeats itself, of up to some thousand bytes.
std::string RandomContent(Random& random) {
  switch (random.Below(3)) {
    case 0: return RandomText(random, 2000);
    case 1: return RandomBytes(random, random.Below(2000));
    default: {
      std::string content;
      const std::string part = RandomBytes(random, random.Between(1, 9));
      for (uint64_t count = random.Below(1000); count > 0; --count) content += part;
      return content;
    }
  }
}

std::string RepeatedWords(Random& random, size_t size) {
  std::vector<std::string> words(500);
  for (std::string& word : words) word = RandomText(random, 8) + " ";
  std::string text;
  while (text.size() < size) text += words[random.Below(words.size())];
  text.resize(size);
  return text;
}

std::string Unpack(Compression method, std::string_view bytes, size_t raw_size) {
  Expected<std::string> raw = NativeDecompressor()(method, bytes, raw_size);
  if (!raw) return "refused: " + raw.error().message;
  return *std::move(raw);
}

void ExpectMalformed(Compression method, std::string_view bytes, size_t raw_size,
                     std::string_view message) {
  const Expected<std::string> raw = NativeDecompressor()(method, bytes, raw_size);
  ASSERT_FALSE(raw.has_value()) << message;
  EXPECT_EQ(raw.error().code, ErrorCode::kMalformedUpdate);
  EXPECT_EQ(raw.error().message, message);
}

TEST(CompressionTest, RandomContentsRoundTrip) {
  ForEachSeed(100, [](Random& random) {
    const std::string raw = RandomContent(random);
    for (const Compressor& compressor : AllCompressors()) {
      const std::string bytes = compressor.compress(raw);
      ASSERT_EQ(Unpack(compressor.method, bytes, raw.size()), raw) << NameOf(compressor);
      ASSERT_EQ(compressor.compress(raw), bytes) << NameOf(compressor);
    }
  });
}

TEST(CompressionTest, NothingRoundTrips) {
  for (const Compressor& compressor : AllCompressors()) {
    const std::string bytes = compressor.compress({});
    EXPECT_LE(bytes.size(), 9U) << NameOf(compressor);
    EXPECT_EQ(Unpack(compressor.method, bytes, 0), "") << NameOf(compressor);
    EXPECT_FALSE(NativeDecompressor()(compressor.method, bytes, 1)) << NameOf(compressor);
    EXPECT_FALSE(NativeDecompressor()(compressor.method, {}, 0)) << NameOf(compressor);
  }
  EXPECT_EQ(Unpack(Compression::kNone, {}, 0), "");
}

TEST(CompressionTest, TenMegabytesRoundTripAndShrink) {
  Random random(SeedFromEnvironment(1));
  const std::string raw = RepeatedWords(random, kLargeBytes);
  for (const Compressor& compressor : {ZstdCompressor(6), Lz4Compressor(), DeflateCompressor(6)}) {
    const std::string bytes = compressor.compress(raw);
    EXPECT_LT(bytes.size(), raw.size() / 2) << NameOf(compressor);
    EXPECT_TRUE(Unpack(compressor.method, bytes, raw.size()) == raw) << NameOf(compressor);
  }
}

TEST(CompressionTest, ZstdFindsWhatRepeatsFromOneEndToTheOther) {
  Random random(SeedFromEnvironment(1));
  const std::string half = RandomBytes(random, kLargeBytes / 2);
  const std::string bytes = ZstdCompressor(1).compress(half + half);
  EXPECT_LT(bytes.size(), half.size() + half.size() / 100);
  EXPECT_TRUE(Unpack(Compression::kZstd, bytes, kLargeBytes) == half + half);
}

TEST(CompressionTest, BytesWithoutCompressionAreTheResult) {
  EXPECT_EQ(Unpack(Compression::kNone, "abc", 3), "abc");
  ExpectMalformed(Compression::kNone, "abc", 2, "uncompressed: unpacks to more than 2 bytes");
  ExpectMalformed(Compression::kNone, "abc", 4, "uncompressed: unpacks to 3 bytes, not 4");
}

TEST(CompressionTest, SmallAndFastAreZstdAndLz4) {
  const std::string raw = "to be or not to be, that is to be the question, or not to be";
  const Compressor small = CompressorFor(Profile::kSmall);
  EXPECT_EQ(small.method, Compression::kZstd);
  EXPECT_EQ(small.compress(raw), ZstdCompressor(19).compress(raw));
  const Compressor fast = CompressorFor(Profile::kFast);
  EXPECT_EQ(fast.method, Compression::kLz4);
  EXPECT_EQ(fast.compress(raw), Lz4Compressor().compress(raw));
}

TEST(CompressionTest, ZstdFramesHaveNoMoreThanTheyNeed) {
  // The magic number; no checksum, no dictionary, no size; the smallest window; one block, the
  // last, of three bytes as they are.
  EXPECT_EQ(ZstdCompressor(22).compress("abc"), "\x28\xb5\x2f\xfd\x00\x00\x19\x00\x00"s + "abc");
}

// Bad bytes.

TEST(CompressionTest, UnknownMethodsAreUnsupported) {
  for (unsigned method = 4; method < 256; ++method) {
    const auto raw = NativeDecompressor()(static_cast<Compression>(method), "abc", 3);
    ASSERT_FALSE(raw.has_value());
    EXPECT_EQ(raw.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(raw.error().message, "compression method " + std::to_string(method) + " is unknown");
  }
}

TEST(CompressionTest, AnotherRawSizeIsMalformed) {
  const std::string raw(1000, 'a');
  const std::string zstd = ZstdCompressor(3).compress(raw);
  ExpectMalformed(Compression::kZstd, zstd, 1001, "zstd: unpacks to 1000 bytes, not 1001");
  ExpectMalformed(Compression::kZstd, zstd, 999, "zstd: unpacks to more than 999 bytes");
  const std::string lz4 = Lz4Compressor().compress(raw);
  ExpectMalformed(Compression::kLz4, lz4, 1001, "lz4: unpacks to 1000 bytes, not 1001");
  ExpectMalformed(Compression::kLz4, lz4, 999, "lz4: damaged, or unpacks to more than 999 bytes");
  const std::string deflate = DeflateCompressor(9).compress(raw);
  ExpectMalformed(Compression::kDeflate, deflate, 1001, "deflate: unpacks to 1000 bytes, not 1001");
  ExpectMalformed(Compression::kDeflate, deflate, 999, "deflate: unpacks to more than 999 bytes");
}

TEST(CompressionTest, BombsAreMalformed) {
  const std::string raw(kLargeBytes, '\0');
  for (const Compressor& compressor : {ZstdCompressor(3), Lz4Compressor(), DeflateCompressor(3)}) {
    const std::string bytes = compressor.compress(raw);
    EXPECT_LT(bytes.size(), raw.size() / 200);
    const auto unpacked = NativeDecompressor()(compressor.method, bytes, 100);
    ASSERT_FALSE(unpacked.has_value());
    EXPECT_EQ(unpacked.error().code, ErrorCode::kMalformedUpdate);
  }
}

TEST(CompressionTest, SizesThatAMethodCannotCountAreMalformedAndNotAllocated) {
  for (const Compression method : {Compression::kDeflate, Compression::kLz4}) {
    for (const size_t raw_size : {kBlockBytesMax + 1, SIZE_MAX}) {
      const Expected<std::string> raw = NativeDecompressor()(method, "abc", raw_size);
      ASSERT_FALSE(raw.has_value());
      EXPECT_EQ(raw.error().code, ErrorCode::kMalformedUpdate);
      EXPECT_TRUE(raw.error().message.ends_with(": too large for this method"));
    }
  }
}

TEST(CompressionTest, EveryTruncationAndEveryExtensionIsMalformed) {
  ForEachSeed(20, [](Random& random) {
    const std::string raw = RandomContent(random);
    for (const Compressor& compressor : AllCompressors()) {
      const std::string bytes = compressor.compress(raw);
      for (size_t size = 0; size < bytes.size(); ++size) {
        const std::string_view part = std::string_view(bytes).substr(0, size);
        ASSERT_FALSE(NativeDecompressor()(compressor.method, part, raw.size()))
            << NameOf(compressor) << " at " << size;
      }
      for (const char last : {'\0', '\1', '\x7f', '\xff'}) {
        ASSERT_FALSE(NativeDecompressor()(compressor.method, bytes + last, raw.size()))
            << NameOf(compressor);
      }
    }
  });
}

TEST(CompressionTest, MoreThanOneFrameIsMalformed) {
  const std::string frame = ZstdCompressor(3).compress("abc");
  ExpectMalformed(Compression::kZstd, frame + frame, 6, "zstd: 12 bytes after the end");
  const std::string skippable = "\x50\x2a\x4d\x18\x01\x00\x00\x00x"s;
  ExpectMalformed(Compression::kZstd, skippable, 0, "zstd: damaged: no frame");
  ExpectMalformed(Compression::kZstd, skippable + frame, 3, "zstd: damaged: no frame");
  ExpectMalformed(Compression::kZstd, frame + skippable, 3, "zstd: 9 bytes after the end");
  const std::string stream = DeflateCompressor(9).compress("abc");
  ExpectMalformed(Compression::kDeflate, stream + stream, 6, "deflate: 5 bytes after the end");
}

TEST(CompressionTest, OneStreamMayHaveManyBlocks) {
  Random random(SeedFromEnvironment(1));
  const std::string raw = RandomBytes(random, 300'000);
  for (const Compressor& compressor : AllCompressors()) {
    EXPECT_TRUE(Unpack(compressor.method, compressor.compress(raw), raw.size()) == raw);
  }
}

TEST(CompressionTest, DictionariesAreMalformed) {
  // As what "abc" becomes, but for a dictionary's number.
  const std::string frame = "\x28\xb5\x2f\xfd\x01\x00\x07\x19\x00\x00"s + "abc";
  ExpectMalformed(Compression::kZstd, frame, 3, "zstd: damaged: Dictionary mismatch");
}

TEST(CompressionTest, ChecksumsOfOthersAreVerified) {
  // Made by zstd's command line from "abc".
  const std::string frame = "\x28\xb5\x2f\xfd\x24\x03\x19\x00\x00"s + "abc";
  EXPECT_EQ(Unpack(Compression::kZstd, frame + "\x99\x09\x77\xad", 3), "abc");
  ExpectMalformed(Compression::kZstd, frame + "\x99\x09\x77\xac", 3,
                  "zstd: damaged: Restored data doesn't match checksum");
}

TEST(CompressionTest, BitFlipsAreMalformedOrAnotherContentOfTheSameSize) {
  ForEachSeed(10, [](Random& random) {
    const std::string raw = RandomContent(random);
    for (const Compressor& compressor : AllCompressors()) {
      const Decompressor decompressor = NativeDecompressor();
      const std::string bytes = compressor.compress(raw);
      for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string flipped = bytes;
        flipped[bit / 8] =
            static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
        const auto other = decompressor(compressor.method, flipped, raw.size());
        if (other) {
          ASSERT_EQ(other->size(), raw.size());
        } else {
          ASSERT_EQ(other.error().code, ErrorCode::kMalformedUpdate);
        }
      }
      // What it refused has left nothing behind.
      ASSERT_EQ(decompressor(compressor.method, bytes, raw.size()).value_or("refused"), raw);
    }
  });
}

TEST(CompressionTest, RandomBytesAreMalformedOrHaveTheSizeAskedFor) {
  for (const Compression method : {Compression::kDeflate, Compression::kZstd, Compression::kLz4}) {
    const Decompressor decompressor = NativeDecompressor();
    uint64_t unpacked_count = 0;
    ForEachSeed(200, [method, &decompressor, &unpacked_count](Random& random) {
      for (int i = 0; i < 100; ++i) {
        std::string bytes;
        if (method == Compression::kZstd) {  // The head of a frame, and that of a short block.
          bytes = "\x28\xb5\x2f\xfd\x00\x00"s + static_cast<char>(random.Below(64)) + "\x00\x00"s;
        }
        for (uint64_t size = random.Below(8); size > 0; --size) {
          bytes.push_back(static_cast<char>(random.Below(random.Chance(70) ? 4 : 256)));
        }
        const size_t raw_size = random.Below(4);
        const Expected<std::string> raw = decompressor(method, bytes, raw_size);
        if (!raw) continue;
        ++unpacked_count;
        ASSERT_EQ(raw->size(), raw_size);
      }
    });
    EXPECT_GT(unpacked_count, 10U) << static_cast<int>(method);
  }
}

TEST(CompressionTest, CopiesOfADecompressorAreIndependent) {
  const std::string frame = ZstdCompressor(3).compress("abc");
  Decompressor copy;
  {
    const Decompressor decompressor = NativeDecompressor();
    EXPECT_EQ(decompressor(Compression::kZstd, frame, 3).value_or("refused"), "abc");
    copy = decompressor;
    EXPECT_EQ(copy(Compression::kZstd, frame, 3).value_or("refused"), "abc");
  }
  EXPECT_EQ(copy(Compression::kZstd, frame, 3).value_or("refused"), "abc");
}

}  // namespace
}  // namespace cotext
