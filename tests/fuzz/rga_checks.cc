#include "tests/fuzz/rga_checks.h"

#include <algorithm>

#include "crdt/change.h"
#include "crdt/codec/replica_table.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "storage/compression.h"
#include "tests/support/naive_history.h"
#include "tests/support/tree_rga.h"

namespace cotext {
namespace {

constexpr ReplicaId kNewcomer{60};

// Returns `left` without the text that `right` lacks.
Atoms LeavingOut(Atoms left, const Atoms& right) {
  for (auto& [id, atom] : left) {
    const auto other = right.find(id);
    if (other != right.end() && other->second.character.starts_with(PackedUpdate::kSubstitute)) {
      atom.character = other->second.character;
    }
  }
  return left;
}

void CheckEncoding(const PackedUpdate& update, const UpdateEncoding& encoding) {
  CheckComesBack(
      update, encoding,
      [&encoding](const PackedUpdate& sent) { return EncodePackedUpdate(sent, encoding); },
      [&encoding](std::string_view bytes) {
        return DecodePackedUpdate(bytes, {}, encoding.known);
      });
}

}  // namespace

Expected<std::string> DecompressForFuzz(Compression method, std::string_view bytes,
                                        size_t raw_size) {
  // One for all inputs: what zstd works in takes longer to make than an input.
  static const Decompressor native = NativeDecompressor();
  return native(method, bytes, raw_size);
}

std::string TextOf(const Rga& rga) {
  std::string text;
  const RgaText view(rga);
  view.ForEachChunk(0, view.metrics().code_points,
                    [&text](std::string_view chunk) { text += chunk; });
  return text;
}

void CheckSameChanges(const PackedUpdate& left, const PackedUpdate& right, DeletedText in_right) {
  COTEXT_CHECK(left.changes.size() == right.changes.size());
  COTEXT_CHECK(left.end.operation == right.end.operation);
  COTEXT_CHECK(left.end.element == right.end.element);
  COTEXT_CHECK(in_right == DeletedText::kIsLeftOut || left.text == right.text);
  const Update left_ids = Unpack(left);
  const Update right_ids = Unpack(right);
  for (size_t i = 0; i < left_ids.size(); ++i) {
    COTEXT_CHECK(left_ids[i].replica == right_ids[i].replica);
    COTEXT_CHECK(left_ids[i].first_counter == right_ids[i].first_counter);
    COTEXT_CHECK(left.LengthOf(i) == right.LengthOf(i));
    COTEXT_CHECK(std::ranges::equal(left_ids[i].parents, right_ids[i].parents));
  }
  if (left.end.operation > kCheckedOperationsMax) return;
  // One by one: an id may be taken twice, and both must be the same.
  for (size_t i = 0; i < left_ids.size(); ++i) {
    const Atoms right_atoms = AtomsOf(right_ids[i]);
    const Atoms left_atoms = AtomsOf(left_ids[i]);
    COTEXT_CHECK(
        right_atoms ==
        (in_right == DeletedText::kIsLeftOut ? LeavingOut(left_atoms, right_atoms) : left_atoms));
  }
}

void CheckComesBack(const PackedUpdate& update, const UpdateEncoding& encoding,
                    const UpdateEncoder& encode, const UpdateDecoder& decode) {
  const auto in_right =
      encoding.drops_deleted_text ? DeletedText::kIsLeftOut : DeletedText::kIsThere;
  const auto once = decode(encode(update));
  COTEXT_CHECK(once.has_value());
  CheckSameChanges(update, *once, in_right);
  const std::string bytes = encode(*once);
  const auto twice = decode(bytes);
  COTEXT_CHECK(twice.has_value());
  CheckSameChanges(*once, *twice, DeletedText::kIsThere);
  COTEXT_CHECK(encode(*twice) == bytes);
}

void CheckSameReplicas(const Rga& left, const Rga& right) {
  left.CheckInvariants();
  right.CheckInvariants();
  COTEXT_CHECK(left.version_vector() == right.version_vector());
  COTEXT_CHECK(left.frontier() == right.frontier());
  COTEXT_CHECK(TextOf(left) == TextOf(right));
  CheckSameChanges(left.PackedSince({}), right.PackedSince({}), DeletedText::kIsThere);
}

void CheckRoundTrips(const PackedUpdate& update) {
  for (const UpdateEncoding& encoding : kAllEncodings) CheckEncoding(update, encoding);
  ReplicaTable known;
  for (size_t i = 0; i < update.replicas.size(); i += 2) known.Add(update.replicas[i]);
  CheckEncoding(update, UpdateEncoding{.known = &known});
  if (update.end.operation > kCheckedOperationsMax) return;
  const PackedUpdate packed = Pack(Unpack(update));
  CheckSameChanges(update, packed, DeletedText::kIsThere);
  CheckEncoding(packed, {});
}

void CheckNewcomers(const Rga& rga) {
  if (!rga.horizon().empty()) return;
  if (rga.history().graph.end().value > kCheckedOperationsMax) return;
  const std::string text = TextOf(rga);
  const PackedUpdate all = rga.PackedSince({});
  for (const UpdateEncoding& encoding : kAllEncodings) {
    const auto sent = DecodePackedUpdate(EncodePackedUpdate(all, encoding));
    COTEXT_CHECK(sent.has_value());
    Rga newcomer(kNewcomer);
    COTEXT_CHECK(newcomer.IntegratePacked(*sent, Rga::Effects::kIgnore).result.has_value());
    newcomer.CheckInvariants();
    COTEXT_CHECK(newcomer.version_vector() == rga.version_vector());
    COTEXT_CHECK(newcomer.frontier() == rga.frontier());
    COTEXT_CHECK(TextOf(newcomer) == text);
  }
  const Update everything = Unpack(all);
  TreeRga tree;
  for (size_t i = 0; i < everything.size(); ++i) tree.Integrate(everything[i]);
  COTEXT_CHECK(tree.Text() == text);
}

}  // namespace cotext
