#include "sync/memory_log.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/varint.h"

// Only the functions that are used are compiled, into this file.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#define XXH_NO_XXH3     // NOLINT(readability-identifier-naming)
#include "xxhash.h"

// A frame: the size of the payload and its checksum, four bytes each, the lowest first; the
// payload, which is its kind, a position (of the record before the first; or that up to which a
// snapshot goes) and how many records there are, in LEB128, then each: kind, size, bytes.
namespace cotext::sync {
namespace {

constexpr size_t kHeadBytes = 8;

enum class FrameKind : uint8_t { kRecords = 1, kSnapshot = 2 };

struct Frame {
  FrameKind kind{};
  uint64_t position = 0;
  std::vector<Record> records = {};
  size_t bytes = 0;  // Head and payload.
};

uint32_t ChecksumOf(std::string_view payload) {
  return static_cast<uint32_t>(XXH64(payload.data(), payload.size(), 0));
}

void AppendNumber(std::string& bytes, uint32_t number) {
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(number >> (8U * i)));
}

uint32_t NumberAt(std::string_view bytes) {
  uint32_t number = 0;
  for (unsigned i = 0; i < 4; ++i) {
    number |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8U * i);
  }
  return number;
}

std::string PayloadOf(FrameKind kind, uint64_t position, std::span<const Record> records) {
  std::string payload;
  AppendVarint(payload, static_cast<uint64_t>(kind));
  AppendVarint(payload, position);
  AppendVarint(payload, records.size());
  for (const Record& record : records) {
    AppendVarint(payload, static_cast<uint64_t>(record.kind));
    AppendVarint(payload, record.bytes.size());
    payload += record.bytes;
  }
  return payload;
}

// REQUIRES: the payload has the checksum that was written with it.
Frame ReadPayload(std::string_view payload) {
  ByteReader reader(payload);
  const auto number = [&] {
    const auto value = reader.Varint();
    COTEXT_CHECK(value.has_value());
    return *value;
  };
  Frame frame{.kind = static_cast<FrameKind>(number()), .position = number()};
  for (uint64_t count = number(); count > 0; --count) {
    const auto kind = static_cast<RecordKind>(number());
    const auto bytes = reader.Bytes(number());
    COTEXT_CHECK(bytes.has_value());
    frame.records.push_back(Record{.kind = kind, .bytes = std::string(*bytes)});
  }
  COTEXT_CHECK(reader.done());
  return frame;
}

// Returns the frame that the bytes begin with, unless it is torn.
std::optional<Frame> ReadFrame(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return std::nullopt;
  const uint32_t size = NumberAt(bytes);
  const std::string_view rest = bytes.substr(kHeadBytes);
  if (size == 0 || size > rest.size()) return std::nullopt;
  const std::string_view payload = rest.substr(0, size);
  if (ChecksumOf(payload) != NumberAt(bytes.substr(4))) return std::nullopt;
  Frame frame = ReadPayload(payload);
  frame.bytes = kHeadBytes + size;
  return frame;
}

// Makes the next frame's difference to a log.
void Add(Frame frame, StoredLog& log) {
  if (frame.kind == FrameKind::kRecords) {
    COTEXT_CHECK(frame.position == log.position());
    std::move(frame.records.begin(), frame.records.end(), std::back_inserter(log.tail));
    return;
  }
  COTEXT_CHECK(frame.position >= log.snapshot_position);
  // A file that was rewritten begins with a snapshot.
  if (log.position() > 0) {
    COTEXT_CHECK(frame.position <= log.position());
    const auto replaced = static_cast<std::ptrdiff_t>(frame.position - log.snapshot_position);
    log.tail.erase(log.tail.begin(), log.tail.begin() + replaced);
  }
  log.snapshot = std::move(frame.records);
  log.snapshot_position = frame.position;
}

}  // namespace

void MemoryLog::WriteFrame(std::string_view payload) {
  AppendNumber(bytes_, static_cast<uint32_t>(payload.size()));
  AppendNumber(bytes_, ChecksumOf(payload));
  bytes_ += payload;
}

void MemoryLog::WriteRecords(std::span<const Record> records) {
  WriteFrame(PayloadOf(FrameKind::kRecords, position_, records));
  position_ += records.size();
}

void MemoryLog::WriteSnapshot(uint64_t up_to, std::span<const Record> snapshot) {
  COTEXT_CHECK(up_to >= snapshot_position_);
  COTEXT_CHECK(up_to <= position_);
  WriteFrame(PayloadOf(FrameKind::kSnapshot, up_to, snapshot));
  snapshot_position_ = up_to;
  snapshot_end_ = end();
}

void MemoryLog::CutTo(uint64_t place) {
  COTEXT_CHECK(place >= synced_);
  COTEXT_CHECK(place <= end());
  bytes_.resize(IndexOf(place));
}

void MemoryLog::SyncTo(uint64_t place) {
  COTEXT_CHECK(place <= end());
  synced_ = std::max(synced_, place);
  if (snapshot_end_ == 0 || synced_ < snapshot_end_) return;
  Rewrite(snapshot_end_);
  snapshot_end_ = 0;
}

// Writes what is before `place` anew, as one snapshot and the records behind it.
void MemoryLog::Rewrite(uint64_t place) {
  const StoredLog log = Read(place);
  MemoryLog fresh;
  fresh.position_ = log.snapshot_position;
  fresh.WriteSnapshot(log.snapshot_position, log.snapshot);
  if (!log.tail.empty()) fresh.WriteRecords(log.tail);
  const size_t old_bytes = IndexOf(place);
  // All that is written anew was there before, with no fewer frames around it.
  COTEXT_CHECK(fresh.bytes_.size() <= old_bytes);
  dropped_ += old_bytes - fresh.bytes_.size();
  bytes_.replace(0, old_bytes, fresh.bytes_);
}

void MemoryLog::Crash(Random& random) {
  const size_t written = bytes_.size();
  const size_t kept = IndexOf(synced_) + static_cast<size_t>(random.Below(end() - synced_ + 1));
  bytes_.resize(kept);
  // Some file systems make a file longer before they have written what is in it.
  if (random.Chance(30))
    bytes_.resize(kept + static_cast<size_t>(random.Below(written - kept + 1)));
}

void MemoryLog::Recover() {
  StoredLog log;
  size_t intact = 0;
  uint64_t snapshot_end = 0;
  while (auto frame = ReadFrame(std::string_view(bytes_).substr(intact))) {
    intact += frame->bytes;
    if (frame->kind == FrameKind::kSnapshot) snapshot_end = dropped_ + intact;
    Add(*std::move(frame), log);
  }
  bytes_.resize(intact);
  COTEXT_CHECK(synced_ <= end());
  position_ = log.position();
  snapshot_position_ = log.snapshot_position;
  snapshot_end_ = snapshot_end > synced_ ? snapshot_end : 0;
}

StoredLog MemoryLog::Read(uint64_t place) const {
  StoredLog log;
  size_t at = 0;
  const size_t end = IndexOf(place);
  while (at < end) {
    auto frame = ReadFrame(std::string_view(bytes_).substr(at, end - at));
    COTEXT_CHECK(frame.has_value());
    at += frame->bytes;
    Add(*std::move(frame), log);
  }
  return log;
}

}  // namespace cotext::sync
