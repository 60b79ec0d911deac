// Updates as bytes; docs/FORMAT.md is normative.
//
// An update is columns: replicas, changes, the lengths of operations, what they refer to, text. In
// the plain form, the one that travels, the columns follow each other without a frame, so that a
// keystroke takes about ten bytes; in a file each is a section (section.h).
//
// Decoding is total: an error is kMalformedUpdate and names the column, or kTooLarge where a limit
// was reached. It is linear in the bytes and allocates in proportion to them; where text was left
// out, to the elements left out too, which a limit bounds. What the changes say is checked when
// they are integrated. Encoding is linear.
#ifndef COTEXT_CRDT_CODEC_UPDATE_CODEC_H_
#define COTEXT_CRDT_CODEC_UPDATE_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "document/error.h"

namespace cotext {

struct UpdateEncoding {
  // Whether references are given by the list of neighbours: half the bytes of a long history, for
  // twice the time and 8 bytes of memory an element.
  bool neighbours = false;
  // Whether the text of what the update itself deletes is left out: the compact form. Each of those
  // characters becomes a PackedUpdate::kSubstitute.
  bool drops_deleted_text = false;
  // What the receiver can name by number; null for nothing.
  const ReplicaTable* known = nullptr;
};

struct UpdateLimits {
  // The most elements whose text was left out: a few bytes can name any number of them, and each
  // takes up to ten when it is decoded.
  uint64_t left_out = uint64_t{1} << 24U;
  // How many parts updates may be taken apart into, however short they are (element_ids.h).
  uint64_t parts_always = uint64_t{1} << 16U;

  // For what was accepted before, piece by piece: all of it together may be more.
  static constexpr UpdateLimits ForAccepted() {
    return {.left_out = uint64_t{1} << 31U, .parts_always = uint64_t{1} << 29U};
  }
};

// The columns but the text.
struct UpdateColumns {
  std::string replicas;
  std::string changes;
  std::string lengths;
  std::string references;
  std::string distances;
};

// REQUIRES: the invariants of PackedUpdate; encoding.known is null where columns are encoded.
std::string EncodePackedUpdate(const PackedUpdate& update, const UpdateEncoding& encoding = {});
UpdateColumns EncodeColumns(const PackedUpdate& update, const UpdateEncoding& encoding);
// Returns the text of an update without that of the elements it deletes.
std::string TextWithoutDeleted(const PackedUpdate& update);

// `known` is the table that the update was encoded with.
Expected<PackedUpdate> DecodePackedUpdate(std::string_view bytes, const UpdateLimits& limits = {},
                                          const ReplicaTable* known = nullptr);
// Returns the changes of an update and their parents, without operations and text; the columns of
// those are not looked at.
Expected<PackedUpdate> DecodeChanges(std::string_view bytes, const ReplicaTable* known = nullptr);
// Returns how an update was encoded, without the table; only its head is looked at.
Expected<UpdateEncoding> EncodingOf(std::string_view bytes);
// Returns an update without its text, of which there are `text_bytes`.
Expected<PackedUpdate> DecodeColumns(const UpdateColumns& columns, const UpdateEncoding& encoding,
                                     uint64_t text_bytes, const UpdateLimits& limits = {});
// Gives an update its text. `lacks_deleted`: that of the elements it deletes was left out.
Expected<void> AddText(PackedUpdate& update, std::string_view text, bool lacks_deleted);

// The same by way of the form in ids.
// REQUIRES: every change's first counter is 1 + the greatest among its parents.
std::string EncodeUpdate(const Update& update, const UpdateEncoding& encoding = {});
Expected<Update> DecodeUpdate(std::string_view bytes, const UpdateLimits& limits = {});

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_CODEC_H_
