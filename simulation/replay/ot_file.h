// What OT keeps of a document, as a file: its text, and the history of edits in the sections of an
// RGA's file (crdt/codec/section.h), so that the bytes of both engines compare.
//
// The text alone is what a server that has dropped its history would keep.
#ifndef COTEXT_SIMULATION_REPLAY_OT_FILE_H_
#define COTEXT_SIMULATION_REPLAY_OT_FILE_H_

#include <string>
#include <string_view>

#include "crdt/codec/compression.h"
#include "document/error.h"
#include "ot/edit_history.h"

namespace cotext {

std::string EncodeOtHistory(const EditHistory& history, const Compressor& compressor);
std::string EncodeOtText(std::string_view text, const Compressor& compressor);
std::string EncodeOtFile(std::string_view text, const EditHistory& history,
                         const Compressor& compressor);

// Errors: those of ReadSection and DecodeEdits; kMalformedFile if a section is not there.
Expected<EditHistory> DecodeOtHistory(std::string_view bytes, const Decompressor& decompressor);
Expected<std::string> ReadOtText(std::string_view bytes, const Decompressor& decompressor);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_OT_FILE_H_
