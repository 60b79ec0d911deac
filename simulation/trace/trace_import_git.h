// Turns the git history of a file into a concurrent editing trace, merges included.
//
// A transaction's patches are the difference between the merged state of its parents, under RGA
// order, and the text that its commit gave the file. So the trace, replayed, has after every
// transaction the text of its commit, whatever the merge of its parents is; and it ends in the text
// of the last commit. The traces A1 and A2 of Gentle and Kleppmann, "Collaborative text editing
// with Eg-walker: better, faster, smaller", EuroSys 2025, were made like this.
//
// Besides what trace_history.h and text_diff.h say, every transaction costs a few passes over the
// text.
#ifndef COTEXT_SIMULATION_TRACE_TRACE_IMPORT_GIT_H_
#define COTEXT_SIMULATION_TRACE_TRACE_IMPORT_GIT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "document/error.h"
#include "simulation/progress.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/import_plan.h"
#include "simulation/trace/trace.h"

namespace cotext {

// Returns the text of the file in a commit, by its index in the history, or bytes that are none.
using ReadCommitText = std::function<Expected<std::string>(uint32_t commit)>;

// What to do with bytes that are not UTF-8.
enum class InvalidBytes : uint8_t {
  kRefuse,
  kReplace,  // Every byte that belongs to no character becomes U+FFFD.
};

struct ImportedTrace {
  Trace trace;
  uint64_t replaced = 0;  // Transactions in whose text bytes were replaced.
};

// Returns the trace that `plan`, made from `history`, comes to. Texts are read in the order of the
// transactions, one each. Errors: kInvalidUtf8 with the commit; kTooLarge if the trace or the
// engine has no room; those of `read_text`.
Expected<ImportedTrace> ImportTrace(const GitHistory& history, const ImportPlan& plan,
                                    const ReadCommitText& read_text, InvalidBytes invalid_bytes,
                                    const Progress& progress = {});

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_IMPORT_GIT_H_
