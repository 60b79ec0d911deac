// What tests of RgaDocument share: peers that exchange what they lack, characters that occur once,
// and the elements of a document as a plain list, the oracle of whatever finds them by searching.
#ifndef COTEXT_TESTS_SUPPORT_RGA_DOCUMENTS_H_
#define COTEXT_TESTS_SUPPORT_RGA_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"

namespace cotext {

using RgaDocuments = std::vector<std::unique_ptr<RgaDocument>>;

// Returns `count` empty documents of replicas 1, 2, ...; some have the tiniest sequences.
RgaDocuments MakeDocuments(Random& random, size_t count);

// Lets `to` merge what it lacks of `from`.
void Pull(RgaDocument& to, const RgaDocument& from);

// Lets all documents merge what any of them has; afterwards their texts are equal.
void Converge(RgaDocuments& documents);

// Gives out characters that it never gave before, of 1 to 4 bytes in UTF-8.
class FreshCharacters {
 public:
  // Returns a text of `count` of them.
  // REQUIRES: fewer than 50,000 in all.
  std::string Text(uint64_t count);

 private:
  uint64_t given_ = 0;
};

// Replaces a few characters at a random place, often at the ends, by `text`.
void EditSomewhere(Random& random, Document& document, const std::string& text);

// One character that was ever inserted.
struct ListedElement {
  OpId id;
  std::string character;
  bool deleted;
};

// Returns all elements in document order, deleted ones included.
std::vector<ListedElement> ListElements(const Rga& rga);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RGA_DOCUMENTS_H_
