// SQLite's way to a FaultyDisk, as long as this lives. Databases on it are opened exclusively: it
// has no locks and no shared memory. Thread-compatible, together with the disk.
#ifndef COTEXT_SIMULATION_FAULTY_VFS_H_
#define COTEXT_SIMULATION_FAULTY_VFS_H_

#include <sqlite3.h>

#include <string>

#include "simulation/faulty_disk.h"

namespace cotext {

class FaultyVfs {
 public:
  // REQUIRES: the disk outlives this, and this all databases that are open on it.
  explicit FaultyVfs(FaultyDisk& disk);
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  // What SQLite knows it by.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  sqlite3_vfs vfs_ = {};
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_FAULTY_VFS_H_
