// The documents that are read as text, each loaded once for all its readers and kept for a while
// after the last one has gone.
//
// Memory is bounded: beyond documents_max or bytes_max, those that nobody reads make room, the one
// that was left first; if there are none, kTooManyDocuments. A document that grows while it is read
// is kept all the same.
//
// O(documents) a call. For the driver's thread. REQUIRES: outlives its leases.
#ifndef COTEXT_NET_DRIVER_DOCUMENT_READERS_H_
#define COTEXT_NET_DRIVER_DOCUMENT_READERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/base/schedule.h"
#include "net/driver/document_reader.h"
#include "net/driver/server_driver.h"

namespace cotext::net {

class DocumentReaders;

// Keeps a reader, and its listener told, as long as it lives. An empty one keeps nothing.
class ReaderLease {
 public:
  ReaderLease() = default;
  ReaderLease(ReaderLease&& other) noexcept { *this = std::move(other); }
  ReaderLease& operator=(ReaderLease&& other) noexcept;
  ~ReaderLease() { Release(); }

  void Release();
  explicit operator bool() const { return reader_ != nullptr; }
  DocumentReader& operator*() const { return *reader_; }
  DocumentReader* operator->() const { return reader_.get(); }

 private:
  friend class DocumentReaders;
  DocumentReaders* readers_ = nullptr;
  std::shared_ptr<DocumentReader> reader_;
  ReaderListener* listener_ = nullptr;
};

struct DocumentReadersOptions {
  uint64_t idle_ms = 30'000;
  size_t documents_max = 1'000;
  size_t bytes_max = size_t{1} << 29U;
};

class DocumentReaders {
 public:
  DocumentReaders(ServerDriver& driver, Schedule& schedule, std::function<uint64_t()> random,
                  const DocumentReadersOptions& options = {})
      : driver_(&driver), schedule_(&schedule), random_(std::move(random)), options_(options) {}
  DocumentReaders(const DocumentReaders&) = delete;
  DocumentReaders& operator=(const DocumentReaders&) = delete;
  ~DocumentReaders();

  // The listener hears of what comes after this call; a reader that is ready already does not say
  // so. REQUIRES: the listener outlives the lease.
  Expected<ReaderLease> Read(const std::string& document, ReaderListener& listener);

  // A document could not be loaded.
  void OnUnreadable(std::string_view document, ErrorCode why);

  // Drops a document unless somebody reads it; returns whether nobody does.
  bool Forget(std::string_view document);

  size_t count() const { return readers_.size(); }
  size_t bytes() const;

 private:
  friend class ReaderLease;
  struct Entry {
    std::shared_ptr<DocumentReader> reader;
    Schedule::TaskId drop = 0;  // While nobody reads it.
    uint64_t idle_since_ms = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Expected<void> MakeRoom();
  void OnReleased(std::shared_ptr<DocumentReader> reader);
  void Erase(Entries::iterator entry);
  // Destroys a reader in the next turn: this may be a call of its own.
  void Retire(std::shared_ptr<DocumentReader> reader);

  ServerDriver* driver_;
  Schedule* schedule_;
  std::function<uint64_t()> random_;
  DocumentReadersOptions options_;
  Entries readers_;
  std::vector<std::shared_ptr<DocumentReader>> leaving_;
  Schedule::TaskId sweep_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_DOCUMENT_READERS_H_
