// Replays a history through a sequencer, as a server with a client for each author would have: OT
// as it is deployed, after Jupiter.
//
// The server takes changes in the order of the history. An author's client has its own changes and
// a part of the server's, up to some place in that order; what it has not seen yet waits in its
// queue, as operations on its own text. An edit of the author's is transformed past the queue, one
// operation after another, and so becomes the server's, for which the others' queues wait; where
// the author has seen more, the queue is shorter. Nothing is composed.
//
// This is possible only if what every change knows is the author's own changes and a beginning of
// the server's order (kNotHub).
//
// Ties. Where two inserts that did not know each other meet in one gap, the one with the greater id
// comes first: an id is a counter, then an author; operations count from 1 + the greatest counter
// of their change's parents on, deletes before inserts. That is what an RGA says of siblings. But
// where a delete closed a gap between them, the order depends on the text that is gone, and no
// transformation knows that (kTie): then another control must be used. Otherwise the text is that
// which an RGA makes of the history.
//
// A change costs O(edits x length of the author's queue), beside its edits of the text: quadratic
// where two write for long without hearing of each other, so a replay gives up in time (kTooFar).
// An operation waits in the queues of all who still come; hence for few authors.
//
// Nichols, Curtis, Dixon, Lamping: "High-latency, low-bandwidth windowing in the Jupiter
// collaboration system", UIST 1995.
#ifndef COTEXT_OT_JUPITER_H_
#define COTEXT_OT_JUPITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/cell_id.h"
#include "ot/edit_history.h"
#include "ot/placed_edit.h"

namespace cotext {

class Jupiter {
 public:
  // More authors than this need another control: each has a queue.
  static constexpr size_t kMaxAuthors = 16;

  // How many transformations a replay may take, for each edit. Where people hear of each other
  // while they write, they are fewer than ten.
  static constexpr uint64_t kTransformsPerEdit = 64;

  enum class Outcome : uint8_t { kDone, kNotHub, kTie, kTooFar };

  // Replays all of a history on an empty text; unless it returns kDone, the text means nothing.
  // kOutOfRange, with the number of the change, if an edit is not within the text. To be called
  // once.
  // REQUIRES: the history outlives it; no author's changes are concurrent.
  [[nodiscard]] Expected<Outcome> Replay(const EditHistory& history);

  // The text that a replay made.
  const TextBuffer& text() const { return text_; }
  // The same, to be called last.
  TextBuffer TakeText() { return std::move(text_); }

 private:
  // An operation that somebody has not seen yet, and the change it is from.
  struct Waiting {
    PlacedEdit edit;
    uint32_t change = 0;
  };
  struct Client {
    uint32_t author = 0;
    uint32_t last_change = 0;  // Nothing waits for it afterwards.
    uint32_t seen = 0;         // Of the server's order, changes before this number.
    uint64_t length = 0;       // Of the client's text.
    std::deque<Waiting> queue = {};
  };
  struct Known {
    uint32_t seen;  // As its author had, when it was made.
    uint64_t last_counter;
  };

  void AddClients(const EditHistory& history);
  Client& ClientOf(uint32_t author);
  bool CatchUp(const EditHistory& history, uint32_t change, Client& client);
  Expected<Outcome> Submit(const TextEdit& edit, uint32_t change, Client& client);

  TextBuffer text_;
  std::vector<Client> clients_;  // Ascending by author.
  std::vector<Known> changes_;   // By change.
  uint64_t transforms_left_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_OT_JUPITER_H_
