// Whose the ids are that a document was written under: the user who was the first to write under
// one has it for good. One that nobody is known to have may be given to a user.
//
// Records as in store.h: the id in LEB128, then the user's name. O(log n). Thread-compatible.
#ifndef COTEXT_SYNC_WRITER_TABLE_H_
#define COTEXT_SYNC_WRITER_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "document/varint.h"
#include "sync/store.h"

namespace cotext::sync {

class WriterTable {
 public:
  // Returns the user, or nothing if the id is nobody's.
  const std::string* UserOf(uint64_t writer) const {
    const auto found = users_.find(writer);
    return found == users_.end() ? nullptr : &found->second;
  }

  // Gives an id that is nobody's to a user, and returns the record of that.
  Record Give(uint64_t writer, std::string_view user) {
    users_.emplace(writer, user);
    return RecordOf(writer, user);
  }

  // Takes a record back in.
  Expected<void> Restore(std::string_view bytes) {
    ByteReader reader(bytes);
    const auto writer = reader.Varint();
    if (!writer) return MakeError(ErrorCode::kMalformedState, "a writer's record is malformed");
    users_.emplace(*writer, reader.Rest());
    return {};
  }

  // Returns the ids of all, in order.
  std::vector<uint64_t> Writers() const {
    std::vector<uint64_t> writers;
    for (const auto& [writer, user] : users_) writers.push_back(writer);
    return writers;
  }

  size_t size() const { return users_.size(); }
  // Returns the records of all.
  std::vector<Record> Records() const {
    std::vector<Record> records;
    for (const auto& [writer, user] : users_) records.push_back(RecordOf(writer, user));
    return records;
  }

 private:
  static Record RecordOf(uint64_t writer, std::string_view user) {
    Record record{.kind = RecordKind::kWriter, .bytes = {}};
    AppendVarint(record.bytes, writer);
    record.bytes += user;
    return record;
  }

  std::map<uint64_t, std::string> users_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_WRITER_TABLE_H_
