// The folder of a store, which one process at a time may write to:
//
//     DIR/lock       locked as long as somebody writes; who it is, in digits
//     DIR/store.db   the database, with store.db-wal and store.db-shm beside it while it is open
//
// The lock is flock's: it goes with the process, however that ends, and the file stays. Errors:
// kFileInUse, another process has the folder; kIo, it cannot be created or opened.
#ifndef COTEXT_STORAGE_STORE_FOLDER_H_
#define COTEXT_STORAGE_STORE_FOLDER_H_

#include <string>
#include <utility>

#include "document/error.h"
#include "storage/descriptor.h"

namespace cotext {

// Returns the name of the database in the folder of a store.
std::string StoreDatabasePath(const std::string& folder);

class StoreFolder {
 public:
  // Takes the folder, and creates it if it is not there, for this user only. One that cannot be
  // written to is taken for reading, without a lock if it never had one.
  static Expected<StoreFolder> Open(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  StoreFolder(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  Descriptor lock_;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORE_FOLDER_H_
