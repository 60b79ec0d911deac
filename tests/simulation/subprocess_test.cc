#include "simulation/subprocess.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"

namespace cotext {
namespace {

Command Shell(const std::string& script) {
  return Command{.arguments = {"sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
}

TEST(SubprocessTest, OutputIsReadFieldByField) {
  auto process = Subprocess::Start(Shell(R"(printf 'one\0two\n\0\0rest')"));
  ASSERT_TRUE(process) << process.error().message;
  for (const char* const field : {"one", "two\n", "", "rest"}) {
    EXPECT_EQ(*process->ReadUntil('\0'), field);
  }
  EXPECT_EQ(*process->ReadUntil('\0'), std::nullopt);
  EXPECT_TRUE(process->Wait().ok);
}

TEST(SubprocessTest, OutputIsReadByCount) {
  auto process = Subprocess::Start(Shell("head -c 200000 /dev/zero; printf 'x\nlast'"));
  ASSERT_TRUE(process);
  EXPECT_EQ(*process->Read(200'000), std::string(200'000, '\0'));
  EXPECT_EQ(*process->ReadUntil('\n'), "x");
  EXPECT_EQ(*process->Read(0), "");
  EXPECT_EQ(*process->Read(100), "last");
  EXPECT_EQ(*process->Read(100), "");
}

TEST(SubprocessTest, NoShellTakesArgumentsApart) {
  auto process = Subprocess::Start({.arguments = {"printf", "%s", "a b; $HOME '*'"}});
  ASSERT_TRUE(process);
  EXPECT_EQ(*process->ReadUntil('\0'), "a b; $HOME '*'");
}

TEST(SubprocessTest, TheEnvironmentIsTheGivenOne) {
  Command command = Shell("echo $ONE; env | grep -c HOME");
  command.environment.emplace_back("ONE=1");
  auto process = Subprocess::Start(command);
  ASSERT_TRUE(process);
  EXPECT_EQ(*process->ReadUntil('\n'), "1");
  EXPECT_EQ(*process->ReadUntil('\n'), "0");
}

TEST(SubprocessTest, AFailureComesWithWhatTheProgramSaid) {
  auto process = Subprocess::Start(Shell("echo out; echo reason >&2; exit 3"));
  ASSERT_TRUE(process);
  EXPECT_EQ(*process->ReadUntil('\n'), "out");
  const Subprocess::End end = process->Wait();
  EXPECT_FALSE(end.ok);
  EXPECT_EQ(end.errors, "reason\n");
  auto killed = Subprocess::Start(Shell("kill -KILL $$"));
  EXPECT_FALSE(killed->Wait().ok);
}

TEST(SubprocessTest, MuchOnStandardErrorStopsNobody) {
  auto process = Subprocess::Start(Shell("head -c 1000000 /dev/zero >&2; echo done"));
  ASSERT_TRUE(process);
  EXPECT_EQ(*process->ReadUntil('\n'), "done");
  EXPECT_EQ(process->Wait().errors.size(), 16384U);
}

TEST(SubprocessTest, AProgramThatIsNotThereIsAnError) {
  const auto process = Subprocess::Start({.arguments = {"no-such-program"}});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::kIo);
  EXPECT_EQ(process.error().message, "cannot run no-such-program: No such file or directory");
}

TEST(SubprocessTest, InputIsAFileOrNothing) {
  auto file = MakeNamelessFile("some\ninput");
  ASSERT_TRUE(file);
  auto process = Subprocess::Start(Shell("cat"), *std::move(file));
  EXPECT_EQ(*process->Read(100), "some\ninput");
  auto other = Subprocess::Start(Shell("cat"));
  EXPECT_EQ(*other->Read(100), "");
}

TEST(SubprocessTest, OneProgramReadsWhatAnotherWrites) {
  auto first = Subprocess::Start(Shell("seq 100000"));
  ASSERT_TRUE(first);
  auto second = Subprocess::Start(Shell("wc -l"), first->TakeOutput());
  ASSERT_TRUE(second);
  EXPECT_EQ(*second->ReadUntil('\n'), "100000");
  EXPECT_TRUE(first->Wait().ok);
  EXPECT_TRUE(second->Wait().ok);
}

TEST(SubprocessTest, AProgramIsStoppedWithItsOwner) {
  const auto begin = std::chrono::steady_clock::now();
  {
    auto sleeper = Subprocess::Start({.arguments = {"sleep", "1000"}});
    ASSERT_TRUE(sleeper);
    const Subprocess moved = *std::move(sleeper);
    auto writer = Subprocess::Start({.arguments = {"yes"}});
    ASSERT_TRUE(writer);
    EXPECT_EQ(*writer->Read(4), "y\ny\n");
    EXPECT_FALSE(writer->Wait().ok);  // It has still to write and cannot.
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(100));
}

TEST(SubprocessTest, AFieldHasALimit) {
  auto process = Subprocess::Start({.arguments = {"cat", "/dev/zero"}});
  ASSERT_TRUE(process);
  const auto field = process->ReadUntil('\n');
  ASSERT_FALSE(field);
  EXPECT_EQ(field.error().message, "a program wrote a field of more than 16777216 bytes");
}

}  // namespace
}  // namespace cotext
