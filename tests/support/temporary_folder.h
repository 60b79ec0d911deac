// What tests of files share: a folder of its own for each test, and a disk that is full.
#ifndef COTEXT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define COTEXT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>

namespace cotext {

// Has an empty folder as long as the test runs.
class TemporaryFolderTest : public testing::Test {
 protected:
  TemporaryFolderTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~TemporaryFolderTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  size_t CountFiles() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++count;
    return count;
  }

 private:
  std::string folder_ = testing::TempDir() + "/" +
                        testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() +
                        "." + testing::UnitTest::GetInstance()->current_test_info()->name();
};

// While it lives, no file of this process grows beyond `max_bytes`. Nothing may be printed.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t max_bytes) {
    former_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit limit = {.rlim_cur = max_bytes, .rlim_max = former_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }

 private:
  rlimit former_ = {};
  void (*former_handler_)(int) = nullptr;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
