// An update seen as operations that are named by ids, to be copied from any place to any place.
//
// A *part* is as much of an operation as one operation can say elsewhere: some characters of an
// insert, or some targets of a delete with consecutive ids. Reading on is O(log operations) a part
// and linear in the text; so is skipping, without the logarithm.
//
// How many parts there are is bounded. A delete of a few bytes can name all elements before it, of
// which no two need have consecutive ids: left alone, n bytes could say n^2 parts.
#ifndef COTEXT_CRDT_CODEC_UPDATE_READER_H_
#define COTEXT_CRDT_CODEC_UPDATE_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "crdt/codec/element_ids.h"
#include "crdt/codec/id_packer.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "document/error.h"

namespace cotext {

// The most bytes that are worked on at once. Places of ids have 31 bits: at two bytes a parent
// there are at most 2^29 of those, and with the parts below, and those of the operation that goes
// beyond them, fewer than 2^31 ids.
inline constexpr uint64_t kUpdateBytesMax = uint64_t{1} << 30U;

// kMalformedUpdate unless the changes of each replica come in ascending order, without one
// operation twice, as they do in every update that respects parents.
Expected<void> CheckOrder(const PackedUpdate& update);

class UpdateReader {
 public:
  // The errors are those of DecodePackedUpdate and of CheckOrder, and kTooLarge.
  static Expected<UpdateReader> Decode(std::string_view bytes, const UpdateLimits& limits);

  const PackedUpdate& update() const { return *update_; }

  // A place between two characters of a change.
  struct Position {
    OpId id;               // Of the next operation.
    uint32_t run = 0;      // In update().operations.
    uint32_t skipped = 0;  // Of that run.
    uint32_t text = 0;     // In bytes.
  };
  Position BeginningOf(size_t change) const;
  // Moves on.
  // REQUIRES: here and below, `count` operations of the change are left.
  void Skip(Position& at, uint32_t count) const;

  struct Part {
    uint32_t length;
    bool is_insert;
    bool backward;
    OpId reference;         // The origin, or the first target.
    std::string_view text;  // Of an insert.
  };
  // Returns the next part, of at most `count` operations, and moves on.
  // REQUIRES: count > 0.
  Part Next(Position& at, uint32_t count) const;
  bool IsAtInsert(const Position& at) const { return update_->operations[at.run].is_insert(); }
  // Returns how many characters of the insert fit in so many bytes of text, or more than there are
  // left of it. O(bytes that those take).
  // REQUIRES: IsAtInsert(at).
  uint32_t CharactersIn(const Position& at, size_t bytes) const;

  // Begins a change in `to`: change number `change` from `at` on.
  void Begin(size_t change, const Position& at, IdPacker& to) const;
  // Adds the next operations to that change, and moves on. kTooLarge: `to` has more parts than
  // allowed.
  Expected<void> Copy(Position& at, uint32_t count, IdPacker& to, uint64_t parts_max) const;

 private:
  explicit UpdateReader(PackedUpdate update);

  std::unique_ptr<const PackedUpdate> update_;  // Stays where it is when this moves.
  ElementIds ids_;
};

// Adds one part to the last change.
void AddTo(IdPacker& packer, const UpdateReader::Part& part);
std::unexpected<Error> TooManyParts();

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_READER_H_
