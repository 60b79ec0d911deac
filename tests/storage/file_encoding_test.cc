#include "storage/file_encoding.h"

#include <gtest/gtest.h>

namespace cotext {
namespace {

TEST(FileEncodingTest, SmallSavesBytesAndFastSavesTime) {
  const FileEncoding small = EncodingFor(Profile::kSmall);
  EXPECT_EQ(small.compressor.method, Compression::kZstd);
  EXPECT_TRUE(small.neighbours);
  EXPECT_FALSE(small.drops_deleted_text);
  const FileEncoding fast = EncodingFor(Profile::kFast);
  EXPECT_EQ(fast.compressor.method, Compression::kLz4);
  EXPECT_FALSE(fast.neighbours);
  EXPECT_FALSE(fast.drops_deleted_text);
}

}  // namespace
}  // namespace cotext
