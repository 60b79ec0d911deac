// A call of a Store as a value, on its way to whoever does it.
#ifndef COTEXT_STORAGE_STORE_CALL_H_
#define COTEXT_STORAGE_STORE_CALL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "sync/store.h"

namespace cotext {

struct StoreCall {
  enum class Kind : uint8_t { kLoad, kAppend, kCompact };

  Kind kind = Kind::kLoad;
  std::string document = {};
  sync::Ticket ticket = 0;
  std::vector<sync::Record> records = {};  // Of kAppend, and of kCompact the snapshot.
  uint64_t up_to = 0;                      // Of kCompact.
  // Why it fails without being tried.
  std::optional<Error> refusal = std::nullopt;

  bool is_write() const { return kind != Kind::kLoad; }
  // Whether it leaves everything as it was, and nothing else fails for it, if this is its error.
  bool FailsAlone(const Error& error) const {
    return kind == Kind::kCompact && sync::IsRoomMissing(error);
  }
  // What it takes in memory, about.
  size_t bytes() const {
    size_t bytes = sizeof(StoreCall) + document.size();
    for (const sync::Record& record : records) bytes += sizeof(record) + record.bytes.size();
    return bytes;
  }
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORE_CALL_H_
