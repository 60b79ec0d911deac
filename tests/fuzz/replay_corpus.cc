// Feeds a fuzz target the files of its corpus, as they are and spoiled a little, so that whatever
// fuzzing once found is tried in every run of the tests.
//
// COTEXT_CORPUS names the folder. The input that stops the program is printed in hexadecimal.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "document/random.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/for_each_seed.h"

namespace {

// The input being tried, in hexadecimal, where a signal handler may look.
std::array<char, 1U << 14U> current_hex;
size_t current_size = 0;

constexpr std::string_view kTitle = "the input, as `xxd -r -p` reads it:\n";

}  // namespace

extern "C" {

// The sanitizers' runtime calls back before it ends the program; without them this is null.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the runtime's name.
[[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

static void PrintInput() {
  std::ignore = write(STDERR_FILENO, kTitle.data(), kTitle.size());
  std::ignore = write(STDERR_FILENO, current_hex.data(), current_size);
  std::ignore = write(STDERR_FILENO, "\n", 1);
}

static void PrintInputAndStop(int signal) {
  PrintInput();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // extern "C"

namespace cotext {
namespace {

// Longer files are cut and changed near their beginning only.
constexpr size_t kSpoiledBytesMax = 512;
constexpr uint64_t kChangesPerFile = 500;

struct File {
  std::string name;
  std::string bytes;
};

std::vector<File> ReadCorpus() {
  const char* const folder = std::getenv("COTEXT_CORPUS");
  if (folder == nullptr) return {};
  std::vector<File> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    files.push_back(File{.name = entry.path().filename().string(),
                         .bytes = {std::istreambuf_iterator<char>(stream), {}}});
  }
  std::ranges::sort(files, {}, &File::name);
  return files;
}

void NoteInput(std::string_view input) {
  constexpr std::string_view kHex = "0123456789abcdef";
  current_size = 0;
  for (const char byte : input.substr(0, current_hex.size() / 2)) {
    const auto code = static_cast<unsigned char>(byte);
    current_hex[current_size++] = kHex[code >> 4U];
    current_hex[current_size++] = kHex[code & 0xfU];
  }
}

bool Try(std::string_view input) {
  NoteInput(input);
  // In a block of its own size, past the end of which a sanitizer sees every read.
  const std::vector<char> copy(input.begin(), input.end());
  return TryInput({copy.data(), copy.size()});
}

class CorpusTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const int signal : {SIGABRT, SIGILL, SIGTRAP}) std::signal(signal, PrintInputAndStop);
    if (__sanitizer_set_death_callback != nullptr) {
      __sanitizer_set_death_callback(PrintInput);
    } else {
      std::signal(SIGSEGV, PrintInputAndStop);
    }
  }

  void SetUp() override { ASSERT_FALSE(files_.empty()); }

  const std::vector<File> files_ = ReadCorpus();
};

// A corpus that is all refused would not show what lies behind the decoder.
TEST_F(CorpusTest, SomeFilesAreAcceptedAndSomeRefused) {
  const auto accepted =
      std::ranges::count_if(files_, [](const File& file) { return Try(file.bytes); });
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, std::ssize(files_));
}

TEST_F(CorpusTest, EveryTruncationIsSafe) {
  for (const File& file : files_) {
    const std::string_view bytes = file.bytes;
    for (size_t size = 0; size < std::min(bytes.size(), kSpoiledBytesMax); ++size) {
      Try(bytes.substr(0, size));
    }
  }
}

TEST_F(CorpusTest, AnyChangedByteIsSafe) {
  ForEachSeed(kChangesPerFile, [this](Random& random) {
    for (const File& file : files_) {
      if (file.bytes.empty()) continue;
      std::string bytes = file.bytes;
      const size_t at = random.Below(std::min(bytes.size(), kSpoiledBytesMax));
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) + random.Between(1, 255));
      Try(bytes);
    }
  });
}

}  // namespace
}  // namespace cotext
