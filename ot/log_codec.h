// Submissions and the other entries of an OT document's log as bytes (docs/FORMAT.md §9.2): what
// clients send, and what stores keep as it came.
//
// A value has one encoding: what is resent is the same to the byte, after a restart too.
//
// Decoding is total and linear. Errors: kUnsupported for another version, kMalformedUpdate if the
// bytes are none, those of DecodeOperation.
#ifndef COTEXT_OT_LOG_CODEC_H_
#define COTEXT_OT_LOG_CODEC_H_

#include <string>
#include <string_view>

#include "document/error.h"
#include "ot/log_entry.h"
#include "ot/submission.h"

namespace cotext {

// REQUIRES: client and seq are in their range, base is below 2^53.
std::string EncodeSubmission(const OtSubmission& submission);
// REQUIRES: as above; a truncation's revision is below 2^53.
std::string EncodeLogEntry(const OtLogEntry& entry);

Expected<OtSubmission> DecodeSubmission(std::string_view bytes);
Expected<OtLogEntry> DecodeLogEntry(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_OT_LOG_CODEC_H_
