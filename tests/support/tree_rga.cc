#include "tests/support/tree_rga.h"

#include <vector>

#include "document/utf8.h"

namespace cotext {

void TreeRga::Integrate(const ChangeView& change) {
  OpId id{.counter = change.first_counter, .replica = change.replica};
  std::string_view text = change.text;
  for (const Operation& operation : change.operations) {
    if (operation.kind == Operation::Kind::kInsert) {
      InsertAll(operation, id, text.substr(0, operation.text_bytes));
    } else {
      DeleteAll(operation);
    }
    text.remove_prefix(operation.text_bytes);
    id.counter += operation.length;
  }
}

void TreeRga::InsertAll(const Operation& operation, OpId id, std::string_view text) {
  OpId origin = operation.reference;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text.front());
    elements_[id].character = text.substr(0, bytes);
    elements_[origin].children.insert(id);
    text.remove_prefix(bytes);
    origin = id;
    ++id.counter;
  }
}

void TreeRga::DeleteAll(const Operation& operation) {
  OpId target = operation.reference;
  for (uint32_t i = 0; i < operation.length; ++i) {
    elements_[target].deleted = true;
    target.counter = operation.backward ? target.counter - 1 : target.counter + 1;
  }
}

std::string TreeRga::Text() const {
  std::string text;
  std::vector<OpId> pending{kRoot};
  while (!pending.empty()) {
    const Element& element = elements_.at(pending.back());
    pending.pop_back();
    if (!element.deleted) text += element.character;
    // The last pushed comes next: the greatest sibling must be pushed last.
    pending.insert(pending.end(), element.children.rbegin(), element.children.rend());
  }
  return text;
}

}  // namespace cotext
