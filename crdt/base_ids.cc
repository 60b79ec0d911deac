#include "crdt/base_ids.h"

#include <algorithm>
#include <span>
#include <utility>

#include "document/check.h"
#include "document/shrink.h"
#include "document/sort.h"

namespace cotext {
namespace {

constexpr uint64_t kHalf = uint64_t{1} << 32U;

}  // namespace

// Runs are joined where they continue each other and cut where the high half of the counter
// changes.
void BaseIds::Builder::Add(Run run) {
  while (run.length > 0) {
    const uint64_t room = kHalf - run.first.counter % kHalf;
    const auto length = static_cast<uint32_t>(std::min<uint64_t>(run.length, room));
    const bool continues = !runs_.empty() && room < kHalf &&
                           runs_.back().first.replica == run.first.replica &&
                           runs_.back().first.counter + runs_.back().length == run.first.counter;
    if (continues) {
      runs_.back().length += length;
    } else {
      runs_.push_back(NumberedRun{
          .first = run.first, .length = length, .number = static_cast<uint32_t>(runs_.size())});
    }
    run.first.counter += length;
    run.length -= length;
  }
}

std::optional<BaseIds> BaseIds::Builder::Build() && {
  Sort(runs_, {},
       [](const NumberedRun& run) { return std::pair(run.first.replica, run.first.counter); });
  BaseIds ids;
  ids.places_.reserve(runs_.size());
  ids.order_.resize(runs_.size());
  const NumberedRun* previous = nullptr;
  for (const NumberedRun& run : runs_) {
    const auto high = static_cast<uint32_t>(run.first.counter / kHalf);
    const bool is_same_replica =
        previous != nullptr && previous->first.replica == run.first.replica;
    if (is_same_replica && previous->first.counter + previous->length > run.first.counter) {
      return std::nullopt;
    }
    const auto place = static_cast<uint32_t>(ids.places_.size());
    if (!is_same_replica || ids.authors_.back().high != high) {
      ids.authors_.push_back(Author{.replica = run.first.replica, .high = high, .places = place});
    }
    ids.places_.push_back(Place{.low = static_cast<uint32_t>(run.first.counter), .first = {}});
    ids.order_[run.number] = place;
    previous = &run;
  }
  Shrink(ids.authors_);
  for (const uint32_t place : ids.order_) {
    ids.places_[place].first = ids.end_;
    ids.end_ = ids.end_ + runs_[place].length;
  }
  return ids;
}

OpId BaseIds::IdOf(uint32_t place) const {
  const auto after = std::ranges::upper_bound(authors_, place, {}, &Author::places);
  const Author& author = *std::prev(after);
  return OpId{.counter = author.high * kHalf + places_[place].low, .replica = author.replica};
}

size_t BaseIds::RunOf(Lv element) const {
  COTEXT_DCHECK(element < end_);
  const auto after = std::ranges::upper_bound(
      order_, element, {}, [this](uint32_t place) { return places_[place].first; });
  return static_cast<size_t>(after - order_.begin()) - 1;
}

BaseIds::Run BaseIds::IdsFrom(Lv element) const {
  const size_t run = RunOf(element);
  OpId id = IdOf(order_[run]);
  id.counter += element - places_[order_[run]].first;
  return Run{.first = id, .length = EndOf(run) - element};
}

std::optional<ElementRange> BaseIds::ElementsFrom(OpId id) const {
  const std::pair author(id.replica, static_cast<uint32_t>(id.counter / kHalf));
  const auto found = std::ranges::lower_bound(authors_, author, {}, [](const Author& entry) {
    return std::pair(entry.replica, entry.high);
  });
  if (found == authors_.end() || std::pair(found->replica, found->high) != author) {
    return std::nullopt;
  }
  const std::span<const Place> places(
      places_.data() + found->places,
      places_.data() + PlacesEnd(static_cast<size_t>(found - authors_.begin())));
  const auto low = static_cast<uint32_t>(id.counter);
  const auto after = std::ranges::upper_bound(places, low, {}, &Place::low);
  if (after == places.begin()) return std::nullopt;
  const Place& place = *std::prev(after);
  const uint32_t offset = low - place.low;
  const uint32_t length = EndOf(RunOf(place.first)) - place.first;
  if (offset >= length) return std::nullopt;
  return ElementRange{.first = place.first + offset, .length = length - offset};
}

void BaseIds::CheckInvariants() const {
  COTEXT_CHECK(order_.size() == places_.size());
  COTEXT_CHECK(authors_.empty() == places_.empty());
  for (size_t i = 0; i < authors_.size(); ++i) {
    COTEXT_CHECK(authors_[i].places < PlacesEnd(i));
    COTEXT_CHECK(i > 0 || authors_[i].places == 0);
    COTEXT_CHECK(i == 0 || std::pair(authors_[i - 1].replica, authors_[i - 1].high) <
                               std::pair(authors_[i].replica, authors_[i].high));
    for (uint32_t place = authors_[i].places + 1; place < PlacesEnd(i); ++place) {
      const Place& before = places_[place - 1];
      const uint32_t length = EndOf(RunOf(before.first)) - before.first;
      COTEXT_CHECK(places_[place].low >= before.low);
      COTEXT_CHECK(places_[place].low - before.low >= length);
    }
  }
  for (size_t run = 0; run < order_.size(); ++run) {
    COTEXT_CHECK(order_[run] < places_.size());
    COTEXT_CHECK(run > 0 || places_[order_[run]].first == Lv{0});
    COTEXT_CHECK(places_[order_[run]].first < EndOf(run));
  }
}

}  // namespace cotext
