#include "simulation/trace/trace_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/gzip_file.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"
#include "simulation/trace/trace_reader.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string TemporaryFile(const std::string& name) { return testing::TempDir() + "/" + name; }

TEST(TraceWriterTest, WritesOneTransactionALine) {
  const Trace trace = ParseConcurrentTrace(
      3, R"({"parents":[],"agent":2,"patches":[[0,0,"a\"\\\n\u0001\u007fé"],[1,2,""]]},)"
         R"({"parents":[0],"agent":0,"patches":[]})");
  EXPECT_EQ(
      SerializeTrace(trace),
      "{\"kind\":\"concurrent\",\"numAgents\":3,\"endContent\":\"\",\"txns\":[\n"
      "{\"parents\":[],\"agent\":2,\"patches\":[[0,0,\"a\\\"\\\\\\n\\u0001\x7fé\"],[1,2,\"\"]]},\n"
      "{\"parents\":[0],\"agent\":0,\"patches\":[]}\n"
      "]}\n");
}

TEST(TraceWriterTest, StartContentComesBackAsATransaction) {
  const Trace trace =
      ParseRightTrace(R"({"startContent":"ab","endContent":"b","txns":[{"patches":[[0,1,""]]}]})");
  EXPECT_EQ(SerializeTrace(trace),
            "{\"startContent\":\"\",\"endContent\":\"b\",\"txns\":[\n"
            "{\"patches\":[[0,0,\"ab\"]]},\n{\"patches\":[[0,1,\"\"]]}\n]}\n");
}

TEST(TraceWriterTest, WhatIsWrittenIsReadBack) {
  ForEachSeed(50, [](Random& random) {
    const Trace trace = RandomTrace(random);
    const auto again = ParseTrace(SerializeTrace(trace), "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(SerializeTrace(*again), SerializeTrace(trace));
  });
}

TEST(TraceWriterTest, NamesThatEndInGzAreCompressed) {
  const auto trace = Generate({.transactions = 2000});
  ASSERT_TRUE(trace);
  const std::string plain = TemporaryFile("writer.json");
  const std::string packed = TemporaryFile("writer.json.gz");
  ASSERT_TRUE(WriteTrace(*trace, plain));
  ASSERT_TRUE(WriteTrace(*trace, packed));
  EXPECT_EQ(std::filesystem::file_size(plain), SerializeTrace(*trace).size());
  EXPECT_LT(std::filesystem::file_size(packed), std::filesystem::file_size(plain) / 2);
  for (const std::string& path : {plain, packed}) {
    const auto read = ReadTrace(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name(), path);
    EXPECT_EQ(SerializeTrace(*read), SerializeTrace(*trace));
  }
}

TEST(GzipFileTest, AFileCutOffIsAnError) {
  const std::string path = TemporaryFile("cut.json.gz");
  const auto trace = Generate({.transactions = 500});
  ASSERT_TRUE(WriteTrace(*trace, path));
  const auto size = std::filesystem::file_size(path);
  for (const auto kept : {size - 1, size - 9, size / 2, size / 10}) {
    std::filesystem::resize_file(path, kept);
    const auto read = ReadTrace(path);
    ASSERT_FALSE(read) << kept;
    EXPECT_EQ(ErrorName(read.error().code), "io");
    EXPECT_EQ(read.error().message, path + ": cannot read: gzip data ends too early");
  }
}

TEST(GzipFileTest, ADamagedFileIsAnError) {
  const std::string path = TemporaryFile("damaged.json.gz");
  ASSERT_TRUE(WriteTrace(*Generate({.transactions = 500}), path));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file << "damage";
  file.close();
  const auto read = ReadGzipFile(path);
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().message.starts_with(path + ": cannot read: gzip data is damaged: "))
      << read.error().message;
}

TEST(GzipFileTest, FilesThatCannotBeOpenedAreErrors) {
  const auto read = ReadTrace("/nonexistent/x.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "/nonexistent/x.json: cannot open: No such file or directory");
  const auto directory = ReadTrace(testing::TempDir());
  ASSERT_FALSE(directory);
  EXPECT_EQ(ErrorName(directory.error().code), "io");
  const auto written = WriteTrace(*Generate({}), "/nonexistent/x.json");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "/nonexistent/x.json: cannot open: No such file or directory");
}

TEST(GzipFileTest, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto written = WriteTrace(*Generate({.transactions = 2000}), "/dev/full");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "/dev/full: cannot write: No space left on device");
}

}  // namespace
}  // namespace cotext
