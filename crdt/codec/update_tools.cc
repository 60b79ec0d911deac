#include "crdt/codec/update_tools.h"

#include <algorithm>
#include <cstdint>

#include "crdt/codec/id_packer.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_reader.h"
#include "crdt/ids.h"
#include "document/sort.h"

namespace cotext {
namespace {

// Returns the greatest counter of each replica; sorts the ids. In order, so that each observation
// is at the end.
VersionVector GreatestOf(std::span<OpId> ids) {
  Sort(ids, {}, &OpId::replica);
  VersionVector greatest;
  for (const OpId id : ids) greatest.Observe(id);
  return greatest;
}

}  // namespace

Expected<UpdateRange> RangeOfUpdate(std::string_view bytes) {
  Expected<PackedUpdate> update = DecodeChanges(bytes);
  if (!update) return std::unexpected(update.error());
  COTEXT_RETURN_IF_ERROR(CheckOrder(*update));
  std::vector<OpId> last(update->replicas.size());
  for (size_t i = 0; i < update->changes.size(); ++i) {
    OpId& id = last[update->changes[i].replica];
    id = update->FirstIdOf(i);
    id.counter += update->LengthOf(i) - 1;
  }
  // Some replicas have only parents here.
  std::erase(last, OpId{});
  return UpdateRange{.needs = GreatestOf(update->ids), .reaches = GreatestOf(last)};
}

Expected<std::string> SliceUpdate(std::string_view bytes, const VersionVector& known,
                                  const UpdateLimits& limits) {
  const Expected<UpdateReader> reader = UpdateReader::Decode(bytes, limits);
  if (!reader) return std::unexpected(reader.error());
  const PackedUpdate& update = reader->update();
  IdPacker packer;
  for (size_t i = 0; i < update.changes.size(); ++i) {
    UpdateReader::Position at = reader->BeginningOf(i);
    const uint32_t length = update.LengthOf(i);
    const uint64_t counter = known.CounterOf(at.id.replica);
    if (counter >= at.id.counter + (length - 1)) continue;
    const auto skipped =
        counter < at.id.counter ? 0 : static_cast<uint32_t>(counter - at.id.counter) + 1;
    reader->Skip(at, skipped);
    reader->Begin(i, at, packer);
    COTEXT_RETURN_IF_ERROR(
        reader->Copy(at, length - skipped, packer, PartsMax(bytes.size(), limits.parts_always)));
  }
  if (packer.update().end.operation == update.end.operation) return std::string(bytes);
  return EncodePackedUpdate(packer.Take(), *EncodingOf(bytes));
}

}  // namespace cotext
