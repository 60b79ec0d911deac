#include "ot/position_log.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "document/check.h"

namespace cotext {
namespace {

// Composes maps in order, by halves.
PositionMap ComposeMaps(std::vector<PositionMap> maps) {
  while (maps.size() > 1) {
    size_t kept = 0;
    for (size_t i = 0; i < maps.size(); i += 2) {
      maps[kept++] = i + 1 < maps.size() ? maps[i].Then(maps[i + 1]) : std::move(maps[i]);
    }
    maps.resize(kept);
  }
  return std::move(maps.front());
}

}  // namespace

// Recording.

void PositionLog::Erase(uint64_t position, uint64_t count) {
  number_ += count;
  if (!runs_.empty() && runs_.back().kind != Kind::kInsert) {
    Run& last = runs_.back();
    if (position == last.position && last.kind != Kind::kEraseBackward) {
      last.kind = Kind::kEraseForward;
      last.count += count;
      return;
    }
    if (position + count == last.position && last.kind != Kind::kEraseForward) {
      last.kind = Kind::kEraseBackward;
      last.position = position;
      last.count += count;
      return;
    }
  }
  number_ -= count;
  AddRun(Kind::kErase, position);
  runs_.back().count = count;
  number_ += count;
}

void PositionLog::Add(const Delta& delta) {
  ForEachStep(
      delta, [this](uint64_t position, uint64_t count) { Insert(position, count); },
      [this](uint64_t position, uint64_t count) { Erase(position, count); });
}

void PositionLog::AddRun(Kind kind, uint64_t position) {
  if (!runs_.empty() && runs_.size() % kFanout == 0) AddMaps();
  if (runs_.size() >= max_runs_ + kBlock && runs_.size() % kFanout == 0) ForgetBlock();
  Run& run = runs_.AddBack();
  run.first = number_;
  run.position = position;
  run.count = 0;
  run.kind = kind;
}

void PositionLog::AddMaps() {
  std::vector<PositionMap> parts;
  for (size_t i = runs_.size() - kFanout; i < runs_.size(); ++i) parts.push_back(MapOf(runs_[i]));
  for (size_t level = 0;; ++level) {
    maps_[level].AddBack() = ComposeMaps(std::move(parts));
    const size_t size = maps_[level].size();
    if (level + 1 == kLevels || size % kFanout != 0) return;
    parts.clear();
    for (size_t i = size - kFanout; i < size; ++i) parts.push_back(maps_[level][i]);
  }
}

void PositionLog::ForgetBlock() {
  size_t count = kBlock;
  for (size_t i = 0; i < count; ++i) runs_.DropFront();
  for (Ring<PositionMap>& maps : maps_) {
    count /= kFanout;
    for (size_t i = 0; i < count; ++i) maps.DropFront();
  }
}

// Looking back.

size_t PositionLog::RunAt(uint64_t number) const {
  size_t low = 0;
  for (size_t high = runs_.size(); high - low > 1;) {
    const size_t middle = low + (high - low) / 2;
    (runs_[middle].first <= number ? low : high) = middle;
  }
  return low;
}

uint64_t PositionLog::MapByPart(const Run& run, uint64_t lean, uint64_t from, uint64_t to) {
  const uint64_t done = std::max(from, run.first) - run.first;
  const uint64_t end = std::min(to, run.end()) - run.first;
  if (end <= done) return lean;
  switch (run.kind) {
    case Kind::kInsert: return LeanAfterInsert(lean, run.position + done, end - done);
    case Kind::kErase:
    case Kind::kEraseForward: return LeanAfterDelete(lean, run.position, end - done);
    case Kind::kEraseBackward:
      return LeanAfterDelete(lean, run.position + (run.count - end), end - done);
  }
  return lean;
}

PositionMap PositionLog::MapOf(const Run& run) {
  return run.kind == Kind::kInsert ? PositionMap::OfInsert(run.position, run.count)
                                   : PositionMap::OfDelete(run.position, run.count);
}

uint64_t PositionLog::Map(uint64_t lean, uint64_t from, uint64_t to) const {
  COTEXT_CHECK(Knows(from));
  COTEXT_CHECK(from <= to);
  if (from == to) return lean;
  size_t at = RunAt(from);
  const size_t end = RunAt(to);  // This run and perhaps all later ones are not wholly done.
  if (runs_[at].first < from) lean = MapByPart(runs_[at++], lean, from, to);
  while (at < end) {
    // The greatest block that begins here and ends in time.
    size_t level = 0;
    size_t length = 1;
    while (level < kLevels && at % (length * kFanout) == 0 && at + length * kFanout <= end &&
           at / (length * kFanout) < maps_[level].size()) {
      length *= kFanout;
      ++level;
    }
    lean = level == 0 ? MapByPart(runs_[at], lean, from, to) : maps_[level - 1][at / length](lean);
    at += length;
  }
  return at == end ? MapByPart(runs_[at], lean, from, to) : lean;
}

void PositionLog::CheckInvariants() const {
  uint64_t number = oldest();
  for (size_t i = 0; i < runs_.size(); ++i) {
    COTEXT_CHECK(runs_[i].first == number);
    COTEXT_CHECK(runs_[i].count > 0);
    number = runs_[i].end();
  }
  COTEXT_CHECK(number == number_);
  COTEXT_CHECK(runs_.size() <= max_runs_ + kBlock + kFanout);
  size_t length = kFanout;
  for (const Ring<PositionMap>& maps : maps_) {
    // The last run may still go on, so that its block has no map yet.
    COTEXT_CHECK(maps.size() == (runs_.empty() ? 0 : (runs_.size() - 1) / length));
    for (size_t i = 0; i < maps.size(); ++i) maps[i].CheckInvariants();
    length *= kFanout;
  }
}

}  // namespace cotext
