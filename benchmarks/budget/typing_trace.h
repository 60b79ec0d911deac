// A person at a keyboard, as a sequential trace: one transaction of one patch per edit.
//
// The caret moves on as characters are typed and taken back by backspaces, and sometimes jumps to a
// random place. What a jump finds there may be replaced by a few words. The end text is that of a
// plain vector of characters. The same options give the same trace on every machine.
#ifndef COTEXT_BENCHMARKS_BUDGET_TYPING_TRACE_H_
#define COTEXT_BENCHMARKS_BUDGET_TYPING_TRACE_H_

#include <cstdint>

#include "simulation/trace/trace.h"

namespace cotext {

struct TypingOptions {
  uint64_t seed = 1;
  uint32_t edits = 10'000;
  uint32_t jump_percent = 3;        // Of the edits: the caret jumps first.
  uint32_t replace_percent = 20;    // Of the jumps: a selection is replaced.
  uint32_t backspace_percent = 15;  // Of the other edits.
  uint32_t unicode_percent = 10;    // Of the characters.
};

Trace MakeTypingTrace(const TypingOptions& options);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_BUDGET_TYPING_TRACE_H_
