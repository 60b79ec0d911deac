#include "simulation/world/world_statistics.h"

#include <algorithm>
#include <set>
#include <utility>

#include "document/check.h"
#include "simulation/check/check_intent.h"
#include "simulation/world/intent_recorder.h"

namespace cotext {
namespace {

using TimeOf = std::map<CharacterNumber, uint64_t>;

// Counts a pair of a node and a character as missing at the samples from when it was typed up to
// when it arrived.
void AddMissing(uint64_t typed_us, uint64_t arrived_us, uint64_t quiet_us,
                std::array<uint64_t, kStalenessSamples>& missing) {
  // The first sample that is not before a time: sample k is taken at k * quiet_us / parts.
  const auto sample_of = [&](uint64_t at_us) {
    const uint64_t part_us = std::max<uint64_t>(quiet_us / kStalenessParts, 1);
    return std::min<uint64_t>((at_us + part_us - 1) / part_us, kStalenessSamples);
  };
  for (uint64_t sample = sample_of(typed_us); sample < sample_of(arrived_us); ++sample) {
    ++missing.at(sample);
  }
}

void MeasureArrivals(std::span<const Arrival> arrivals, uint64_t quiet_us,
                     WorldStatistics& statistics) {
  TimeOf typed_us;
  for (const Arrival& arrival : arrivals) {
    if (arrival.is_own) typed_us.emplace(arrival.character, arrival.at_us);
  }
  TimeOf last_us;
  // Who has lost it by a crash and sees it again was not the last to see it.
  std::set<std::pair<NodeNumber, CharacterNumber>> seen;
  for (const Arrival& arrival : arrivals) {
    const auto typed = typed_us.find(arrival.character);
    if (arrival.is_own || typed == typed_us.end()) continue;
    if (!seen.emplace(arrival.node, arrival.character).second) continue;
    AddMissing(typed->second, arrival.at_us, quiet_us, statistics.missing);
    last_us[arrival.character] = arrival.at_us;
  }
  for (const auto& [character, at_us] : last_us) {
    statistics.spread_us.Add(at_us - typed_us.at(character));
  }
}

// Where characters stand in the end, and who typed them beside what.
class Neighbours {
 public:
  Neighbours(std::span<const UserIntent> intents, const std::u32string& text) : text_(text) {
    for (size_t i = 0; i < text.size(); ++i) places_[text[i]] = i;
    for (const UserIntent& intent : intents) {
      for (const InsertedCharacter& inserted : intent.inserted) {
        inserted_.emplace(inserted.character, inserted);
      }
    }
  }

  void Count(WorldStatistics& statistics) const {
    std::set<std::pair<CharacterNumber, CharacterNumber>> pairs;
    for (const auto& [character, inserted] : inserted_) {
      if (IsBy(inserted.left, inserted.node)) pairs.emplace(inserted.left, character);
      if (IsBy(inserted.right, inserted.node)) pairs.emplace(character, inserted.right);
    }
    for (const auto& [left, right] : pairs) CountPair(left, right, statistics);
  }

 private:
  void CountPair(CharacterNumber left, CharacterNumber right, WorldStatistics& statistics) const {
    const auto left_place = places_.find(left);
    const auto right_place = places_.find(right);
    if (left_place == places_.end() || right_place == places_.end()) return;
    ++statistics.pairs;
    // Undo may have turned them round.
    if (right_place->second <= left_place->second + 1) return;
    const auto first = inserted_.find(text_[left_place->second + 1]);
    const auto last = inserted_.find(text_[right_place->second - 1]);
    if (first == inserted_.end() || last == inserted_.end()) return;
    if (IsBy(first->first, inserted_.at(left).node)) return;
    const bool saw_both = first->second.left == left && last->second.right == right;
    if (!saw_both) ++statistics.torn_pairs;
  }

  bool IsBy(CharacterNumber character, uint64_t node) const {
    const auto found = inserted_.find(character);
    return found != inserted_.end() && found->second.node == node;
  }

  const std::u32string& text_;
  std::map<CharacterNumber, size_t> places_;
  std::map<CharacterNumber, InsertedCharacter> inserted_;
};

}  // namespace

WorldStatistics MeasureWorld(const WorldRecord& record, std::string_view text,
                             uint64_t quiet_since_us) {
  COTEXT_CHECK(quiet_since_us > 0);
  WorldStatistics statistics;
  MeasureArrivals(record.arrivals, quiet_since_us, statistics);
  if (record.has_unique_text) {
    const std::u32string characters = CodePointsOf(text);
    Neighbours(record.intents, characters).Count(statistics);
  }
  for (const auto& [key, sample] : record.buffers) {
    uint64_t& deepest = statistics.buffers[sample.buffer];
    deepest = std::max(deepest, sample.depth);
  }
  return statistics;
}

}  // namespace cotext
