// Scripts of edits of one character each, made before the clock runs and applied to a document, to
// a replica, and to a TextBuffer, which says what the text must be.
//
// Positions count code points; 8 bytes an edit. Every Make function returns `count` edits of a text
// of `length` characters, the same for the same seed.
#ifndef COTEXT_BENCHMARKS_SUPPORT_EDIT_SCRIPT_H_
#define COTEXT_BENCHMARKS_SUPPORT_EDIT_SCRIPT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/rga.h"
#include "document/document.h"

namespace cotext {

struct CharacterEdit {
  uint32_t position;
  char inserted;  // '\0' to delete the character at the position.
};
using EditScript = std::vector<CharacterEdit>;

// Typing from `at` on, without ever moving.
EditScript MakeTyping(uint64_t at, uint64_t count);
// The same, and after every eight keys three backspaces.
EditScript MakeTypingWithBackspaces(uint64_t at, uint64_t count);
// Every character in front of all others.
EditScript MakePrepending(uint64_t count);
// A character typed at one place and deleted, over and over.
EditScript MakePingPong(uint64_t at, uint64_t count);
// Inserts, each at a random place.
EditScript MakeScatteredInserts(uint64_t length, uint64_t count, uint64_t seed);
// Three inserts to one delete, each at a random place.
EditScript MakeScattered(uint64_t length, uint64_t count, uint64_t seed);
// As people write: some ten keys at a place, one in four a backspace, then on to a random other.
EditScript MakeClustered(uint64_t length, uint64_t count, uint64_t seed);

// Makes the edits, each a transaction of its own; returns whether all were accepted.
bool Apply(const EditScript& script, Document& document);
bool Apply(const EditScript& script, Rga& rga);

// Returns what a plain text is after the edits.
std::string ApplyToText(const EditScript& script, std::string_view text);

// Makes the edits on `author`; returns one change for each, as if sent after every key.
Update ApplyKeyByKey(const EditScript& script, Rga& author);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_EDIT_SCRIPT_H_
