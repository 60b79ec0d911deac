#include "storage/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;

class FileTest : public TemporaryFolderTest {};

// Sends this thread a signal every millisecond, which interrupts what it waits for.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, &former_);
    const itimerval interval = {.it_interval = {.tv_sec = 0, .tv_usec = 1000},
                                .it_value = {.tv_sec = 0, .tv_usec = 1000}};
    setitimer(ITIMER_REAL, &interval, nullptr);
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  ~Interruptions() {
    const itimerval never = {};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &former_, nullptr);
  }

 private:
  struct sigaction former_ = {};
};

// A pipe, and the name that it can be opened by.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    CloseInput();
  }

  std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

  void Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = write(ends_[1], bytes.data(), bytes.size());
      ASSERT_GT(count, 0);
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  void CloseInput() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

std::string RandomBytes(Random& random, size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random.Below(256)));
  return bytes;
}

template <typename T>
void ExpectError(const Expected<T>& result, ErrorCode code, const std::string& message) {
  ASSERT_FALSE(result.has_value()) << message;
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().message, message);
}

void Put(const std::string& path, std::string_view bytes) {
  const Expected<void> written = WriteFileAtomically(path, bytes);
  ASSERT_TRUE(written.has_value()) << written.error().message;
}

std::string Content(const std::string& path) {
  const Expected<std::string> content = ReadFile(path, kNoLimit);
  return content ? *content : "error: " + content.error().message;
}

TEST_F(FileTest, WhatIsWrittenIsRead) {
  ForEachSeed(20, [this](Random& random) {
    const std::string bytes = RandomBytes(random, random.Below(uint64_t{1} << random.Below(19)));
    ASSERT_NO_FATAL_FAILURE(Put(Path("file"), bytes));
    ASSERT_EQ(Content(Path("file")), bytes);
    ASSERT_EQ(ReadFile(Path("file"), bytes.size()).value_or("error"), bytes);
  });
  EXPECT_EQ(CountFiles(), 1U);
}

// Reading.

TEST_F(FileTest, ReadingAFileTakesItsSizeInMemory) {
  const std::string bytes(1'000'000, 'a');
  Put(Path("file"), bytes);
  EXPECT_LE(ReadFile(Path("file"), kNoLimit).value_or("").capacity(), bytes.size() + 1);
}

TEST_F(FileTest, FilesOfMoreThanTheMaximumAreTooLarge) {
  Put(Path("file"), "abc");
  EXPECT_EQ(ReadFile(Path("file"), 3).value_or("error"), "abc");
  ExpectError(ReadFile(Path("file"), 2), ErrorCode::kTooLarge,
              Path("file") + ": larger than 2 bytes");
  ExpectError(ReadFile(Path("file"), 0), ErrorCode::kTooLarge,
              Path("file") + ": larger than 0 bytes");
  Put(Path("file"), "");
  EXPECT_EQ(ReadFile(Path("file"), 0).value_or("error"), "");
}

TEST_F(FileTest, WhatCannotBeReadIsAnIoError) {
  ExpectError(ReadFile(Path("none"), kNoLimit), ErrorCode::kIo,
              Path("none") + ": cannot open: No such file or directory");
  ExpectError(ReadFile(Path(""), kNoLimit), ErrorCode::kIo,
              Path("") + ": cannot read: Is a directory");
}

TEST_F(FileTest, AFileThatDoesNotTellItsSizeIsReadToItsEnd) {
  EXPECT_TRUE(Content("/proc/self/status").contains("\nPid:"));
}

TEST_F(FileTest, APipeIsReadToItsEnd) {
  Random random(SeedFromEnvironment(1));
  const std::string bytes = RandomBytes(random, 1'000'000);
  Pipe pipe;
  std::thread writer([&] {
    pipe.Write(bytes);
    pipe.CloseInput();
  });
  const std::string content = Content(pipe.path());
  writer.join();
  EXPECT_TRUE(content == bytes);
}

TEST_F(FileTest, APipeIsReadToTheMaximumAndNoFurtherThanAByte) {
  for (const size_t max_bytes : {0U, 1U, 15U, 16U, 999U}) {
    Pipe pipe;
    pipe.Write(std::string(1000, 'a'));
    ExpectError(ReadFile(pipe.path(), max_bytes), ErrorCode::kTooLarge,
                pipe.path() + ": larger than " + std::to_string(max_bytes) + " bytes");
    pipe.CloseInput();
    EXPECT_EQ(Content(pipe.path()).size(), 999 - max_bytes);
  }
}

TEST_F(FileTest, SignalsDoNotEndAReading) {
  Pipe pipe;
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  sigset_t former;
  pthread_sigmask(SIG_BLOCK, &alarm, &former);  // For the writer, which inherits it.
  std::thread writer([&] {
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      pipe.Write("a");
    }
    pipe.CloseInput();
  });
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
  {
    const Interruptions interruptions;
    EXPECT_EQ(Content(pipe.path()), "aaaaaaaaaa");
  }
  writer.join();
}

// Writing.

TEST_F(FileTest, AFileIsReplacedWhileThoseWhoHaveItOpenKeepTheFormer) {
  Put(Path("file"), "former");
  std::filesystem::create_hard_link(Path("file"), Path("other name"));
  Put(Path("file"), "new");
  EXPECT_EQ(Content(Path("file")), "new");
  EXPECT_EQ(Content(Path("other name")), "former");
  EXPECT_EQ(CountFiles(), 2U);
}

TEST_F(FileTest, AReaderSeesOneContentOrTheOther) {
  Put(Path("file"), std::string(100'000, 'a'));
  std::thread writer([this] {
    for (int i = 1; i <= 50; ++i) {
      Put(Path("file"), std::string(100'000, static_cast<char>('a' + i % 2)));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string content = Content(Path("file"));
    EXPECT_EQ(content.size(), 100'000U);
    EXPECT_EQ(content.find_first_not_of(content.front()), std::string::npos);
  }
  writer.join();
}

TEST_F(FileTest, AFileWithoutAFolderIsWrittenInTheCurrentOne) {
  const std::filesystem::path former = std::filesystem::current_path();
  std::filesystem::current_path(Path(""));
  EXPECT_TRUE(WriteFileAtomically("file", "abc"));
  std::filesystem::current_path(former);
  EXPECT_EQ(Content(Path("file")), "abc");
  EXPECT_EQ(CountFiles(), 1U);
}

TEST_F(FileTest, AReplacedFileKeepsItsPermissions) {
  const mode_t former_mask = umask(027);
  Put(Path("file"), "abc");
  umask(former_mask);
  const auto permissions = [this] {
    return static_cast<unsigned>(std::filesystem::status(Path("file")).permissions());
  };
  EXPECT_EQ(permissions(), 0640U);
  for (const unsigned mode : {0600U, 0444U, 0666U, 0755U}) {
    std::filesystem::permissions(Path("file"), static_cast<std::filesystem::perms>(mode));
    Put(Path("file"), "def");
    EXPECT_EQ(permissions(), mode);
  }
}

TEST_F(FileTest, ASymbolicLinkIsReplacedItself) {
  Put(Path("target"), "former");
  std::filesystem::create_symlink(Path("target"), Path("file"));
  Put(Path("file"), "new");
  EXPECT_FALSE(std::filesystem::is_symlink(Path("file")));
  EXPECT_EQ(Content(Path("file")), "new");
  EXPECT_EQ(Content(Path("target")), "former");
}

TEST_F(FileTest, WhatIsNoRegularFileIsNotReplaced) {
  ExpectError(WriteFileAtomically("/dev/null", "abc"), ErrorCode::kIo,
              "/dev/null: not a regular file");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  std::filesystem::create_directory(Path("folder"));
  ExpectError(WriteFileAtomically(Path("folder"), "abc"), ErrorCode::kIo,
              Path("folder") + ": not a regular file");
  EXPECT_EQ(CountFiles(), 1U);
}

TEST_F(FileTest, AFolderThatDoesNotExistIsAnIoError) {
  ExpectError(WriteFileAtomically(Path("none/file"), "abc"), ErrorCode::kIo,
              Path("none/file") + ": cannot open its folder: No such file or directory");
  ExpectError(WriteFileAtomically("", "abc"), ErrorCode::kIo,
              ": cannot replace: No such file or directory");
  EXPECT_EQ(CountFiles(), 0U);
}

TEST_F(FileTest, AFailedWriteLeavesTheFormerContentAndNothingElse) {
  Put(Path("file"), "former");
  Expected<void> replaced;
  Expected<void> created;
  {
    const FileSizeLimit limit(100);
    replaced = WriteFileAtomically(Path("file"), std::string(101, 'a'));
    created = WriteFileAtomically(Path("other"), std::string(101, 'a'));
  }
  ExpectError(replaced, ErrorCode::kIo, Path("file") + ": cannot write: File too large");
  ExpectError(created, ErrorCode::kIo, Path("other") + ": cannot write: File too large");
  EXPECT_EQ(Content(Path("file")), "former");
  EXPECT_EQ(CountFiles(), 1U);
}

// Appending.

TEST_F(FileTest, RecordsAreAppendedInOrder) {
  ForEachSeed(5, [this](Random& random) {
    std::string all = RandomBytes(random, random.Below(100));
    ASSERT_NO_FATAL_FAILURE(Put(Path("file"), all));
    for (int i = 0; i < 20; ++i) {
      const std::string record = RandomBytes(random, random.Below(10'000));
      const Expected<void> appended = AppendToFile(Path("file"), record, all.size());
      ASSERT_TRUE(appended.has_value()) << appended.error().message;
      all += record;
      ASSERT_EQ(Content(Path("file")), all);
    }
  });
}

TEST_F(FileTest, NothingIsAppendedToAFileOfAnotherSize) {
  Put(Path("file"), "abc");
  ExpectError(AppendToFile(Path("file"), "def", 2), ErrorCode::kIo,
              Path("file") + ": has 3 bytes, not 2");
  ExpectError(AppendToFile(Path("file"), "def", kNoLimit), ErrorCode::kIo,
              Path("file") + ": has 3 bytes, not 18446744073709551615");
  EXPECT_EQ(Content(Path("file")), "abc");
}

TEST_F(FileTest, AppendingCreatesNoFile) {
  ExpectError(AppendToFile(Path("file"), "abc", 0), ErrorCode::kIo,
              Path("file") + ": cannot open: No such file or directory");
  ExpectError(AppendToFile(Path("none/file"), "abc", 0), ErrorCode::kIo,
              Path("none/file") + ": cannot open: No such file or directory");
  EXPECT_EQ(CountFiles(), 0U);
}

TEST_F(FileTest, ARecordThatDoesNotFitIsCutOffAgain) {
  Put(Path("file"), "former");
  Expected<void> appended;
  {
    const FileSizeLimit limit(100);  // Some of the record fits.
    appended = AppendToFile(Path("file"), std::string(200, 'a'), 6);
  }
  ExpectError(appended, ErrorCode::kIo, Path("file") + ": cannot append: File too large");
  EXPECT_EQ(Content(Path("file")), "former");
  EXPECT_TRUE(AppendToFile(Path("file"), " and new", 6));
  EXPECT_EQ(Content(Path("file")), "former and new");
}

TEST_F(FileTest, AFullDiskIsAnIoErrorThatSaysWhatItCouldNotUndo) {
  ExpectError(AppendToFile("/dev/full", "abc", 0), ErrorCode::kIo,
              "/dev/full: cannot append: No space left on device; part of it may have stayed");
}

}  // namespace
}  // namespace cotext
