// The snapshot of an OT server as bytes (docs/FORMAT.md §9.4).
//
// A value has one encoding. Decoding is total, O(n log n), and allocates in proportion to the
// bytes. Errors: kUnsupported for another version, kMalformedState if the bytes are none,
// kInvalidUtf8 for the text, those of DecodeOperation. Whether the values contradict each other is
// for OtServerState::FromSnapshot to find.
#ifndef COTEXT_OT_SNAPSHOT_CODEC_H_
#define COTEXT_OT_SNAPSHOT_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"
#include "ot/server_snapshot.h"

namespace cotext {

// REQUIRES: the snapshot is one that FromSnapshot takes, and its numbers are below 2^53.
std::string EncodeOtSnapshot(const OtSnapshot& snapshot);

// What is in front of the text, and between it and the commits, for who writes one in parts.
void AppendOtSnapshotHead(std::string& bytes, const OtSnapshot& snapshot, uint64_t text_bytes);
void AppendOtSnapshotTables(std::string& bytes, const OtSnapshot& snapshot);

Expected<OtSnapshot> DecodeOtSnapshot(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_OT_SNAPSHOT_CODEC_H_
