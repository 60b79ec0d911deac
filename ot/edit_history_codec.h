// A history of edits as bytes: columns, each for itself to be compressed.
//
// Numbers are unsigned LEB128 in shortest form; zigzag(n) is 2n for n >= 0, -2n - 1 for n < 0.
// *changes*: how many authors, then the authors ascending, each as its difference to the one before
// (the first: to 0); how many changes, then for each: its author, by place in that list, how many
// edits it has, how many parents, and the parents ascending, each as how far it is before the
// change. *lengths*: for each edit 4 * (n - 1) + form: 0 inserts n characters, 1 deletes n, 2
// deletes n and inserts, how many follows less 1. *positions*: for each edit zigzag(its position -
// where the last one ended), which is behind what that inserted, and 0 at first. *text*: what is
// inserted, in order.
//
// Decoding is total and linear, and allocates in proportion to the bytes. Errors: kMalformedUpdate,
// which names the column; kTooLarge past what a history can number. That an author's changes are
// never concurrent is not checked.
#ifndef COTEXT_OT_EDIT_HISTORY_CODEC_H_
#define COTEXT_OT_EDIT_HISTORY_CODEC_H_

#include <string>
#include <string_view>

#include "document/error.h"
#include "ot/edit_history.h"

namespace cotext {

struct EditColumns {
  std::string changes;
  std::string lengths;
  std::string positions;
  std::string text;
};

EditColumns EncodeEdits(const EditHistory& history);

// The result is equal to the history that was encoded.
Expected<EditHistory> DecodeEdits(const EditColumns& columns);

}  // namespace cotext

#endif  // COTEXT_OT_EDIT_HISTORY_CODEC_H_
