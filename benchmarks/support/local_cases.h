// Local editing of an RgaDocument as cases of n edits, one character and one transaction each; see
// edit_script.h for the scripts. Clustered and scattered edits begin with an empty document.
#ifndef COTEXT_BENCHMARKS_SUPPORT_LOCAL_CASES_H_
#define COTEXT_BENCHMARKS_SUPPORT_LOCAL_CASES_H_

#include <cstdint>

#include "benchmarks/support/timed_case.h"

namespace cotext {

Sample Append(uint64_t n, uint64_t seed);
Sample Prepend(uint64_t n, uint64_t seed);
Sample PingPong(uint64_t n, uint64_t seed);
Sample ScatteredEdits(uint64_t n, uint64_t seed);
Sample ClusteredEdits(uint64_t n, uint64_t seed);
// Inserts at random places into one run of 4 n characters that was pasted before.
Sample SplitOneRun(uint64_t n, uint64_t seed);
// One edit that erases n pasted characters and n that were inserted at random places among them,
// and its undo.
Sample EraseAll(uint64_t n, uint64_t seed);
Sample UndoEraseAll(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_LOCAL_CASES_H_
