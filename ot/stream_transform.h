// Transforms a stream of small deltas past a large one that is kept as a tree.
//
// For X in the tree and `other` of the same base, TransformPast returns `other` for the text after
// X, and the tree becomes X for the text after `other`: exactly the TransformPair of the two. Why:
// in base coordinates transforming changes neither what is deleted nor what is inserted. So of X
// nothing changes but what `other` names: where it inserts, X gets a retain, behind X's own inserts
// of that gap if X is left, in front of them if it is right; what it deletes, X loses, and the gaps
// beside become one. All of X behind keeps its components, and its positions are sums that the tree
// takes anew. And of `other` nothing is asked but where it comes to lie in X's target, which is a
// sum on the same path, and what of its deletes X retains. A stream is transformed one after the
// other, as every party does it, and never composed.
//
// A stream of k deltas of bounded size past X of n pieces is O((n + k) log n): a delta that spans
// many pieces of X's base removes them. Errors are those of TransformPair; after one, the delta of
// the tree is what it was.
#ifndef COTEXT_OT_STREAM_TRANSFORM_H_
#define COTEXT_OT_STREAM_TRANSFORM_H_

#include "document/delta.h"
#include "document/error.h"
#include "ot/component_tree.h"
#include "ot/transform.h"

namespace cotext {

// `side` is that of the tree.
Expected<Delta> TransformPast(ComponentTree& tree, const Delta& other, Side side);

}  // namespace cotext

#endif  // COTEXT_OT_STREAM_TRANSFORM_H_
