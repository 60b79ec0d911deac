#include "crdt/version_vector.h"

#include <algorithm>
#include <iterator>

#include "document/check.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Entry = VersionVector::Entry;

// Returns the first entry whose replica is not less than `replica`.
template <typename Entries>
auto LowerBound(Entries& entries, ReplicaId replica) {
  return std::lower_bound(entries.begin(), entries.end(), replica,
                          [](const Entry& entry, ReplicaId id) { return entry.replica < id; });
}

}  // namespace

void VersionVector::Observe(OpId id) {
  if (id.counter == 0) return;
  const auto at = LowerBound(entries_, id.replica);
  if (at != entries_.end() && at->replica == id.replica) {
    at->counter = std::max(at->counter, id.counter);
  } else {
    entries_.insert(at, Entry{.replica = id.replica, .counter = id.counter});
  }
}

uint64_t VersionVector::CounterOf(ReplicaId replica) const {
  const auto at = LowerBound(entries_, replica);
  return at != entries_.end() && at->replica == replica ? at->counter : 0;
}

bool VersionVector::Covers(const VersionVector& other) const {
  auto mine = entries_.begin();
  for (const Entry& entry : other.entries_) {
    while (mine != entries_.end() && mine->replica < entry.replica) ++mine;
    if (mine == entries_.end() || mine->replica != entry.replica) return false;
    if (mine->counter < entry.counter) return false;
  }
  return true;
}

void VersionVector::Join(const VersionVector& other) {
  std::vector<Entry> joined;
  joined.reserve(std::max(entries_.size(), other.entries_.size()));
  auto mine = entries_.begin();
  for (const Entry& entry : other.entries_) {
    while (mine != entries_.end() && mine->replica < entry.replica) joined.push_back(*mine++);
    if (mine != entries_.end() && mine->replica == entry.replica) {
      joined.push_back(mine->counter < entry.counter ? entry : *mine);
      ++mine;
    } else {
      joined.push_back(entry);
    }
  }
  joined.insert(joined.end(), mine, entries_.end());
  entries_ = std::move(joined);
}

void VersionVector::Meet(const VersionVector& other) {
  std::vector<Entry> common;
  auto theirs = other.entries_.begin();
  for (const Entry& entry : entries_) {
    while (theirs != other.entries_.end() && theirs->replica < entry.replica) ++theirs;
    if (theirs == other.entries_.end()) break;
    if (theirs->replica != entry.replica) continue;
    common.push_back(
        Entry{.replica = entry.replica, .counter = std::min(entry.counter, theirs->counter)});
  }
  entries_ = std::move(common);
}

void VersionVector::CheckInvariants() const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    COTEXT_CHECK(entries_[i].counter > 0);
    COTEXT_CHECK(i == 0 || entries_[i - 1].replica < entries_[i].replica);
  }
}

std::string VersionVector::Encode() const {
  std::string bytes;
  AppendVarint(bytes, entries_.size());
  uint64_t previous = 0;
  for (const Entry& entry : entries_) {
    AppendVarint(bytes, entry.replica.value - previous);
    AppendVarint(bytes, entry.counter);
    previous = entry.replica.value;
  }
  return bytes;
}

Expected<VersionVector> VersionVector::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto malformed = [] {
    return MakeError(ErrorCode::kInvalidVersion, "the bytes are not a version vector");
  };
  const std::optional<uint64_t> count = reader.Varint();
  // An entry takes two bytes at least, which bounds the allocation by the input.
  if (!count || *count > reader.remaining() / 2) return malformed();
  VersionVector decoded;
  decoded.entries_.reserve(static_cast<size_t>(*count));
  uint64_t replica = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> step = reader.Varint();
    const std::optional<uint64_t> counter = reader.Varint();
    if (!step || !counter || *step == 0 || *step >= kIdLimit - replica) return malformed();
    if (*counter == 0 || *counter >= kIdLimit) return malformed();
    replica += *step;
    decoded.entries_.push_back(Entry{.replica = ReplicaId{replica}, .counter = *counter});
  }
  if (!reader.done()) return malformed();
  return decoded;
}

}  // namespace cotext
