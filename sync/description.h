// What a part of the sync layer is, as bytes: all that decides what it does from now on, and
// nothing else. Two parts with the same description do the same with the same inputs, as far as
// anybody can see; so a search through their states may take them for one
// (tests/sync/small_scope_walk.h).
//
// Each class adds itself by `void Describe(Description& to) const`, next to what it is: a new field
// is described there. What can be told from the rest, or only matters once it was set again, is
// left out; so is what outlives a call for speed alone.
//
// Times are told from now on, and only as times at which something becomes due. Ids that say
// nothing but which thing is meant are told in the order in which they were mentioned first.
// Pure; a description costs what it describes. Thread-compatible.
#ifndef COTEXT_SYNC_DESCRIPTION_H_
#define COTEXT_SYNC_DESCRIPTION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/varint.h"
#include "sync/message.h"

namespace cotext::sync {

class Description {
 public:
  // What is due in more than this, some 34 years, is never due.
  static constexpr uint64_t kNeverMs = uint64_t{1} << 40U;
  // Room for more than so many is room enough: whoever compares descriptions does not use up more.
  static constexpr uint64_t kRoomMax = 8;

  explicit Description(uint64_t now_ms) : now_ms_(now_ms) {}

  void Number(uint64_t value) { AppendVarint(bytes_, value); }
  void Bytes(std::string_view bytes) {
    Number(bytes.size());
    bytes_ += bytes;
  }
  // From a time on something is so; whatever is due now is due alike. Nothing: never.
  void Due(std::optional<uint64_t> at_ms) {
    const uint64_t left_ms = at_ms ? std::max(*at_ms, now_ms_) - now_ms_ : kNeverMs;
    Number(std::min(left_ms, kNeverMs));
  }
  // How many more of something are taken before a limit is reached.
  void Room(uint64_t left) { Number(std::min(left, kRoomMax)); }
  void Name(uint64_t id) {
    const auto found = std::ranges::find(names_, id);
    Number(static_cast<uint64_t>(found - names_.begin()));
    if (found == names_.end()) names_.push_back(id);
  }
  void Add(const Message& message) {
    Number(static_cast<uint64_t>(message.kind));
    Number(message.channel);
    for (const uint64_t number : message.numbers) Number(number);
    for (const std::string& bytes : message.bytes) Bytes(bytes);
  }

  uint64_t now_ms() const { return now_ms_; }
  const std::string& bytes() const { return bytes_; }

 private:
  uint64_t now_ms_;
  std::string bytes_;
  std::vector<uint64_t> names_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_DESCRIPTION_H_
