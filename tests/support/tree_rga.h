// The RGA by its definition: a tree whose parent is the origin, siblings in descending id order,
// read in pre-order. The oracle for the real one, which never builds a tree.
#ifndef COTEXT_TESTS_SUPPORT_TREE_RGA_H_
#define COTEXT_TESTS_SUPPORT_TREE_RGA_H_

#include <functional>
#include <map>
#include <set>
#include <string>

#include "crdt/change.h"
#include "crdt/ids.h"

namespace cotext {

class TreeRga {
 public:
  // Adds a change, whose dependencies are here. Adding it again changes nothing.
  void Integrate(const ChangeView& change);

  std::string Text() const;

 private:
  struct Element {
    std::string character;
    bool deleted = false;
    std::set<OpId, std::greater<>> children;
  };

  void InsertAll(const Operation& operation, OpId id, std::string_view text);
  void DeleteAll(const Operation& operation);

  std::map<OpId, Element> elements_{{kRoot, {}}};
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_TREE_RGA_H_
