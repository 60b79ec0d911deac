// Composes a small delta onto a large one that is kept as a tree.
//
// Where `then` inserts behind a character of X's target, the text goes right behind it, in front of
// what X deletes there; what it deletes of X's inserts vanishes, what it deletes of X's retains
// becomes a delete. So the tree is searched by target, and changed from left to right as Compose
// writes its result from left to right: whatever stands left of the current place is final.
//
// The tree comes to be exactly the Compose of X and `then`; folding k deltas of bounded size into
// an empty tree is O(k log k). Errors are those of Compose; after one, the delta of the tree is
// what it was.
#ifndef COTEXT_OT_COMPOSE_TREE_H_
#define COTEXT_OT_COMPOSE_TREE_H_

#include "document/delta.h"
#include "document/error.h"
#include "ot/component_tree.h"

namespace cotext {

Expected<void> ComposeOnto(ComponentTree& tree, const Delta& then);

}  // namespace cotext

#endif  // COTEXT_OT_COMPOSE_TREE_H_
