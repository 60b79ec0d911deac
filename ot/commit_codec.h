// Commits as bytes (docs/FORMAT.md §9.3): one that is new, or many that a client has missed.
//
// A client that wrote several is named once. A value has one encoding. Decoding is total,
// O(n log n), and allocates in proportion to the bytes. Errors: kUnsupported for another version,
// kMalformedUpdate if the bytes are none, those of DecodeOperation.
#ifndef COTEXT_OT_COMMIT_CODEC_H_
#define COTEXT_OT_COMMIT_CODEC_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "ot/ot_format.h"
#include "ot/submission.h"

namespace cotext {

// REQUIRES: there is one, their revisions follow each other, all numbers are in their range.
std::string EncodeCommits(std::span<const OtCommit> commits);

Expected<std::vector<OtCommit>> DecodeCommits(std::string_view bytes);

// The clients of commits that were appended, by the numbers that stand for them.
using CommitNumbers = std::map<OtClientId, uint64_t>;

// What a snapshot holds of its history: the same without head and revision, and there may be none.
// Reading goes to the end; all revisions are 0.
void AppendCommits(std::string& bytes, std::span<const OtCommit> commits);
// Appends the next one of these.
void AppendCommit(std::string& bytes, const OtCommit& commit, CommitNumbers& numbers);
Expected<std::vector<OtCommit>> ReadCommits(OtReader& reader);

}  // namespace cotext

#endif  // COTEXT_OT_COMMIT_CODEC_H_
