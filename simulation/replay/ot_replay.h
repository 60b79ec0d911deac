// Replays a trace on the OT engine; see replay.h for what the modes measure.
//
// kLocal: as an OtDocument's own edits. kMerge: from the bytes of the history to the text, with
// transforming inside the clock: through a sequencer where that can be (jupiter.h), otherwise on a
// text that keeps its tombstones (ttf_history.h); `control` says which. kLoad: from a file with
// text and history, of which only the text is read: OT needs no more to go on.
// What is loaded needs no control; there `control` is what merging it took. A position that is out
// of range is told with the number of its change (trace_edits.h).
//
// What is steady with ttf includes the model, without which nothing more can be merged; with
// jupiter it is the text alone.
#ifndef COTEXT_SIMULATION_REPLAY_OT_REPLAY_H_
#define COTEXT_SIMULATION_REPLAY_OT_REPLAY_H_

#include <memory>
#include <string>

#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/edit_history.h"
#include "ot/ttf_history.h"
#include "simulation/replay/replay_result.h"
#include "simulation/trace/trace.h"

namespace cotext {

// What a history of edits comes to.
struct MergedEdits {
  TextBuffer text;
  // "jupiter" or "ttf".
  const char* control = "";
  // The model, of ttf: what it takes to merge more.
  std::unique_ptr<TtfHistory> model = {};
};

// Errors: kOutOfRange with the number of the change if an edit is not within the text, kTooLarge.
Expected<MergedEdits> MergeEdits(const EditHistory& history);

// Errors and REQUIRES: as Replay.
Expected<ReplayResult> ReplayOt(const Trace& trace, const ReplayOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPLAY_OT_REPLAY_H_
