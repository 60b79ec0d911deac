// What a backup makes last before it says that it is done, and that it says so if it cannot. Here
// fsync is this file's: it notes what is synced, and fails where a test wants it to.
#include "storage/backup_store.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "document/error.h"
#include "tests/support/store_model.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/waiting_store.h"

namespace {

std::vector<std::string>& Synced() {
  static std::vector<std::string> paths;
  return paths;
}

// What cannot be synced.
std::string& Failing() {
  static std::string path;
  return path;
}

}  // namespace

extern "C" int fsync(int descriptor) {
  const std::string path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor)).string();
  Synced().push_back(path);
  if (path != Failing()) return static_cast<int>(syscall(SYS_fsync, descriptor));
  errno = EIO;
  return -1;
}

namespace cotext {
namespace {

class BackupStoreTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    WaitingStore store(Path("store"));
    ASSERT_TRUE(store.Append("a", sync::RecordsOf({"text"})).position);
  }
  void TearDown() override { Failing().clear(); }

  std::string Folder() const { return std::filesystem::canonical(Path("")).string(); }
  // As the system names it.
  std::string Real(const std::string& name) const {
    return (std::filesystem::path(Folder()) / name).lexically_normal().string();
  }
  // As the system names the folder that everything is in.
  std::string Parent() const {
    const std::string folder = Folder();
    return folder.ends_with('/') ? folder.substr(0, folder.size() - 1) : folder;
  }
};

TEST_F(BackupStoreTest, TheCopyItsNameAndThatOfItsFolderAreSyncedInThisOrder) {
  Synced().clear();
  const auto done = BackUpStore(Path("store"), Path("backup"));
  ASSERT_TRUE(done) << done.error().message;
  const auto& synced = Synced();
  const auto parent = std::ranges::find(synced, Parent());
  const auto part = std::ranges::find(synced, Real("backup/store.db.part"));
  ASSERT_NE(parent, synced.end()) << "the new folder's name could be lost";
  ASSERT_NE(part, synced.end());
  EXPECT_NE(std::find(part, synced.end(), Real("backup")), synced.end());
}

TEST_F(BackupStoreTest, AFolderWhoseNameCannotBeMadeToLastIsAnError) {
  Failing() = Parent();
  const auto done = BackUpStore(Path("store"), Path("backup"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
  EXPECT_TRUE(done.error().message.contains("cannot be synced")) << done.error().message;
  // When it can, it is done.
  Failing().clear();
  EXPECT_TRUE(BackUpStore(Path("store"), Path("backup")));
}

TEST_F(BackupStoreTest, ACopyWhoseNameCannotBeMadeToLastIsAnError) {
  Failing() = Real("backup");
  const auto done = BackUpStore(Path("store"), Path("backup"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
  EXPECT_TRUE(done.error().message.contains("backup")) << done.error().message;
}

}  // namespace
}  // namespace cotext
