// Merging: the changes are cut into stretches, some of which lack text; of each replica's stretches
// those that have text are laid beside each other, and the others into what is left between them.
// Neighbours that belong together become one change, and the changes are sorted.
//
//   update 1     a change 5-9 by A                    5 6 7 8 9
//   update 2     a change 7-11 by A, 7 without text       - 8 9 10 11
//   stretches    with text: 5-9 of 1, 8-11 of 2; without: 7 of 2
//   pieces       5-9 of 1, 10-11 of 2: one change, since the latter begins inside a change
//
// A parent has a lesser counter than the change, and so has the first operation of whatever change
// it is in: the order of first ids respects parents.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "crdt/codec/id_packer.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_reader.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "document/sort.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Some operations of a change of one of the updates.
struct Stretch {
  OpId first;
  uint32_t length;
  uint32_t source;
  uint32_t change;

  uint64_t end() const { return first.counter + length; }
};

// By replica, then by counter, the longest first.
bool ComesBefore(const Stretch& left, const Stretch& right) {
  if (left.first.replica != right.first.replica) return left.first.replica < right.first.replica;
  if (left.first.counter != right.first.counter) return left.first.counter < right.first.counter;
  return left.length > right.length;
}

// Returns a stretch without the operations before a counter.
// REQUIRES: it does not end before.
Stretch From(Stretch stretch, uint64_t counter) {
  if (counter <= stretch.first.counter) return stretch;
  stretch.length = static_cast<uint32_t>(stretch.end() - counter);
  stretch.first.counter = counter;
  return stretch;
}

// Returns stretches in order, without what those before them have.
std::vector<Stretch> Disjoint(std::vector<Stretch> stretches) {
  Sort(stretches, ComesBefore);
  std::vector<Stretch> result;
  for (const Stretch& stretch : stretches) {
    const bool is_first = result.empty() || result.back().first.replica != stretch.first.replica;
    const uint64_t begin = is_first ? 0 : result.back().end();
    if (stretch.end() > begin) result.push_back(From(stretch, begin));
  }
  return result;
}

// Returns both, but of `others` only what lies between those of `stretches`.
// REQUIRES: each is as Disjoint returns it.
std::vector<Stretch> FilledUp(const std::vector<Stretch>& stretches,
                              const std::vector<Stretch>& others) {
  std::vector<Stretch> result;
  auto next = stretches.begin();  // The first one that does not end before what is looked at.
  for (Stretch rest : others) {
    while (rest.length > 0) {
      while (next != stretches.end() &&
             (next->first.replica < rest.first.replica ||
              (next->first.replica == rest.first.replica && next->end() <= rest.first.counter))) {
        result.push_back(*next++);
      }
      const bool is_cut = next != stretches.end() && next->first.replica == rest.first.replica &&
                          next->first.counter < rest.end();
      if (!is_cut) {
        result.push_back(rest);
        break;
      }
      Stretch free = rest;
      free.length = static_cast<uint32_t>(std::max(next->first.counter, rest.first.counter) -
                                          rest.first.counter);
      if (free.length > 0) result.push_back(free);
      rest = From(rest, std::min(rest.end(), next->end()));
    }
  }
  result.insert(result.end(), next, stretches.end());
  return result;
}

class Merger {
 public:
  explicit Merger(uint64_t parts_always) : parts_always_(parts_always) {}

  Expected<void> Add(std::string_view bytes, UpdateLimits& limits) {
    bytes_ += bytes.size();
    if (bytes_ > kUpdateBytesMax) return TooLarge();
    Expected<UpdateReader> reader = UpdateReader::Decode(bytes, limits);
    if (!reader) return std::unexpected(reader.error());
    // The decoder let pass what has more elements than bytes behind the lengths by at most the
    // limit, so this, which counts all bytes, leaves something of it.
    const uint64_t elements = reader->update().end.element;
    limits.left_out -= elements - std::min<uint64_t>(elements, bytes.size());
    std::vector<UpdateReader::Position> positions;
    for (size_t i = 0; i < reader->update().changes.size(); ++i) {
      positions.push_back(reader->BeginningOf(i));
      AddStretches(*reader, i);
    }
    positions_.push_back(std::move(positions));
    readers_.push_back(*std::move(reader));
    return {};
  }

  Expected<PackedUpdate> Merge() {
    const std::vector<Stretch> pieces =
        FilledUp(Disjoint(std::move(with_text_)), Disjoint(std::move(without_text_)));
    uint64_t operations = 0;
    for (const Stretch& piece : pieces) operations += piece.length;
    if (operations > PackedUpdate::kOperationsMax) return TooLarge();
    for (const Group& group : Grouped(pieces)) {
      Begin(pieces[group.begin]);
      for (size_t i = group.begin; i < group.end; ++i) COTEXT_RETURN_IF_ERROR(Copy(pieces[i]));
    }
    return packer_.Take();
  }

 private:
  // Pieces that are one change.
  struct Group {
    OpId first;
    size_t begin;
    size_t end;
  };

  static std::unexpected<Error> TooLarge() {
    return MakeError(ErrorCode::kTooLarge, "the updates are more than one update can hold");
  }

  // Cuts a change into stretches between characters whose text is there and others.
  void AddStretches(const UpdateReader& reader, size_t change) {
    const auto source = static_cast<uint32_t>(readers_.size());
    const PackedUpdate& update = reader.update();
    Stretch stretch{.first = update.FirstIdOf(change),
                    .length = 0,
                    .source = source,
                    .change = static_cast<uint32_t>(change)};
    std::string_view text = update.TextOf(change);
    if (!text.contains(PackedUpdate::kSubstitute)) {
      stretch.length = update.LengthOf(change);
      with_text_.push_back(stretch);
      return;
    }
    bool lacks_text = false;
    const auto add = [&](uint32_t length, bool lacking) {
      if (lacking != lacks_text && stretch.length > 0) {
        (lacks_text ? without_text_ : with_text_).push_back(stretch);
        stretch.first.counter += stretch.length;
        stretch.length = 0;
      }
      lacks_text = lacking;
      stretch.length += length;
    };
    for (const PackedOperation& operation : update.OperationsOf(change)) {
      if (!operation.is_insert()) {
        add(operation.length, false);
        continue;
      }
      for (uint32_t i = 0; i < operation.length; ++i) {
        add(1, text.front() == PackedUpdate::kSubstitute);
        text.remove_prefix(CharacterBytes(text.front()));
      }
    }
    (lacks_text ? without_text_ : with_text_).push_back(stretch);
  }

  // Whether a piece goes on with the change of the piece before.
  bool Continues(const Stretch& before, const Stretch& piece) const {
    if (piece.first.replica != before.first.replica || piece.first.counter != before.end()) {
      return false;
    }
    const PackedUpdate& update = readers_[piece.source].update();
    if (piece.first != update.FirstIdOf(piece.change)) return true;
    const std::span<const Reference> parents = update.ParentsOf(piece.change);
    const OpId last{.counter = piece.first.counter - 1, .replica = piece.first.replica};
    return parents.size() == 1 && update.IdOf(parents[0]) == last;
  }

  std::vector<Group> Grouped(const std::vector<Stretch>& pieces) const {
    std::vector<Group> groups;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (i == 0 || !Continues(pieces[i - 1], pieces[i])) {
        groups.push_back(Group{.first = pieces[i].first, .begin = i, .end = i});
      }
      groups.back().end = i + 1;
    }
    Sort(groups, {}, &Group::first);
    return groups;
  }

  // Moves to where a piece begins. Those of one change come in ascending order.
  UpdateReader::Position& MoveTo(const Stretch& piece) {
    UpdateReader::Position& at = positions_[piece.source][piece.change];
    readers_[piece.source].Skip(at, static_cast<uint32_t>(piece.first.counter - at.id.counter));
    return at;
  }
  void Begin(const Stretch& piece) {
    readers_[piece.source].Begin(piece.change, MoveTo(piece), packer_);
  }
  Expected<void> Copy(const Stretch& piece) {
    return readers_[piece.source].Copy(MoveTo(piece), piece.length, packer_,
                                       PartsMax(bytes_, parts_always_));
  }

  uint64_t parts_always_;
  uint64_t bytes_ = 0;
  std::vector<UpdateReader> readers_;
  std::vector<std::vector<UpdateReader::Position>> positions_;  // By source, by change.
  std::vector<Stretch> with_text_;
  std::vector<Stretch> without_text_;
  IdPacker packer_;
};

}  // namespace

Expected<std::string> MergeUpdates(std::span<const std::string_view> updates,
                                   const UpdateEncoding& encoding, const UpdateLimits& limits) {
  Merger merger(limits.parts_always);
  UpdateLimits left = limits;
  for (const std::string_view update : updates) COTEXT_RETURN_IF_ERROR(merger.Add(update, left));
  const Expected<PackedUpdate> merged = merger.Merge();
  if (!merged) return std::unexpected(merged.error());
  return EncodePackedUpdate(*merged, encoding);
}

}  // namespace cotext
