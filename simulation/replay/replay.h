// Replays a trace on an engine, timed, and compares the text with the trace's own.
//
// kLocal: every patch is an edit of one document, as while somebody types; nothing but the edits is
// timed. Only for traces in which everybody has seen everything before.
// kMerge: the history is made first, one replica per agent, received by a peer and encoded as that
// peer sends it: changes in an order that respects parents, no document order, no final text. Timed
// is what somebody does who opens an empty document and receives those bytes: decompressing,
// decoding, integrating, reading the text.
// kLoad: that peer's document is saved first. Timed is opening the file and reading its text; and,
// apart from that, opening the same bytes and making a replica of them that can be edited.
//
// Memory is what a run adds to the bytes allocated before, which include those it reads: at most,
// and by the document in the end.
#ifndef COTEXT_SIMULATION_REPLAY_REPLAY_H_
#define COTEXT_SIMULATION_REPLAY_REPLAY_H_

#include "document/error.h"
#include "simulation/replay/replay_result.h"  // IWYU pragma: export
#include "simulation/trace/trace.h"

namespace cotext {

// Returns the mode that fits the trace's kind.
ReplayMode DefaultMode(const Trace& trace);

// Errors: kInvalidTrace with the transaction's index if a position is out of range (what is merged
// on OT: with that of its change); kUnsupported
// for kLocal where the trace is concurrent; kTooLarge if the engine has no room for it. REQUIRES:
// options.repeat > 0.
Expected<ReplayResult> Replay(const Trace& trace, const ReplayOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_REPLAY_H_
