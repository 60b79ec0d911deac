#include "crdt/codec/update_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "document/utf8.h"

namespace cotext {

Expected<void> CheckOrder(const PackedUpdate& update) {
  std::vector<uint64_t> next(update.replicas.size());
  for (size_t i = 0; i < update.changes.size(); ++i) {
    const PackedUpdate::Change& change = update.changes[i];
    if (change.first_counter < next[change.replica]) {
      return MakeError(ErrorCode::kMalformedUpdate,
                       "the update goes back in the changes of replica " +
                           std::to_string(update.replicas[change.replica].value));
    }
    next[change.replica] = change.first_counter + update.LengthOf(i);
  }
  return {};
}

std::unexpected<Error> TooManyParts() {
  return MakeError(ErrorCode::kTooLarge, "the update's deletes fall apart into too many pieces");
}

void AddTo(IdPacker& packer, const UpdateReader::Part& part) {
  if (part.is_insert) {
    packer.AddInsert(part.reference, part.length, part.text);
  } else {
    packer.AddDelete(part.reference, part.length, part.backward);
  }
}

UpdateReader::UpdateReader(PackedUpdate update)
    : update_(std::make_unique<const PackedUpdate>(std::move(update))), ids_(*update_) {}

Expected<UpdateReader> UpdateReader::Decode(std::string_view bytes, const UpdateLimits& limits) {
  if (bytes.size() > kUpdateBytesMax) {
    return MakeError(ErrorCode::kTooLarge, "the update has more bytes than can be worked on");
  }
  Expected<PackedUpdate> update = DecodePackedUpdate(bytes, limits);
  if (!update) return std::unexpected(update.error());
  COTEXT_RETURN_IF_ERROR(CheckOrder(*update));
  return UpdateReader(*std::move(update));
}

UpdateReader::Position UpdateReader::BeginningOf(size_t change) const {
  return Position{.id = update_->FirstIdOf(change),
                  .run = update_->changes[change].runs,
                  .skipped = 0,
                  .text = update_->changes[change].text};
}

void UpdateReader::Skip(Position& at, uint32_t count) const {
  at.id.counter += count;
  while (count > 0) {
    const PackedOperation& operation = update_->operations[at.run];
    const uint32_t length = std::min(count, operation.length - at.skipped);
    if (operation.is_insert()) {
      // No more than they can take, or else a keystroke would count through a block.
      const auto most = static_cast<size_t>(std::min<uint64_t>(uint64_t{4} * length, SIZE_MAX));
      const std::string_view rest = std::string_view(update_->text).substr(at.text, most);
      at.text += static_cast<uint32_t>(ByteOfCodePoint(rest, length));
    }
    count -= length;
    at.skipped += length;
    if (at.skipped < operation.length) return;
    at.skipped = 0;
    ++at.run;
  }
}

UpdateReader::Part UpdateReader::Next(Position& at, uint32_t count) const {
  const PackedOperation& operation = update_->operations[at.run];
  Part part{.length = std::min(count, operation.length - at.skipped),
            .is_insert = operation.is_insert(),
            .backward = operation.backward(),
            .reference = {},
            .text = {}};
  const Position begin = at;
  if (part.is_insert) {
    // Behind the first one, each has the one before as its origin.
    part.reference = at.skipped == 0 ? ids_.IdOf(operation.reference)
                                     : OpId{.counter = at.id.counter - 1, .replica = at.id.replica};
  } else {
    const ElementIds::Targets targets = ids_.TargetsOf(operation, at.skipped);
    part.reference = targets.first;
    part.length = std::min(part.length, targets.length);
  }
  Skip(at, part.length);
  part.text = std::string_view(update_->text).substr(begin.text, at.text - begin.text);
  return part;
}

uint32_t UpdateReader::CharactersIn(const Position& at, size_t bytes) const {
  constexpr size_t kCharacterBytesMax = 4;
  const std::string_view rest = std::string_view(update_->text).substr(at.text);
  // What follows is not looked at: many short inserts would be as slow as what is in front of each.
  const size_t own = kCharacterBytesMax * (update_->operations[at.run].length - at.skipped);
  size_t size = std::min({bytes, own, rest.size()});
  while (size > 0 && size < rest.size() && IsContinuationByte(rest[size])) --size;
  return static_cast<uint32_t>(CountCodePoints(rest.substr(0, size)));
}

void UpdateReader::Begin(size_t change, const Position& at, IdPacker& to) const {
  to.BeginChange(at.id);
  if (at.id.counter > update_->changes[change].first_counter) {
    to.AddParent(OpId{.counter = at.id.counter - 1, .replica = at.id.replica});
    return;
  }
  for (const Reference parent : update_->ParentsOf(change)) to.AddParent(update_->IdOf(parent));
}

Expected<void> UpdateReader::Copy(Position& at, uint32_t count, IdPacker& to,
                                  uint64_t parts_max) const {
  while (count > 0) {
    const Part part = Next(at, count);
    AddTo(to, part);
    if (to.parts() > parts_max) return TooManyParts();
    count -= part.length;
  }
  return {};
}

}  // namespace cotext
