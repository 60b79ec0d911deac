// Splitting: parts are added to a piece while a bound on its size allows it. The bound is safe and
// so a little loose; how loose it was for the last piece says how far to go beyond it for the next.
// If that proves too far the piece is made again, within the bound.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "crdt/codec/id_packer.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_format.h"
#include "crdt/codec/update_reader.h"
#include "crdt/codec/update_tools.h"
#include "crdt/id_map.h"
#include "crdt/ids.h"
#include "document/varint.h"

namespace cotext {
namespace {

// A piece being built, and a bound on its size.
class Piece {
 public:
  // `replicas`: how many there are in the whole update, which no number of one exceeds.
  explicit Piece(uint64_t replicas) : replicas_(replicas) {}

  bool empty() const { return packer_.parts() == 0; }
  uint64_t bound() const { return bound_; }
  const IdPacker& packer() const { return packer_; }

  // Begins a change of at most `length` operations.
  void Begin(const UpdateReader& from, size_t change, const UpdateReader::Position& at,
             uint32_t length) {
    const OpId last = packer_.next();  // Behind the last operation.
    from.Begin(change, at, packer_);
    const PackedUpdate& update = packer_.update();
    const std::span<const Reference> parents = update.ParentsOf(update.changes.size() - 1);
    AddReplica(at.id.replica);
    bound_ += NumberSize() + VarintSize(uint64_t{length} << kParentsFormBits);
    if (parents.size() > 1) bound_ += VarintSize(parents.size());
    for (const Reference parent : parents) {
      const OpId id = update.IdOf(parent);
      const bool is_before = parents.size() == 1 && !empty() && id.replica == last.replica &&
                             id.counter + 1 == last.counter;
      if (!is_before) bound_ += ParentSize(id);
    }
  }

  void Add(const UpdateReader::Part& part) {
    AddReplica(part.reference.replica);
    AddTo(packer_, part);
    const PackedUpdate& update = packer_.update();
    const uint64_t within = VarintSize(uint64_t{update.end.element} << 1U);
    const auto back = static_cast<int64_t>(update.changes.back().first_counter) -
                      static_cast<int64_t>(part.reference.counter);
    const uint64_t elsewhere = VarintSize(replicas_ << 1U | 1U) + VarintSize(ZigZag(back));
    bound_ += VarintSize(uint64_t{part.length - 1} << 2U | 3U) + 1 + std::max(within, elsewhere) +
              part.text.size();
  }

  PackedUpdate Take() { return packer_.Take(); }

 private:
  uint64_t NumberSize() const { return VarintSize(replicas_); }

  uint64_t ParentSize(OpId id) {
    AddReplica(id.replica);
    const PackedUpdate& update = packer_.update();
    const uint64_t within =
        VarintSize(uint64_t{update.changes.size()} << 2U | 3U) + VarintSize(update.end.operation);
    const uint64_t elsewhere = VarintSize(replicas_ << 2U | 3U) + VarintSize(id.counter);
    return std::max(within, elsewhere);
  }

  // Replicas stand as differences, which take no more than they do.
  void AddReplica(ReplicaId replica) {
    if (replica.value == 0) return;  // The root's.
    const size_t before = seen_.size();
    seen_[replica.value] = 1;
    if (seen_.size() > before) bound_ += VarintSize(replica.value);
  }

  uint64_t replicas_;
  IdPacker packer_;
  IdMap seen_;
  uint64_t bound_ = 1 + 5 + 5;  // The head, the numbers of replicas and of changes.
};

class Splitter {
 public:
  Splitter(const UpdateReader& reader, std::string_view bytes, size_t max_bytes,
           const UpdateLimits& limits)
      : reader_(reader),
        encoding_(*EncodingOf(bytes)),
        parts_max_(PartsMax(bytes.size(), limits.parts_always)),
        max_bytes_(max_bytes) {}

  Expected<std::vector<std::string>> Split() {
    std::vector<std::string> pieces;
    uint64_t stretch = kUnit;
    for (Place place = PlaceAt(0); place.change < reader_.update().changes.size();) {
      const Place begin = place;
      Piece piece(reader_.update().replicas.size());
      COTEXT_RETURN_IF_ERROR(Fill(piece, place, max_bytes_ * stretch / kUnit));
      uint64_t bound = piece.bound();
      std::string bytes = EncodePackedUpdate(piece.Take(), encoding_);
      if (bytes.size() > max_bytes_ && stretch > kUnit) {
        place = begin;
        Piece smaller(reader_.update().replicas.size());
        COTEXT_RETURN_IF_ERROR(Fill(smaller, place, max_bytes_));
        bound = smaller.bound();
        bytes = EncodePackedUpdate(smaller.Take(), encoding_);
      }
      // One unit less than it was, for what comes may be denser.
      stretch = std::clamp(bound * kUnit / bytes.size() - 1, kUnit, 4 * kUnit);
      pieces.push_back(std::move(bytes));
    }
    return pieces;
  }

 private:
  // How much looser the bound is than the size, in 32nds.
  static constexpr uint64_t kUnit = 32;
  // The most that a part takes beside its text, and a character.
  static constexpr uint64_t kPartBytes = 5 + 1 + 5 + 8 + 8;
  static constexpr uint64_t kCharacterBytes = 4;

  struct Place {
    size_t change;
    UpdateReader::Position at;
  };
  Place PlaceAt(size_t change) const {
    Place place{.change = change, .at = {}};
    if (change < reader_.update().changes.size()) place.at = reader_.BeginningOf(change);
    return place;
  }
  uint32_t LeftAt(const Place& place) const {
    const PackedUpdate& update = reader_.update();
    return update.LengthOf(place.change) -
           static_cast<uint32_t>(place.at.id.counter - update.FirstIdOf(place.change).counter);
  }

  // Adds changes from `place` on to a piece, until its bound has come near `limit`.
  Expected<void> Fill(Piece& piece, Place& place, uint64_t limit) {
    while (place.change < reader_.update().changes.size()) {
      const bool was_empty = piece.empty();
      if (!was_empty && piece.bound() + HeaderBytes(place) + kPartBytes + kCharacterBytes > limit) {
        return {};
      }
      uint32_t left = LeftAt(place);
      piece.Begin(reader_, place.change, place.at, left);
      for (bool is_first = true; left > 0; is_first = false) {
        if (!is_first && piece.bound() + kPartBytes + kCharacterBytes > limit) return {};
        const UpdateReader::Part part = NextPart(piece, place.at, left, limit);
        piece.Add(part);
        left -= part.length;
        if (++parts_ > parts_max_) return TooManyParts();
      }
      place = PlaceAt(place.change + 1);
    }
    return {};
  }

  // The most that the beginning of a change takes.
  uint64_t HeaderBytes(const Place& place) const {
    return 5 + 5 + 8 + 5 + (5 + 8 + 8) * reader_.update().ParentsOf(place.change).size();
  }

  UpdateReader::Part NextPart(const Piece& piece, UpdateReader::Position& at, uint32_t left,
                              uint64_t limit) const {
    const UpdateReader::Position begin = at;
    if (reader_.IsAtInsert(at)) {
      const uint64_t taken = piece.bound() + kPartBytes;
      const uint64_t room = std::max(limit, taken + kCharacterBytes) - taken;
      const uint32_t fitting = reader_.CharactersIn(at, static_cast<size_t>(room));
      return reader_.Next(at, std::clamp(fitting, uint32_t{1}, left));
    }
    UpdateReader::Part part = reader_.Next(at, left);
    const uint32_t at_once =
        piece.packer().TargetsAtOnce(part.reference, part.length, part.backward);
    if (at_once == part.length) return part;
    at = begin;
    return reader_.Next(at, at_once);
  }

  const UpdateReader& reader_;
  const UpdateEncoding encoding_;
  const uint64_t parts_max_;
  const uint64_t max_bytes_;
  uint64_t parts_ = 0;
};

}  // namespace

Expected<std::vector<std::string>> SplitUpdate(std::string_view bytes, size_t max_bytes,
                                               const UpdateLimits& limits) {
  if (max_bytes < kSplitMin) {
    return MakeError(ErrorCode::kTooLarge,
                     "a piece of an update takes up to " + std::to_string(kSplitMin) +
                         " bytes, more than the " + std::to_string(max_bytes) + " allowed");
  }
  const Expected<UpdateReader> reader = UpdateReader::Decode(bytes, limits);
  if (!reader) return std::unexpected(reader.error());
  if (bytes.size() <= max_bytes) return std::vector{std::string(bytes)};
  return Splitter(*reader, bytes, max_bytes, limits).Split();
}

}  // namespace cotext
