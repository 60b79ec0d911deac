// Names for versions of a document: "as it was sent to the printer".
//
// They belong to one copy of the document and are stored with it (document_file.h); peers do not
// get them. A name stands for a frontier and stays where it is, whatever is merged later.
//
// Everything is O(log names) beyond the bytes involved. Encode and Decode: docs/FORMAT.md §5;
// Decode is total, its errors are kMalformedFile and kTooLarge.
#ifndef COTEXT_CRDT_CODEC_NAMED_VERSIONS_H_
#define COTEXT_CRDT_CODEC_NAMED_VERSIONS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"

namespace cotext {

class NamedVersions {
 public:
  static constexpr size_t kNameBytesMax = 512;
  static constexpr size_t kNamesMax = size_t{1} << 16U;

  using Map = std::map<std::string, std::vector<OpId>, std::less<>>;

  // Lets a name stand for a frontier, whatever it stood for before. kOutOfRange if it has not 1 to
  // kNameBytesMax bytes, kInvalidUtf8, kTooLarge if there would be more than kNamesMax.
  // REQUIRES: the heads are valid ids and ascend.
  Expected<void> Set(std::string_view name, std::vector<OpId> heads);

  // Returns whether there was such a name.
  bool Remove(std::string_view name);

  // Returns what a name stands for, null if there is none.
  const std::vector<OpId>* Find(std::string_view name) const;

  bool empty() const { return versions_.empty(); }
  // From names, in the order of their bytes, to frontiers.
  const Map& versions() const { return versions_; }

  std::string Encode() const;
  static Expected<NamedVersions> Decode(std::string_view bytes);

  friend bool operator==(const NamedVersions&, const NamedVersions&) = default;

 private:
  Map versions_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_NAMED_VERSIONS_H_
