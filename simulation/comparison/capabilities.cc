#include "simulation/comparison/capabilities.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace cotext {
namespace {

struct Row {
  const char* what;
  const char* rga;
  const char* server;
  const char* ttf;
};

ReportTable TableOf(const char* name, const char* title, const char* what,
                    std::initializer_list<Row> rows) {
  ReportTable table{.name = name,
                    .title = title,
                    .columns = {{.key = "what", .title = what},
                                {.key = "rga", .title = "RGA"},
                                {.key = "ot_server", .title = "OT with a server"},
                                {.key = "ot_ttf", .title = "OT with tombstones"}}};
  for (const Row& row : rows) table.rows.push_back({row.what, row.rga, row.server, row.ttf});
  return table;
}

}  // namespace

ReportTable CapabilityTable() {
  return TableOf(
      "capabilities", "What each can do", "Question",
      {{"Needs somebody who orders all edits", "no", "yes", "no"},
       {"Merges peers and branches with each other", "yes", "no: an explicit error", "yes"},
       {"Edits offline", "yes, for as long as one likes",
        "yes; behind the horizon they are handed back to the application",
        "yes, in a replay: there is no protocol for it"},
       {"Sends while an earlier edit is not acknowledged", "yes", "no: one submission at a time",
        "yes"},
       {"Same text whatever arrives first", "yes", "no: the server's order decides", "yes"},
       {"Keeps the order that authors saw, deleted characters included", "yes",
        "not always: deleting makes one gap of two", "yes"},
       {"What is kept for edits that come late", "ids, origins and tombstones since the last trim",
        "the commits since the horizon", "all edits and tombstones"},
       {"History can be dropped", "below a version that every replica has passed",
        "at any time, at any revision", "no"},
       {"Who comes from before that", "is refused and keeps his text",
        "is refused and gets his edits back", "cannot be"},
       {"Text at any version, blame, named versions", "yes", "no", "no"},
       {"Undo past others' edits", "yes", "yes; what two users deleted, both bring back", "no"},
       {"Anchors", "for ever, on any replica",
        "in one document, through its latest 65,536 runs of edits", "none"},
       {"A frame that is lost, repeated or late", "changes nothing: edits have ids",
        "changes nothing: submissions are numbered", "changes nothing: edits have ids"},
       {"Several writers under one id", "found when their edits meet",
        "found when a number is used twice", "not looked for"}});
}

ReportTable OptimisationTable() {
  return TableOf(
      "optimised", "What was done for speed, and what is not counted", "Part",
      {{"Text", "runs in a B+-tree of sums", "a rope over the same B+-tree",
        "runs in the same B+-tree"},
       {"Typing", "on at the last place without a search; a step of undo is 8 bytes",
        "on in the rope's leaf; a step of undo is 32 bytes; O(1) when composed",
        "one run for keys that continue each other"},
       {"Many edits at once",
        "decoded into columns, put in order in one pass, the tree built at the end",
        "one operation in a tree, past others in O((n + k) log n), exactly as one by one",
        "versions are changed by what differs between them; no transformed copies"},
       {"Many edits at one place", "a search by the least id of each subtree", "no search at all",
        "a search by the least id of each subtree"},
       {"Opening", "the text is stored apart from the history", "the text is all there is",
        "not offered"},
       {"Bytes", "columns, references by distance, run lengths",
        "columns, positions by distance, run lengths; deletes without their text", "as beside"},
       {"In no clock", "making the inputs; disk, network, frames",
        "making the inputs; disk, network, frames", "making the inputs"},
       {"Not done", "several threads, instructions of one processor",
        "several threads; submissions of several clients at once", "several threads"}});
}

}  // namespace cotext
