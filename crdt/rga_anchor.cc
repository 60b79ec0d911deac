#include "crdt/rga_anchor.h"

#include <optional>
#include <string>

#include "crdt/varint.h"
#include "document/check.h"

namespace cotext {
namespace {

enum Cling : uint64_t { kToBeginning, kToEnd, kToLeft, kToRight };

Anchor FromBytes(const std::string& bytes) {
  const Expected<Anchor> anchor = Anchor::FromBytes(bytes);
  COTEXT_CHECK(anchor.has_value());
  return *anchor;
}

std::unexpected<Error> Invalid() {
  return MakeError(ErrorCode::kInvalidAnchor, "the bytes are not an anchor of this engine");
}

}  // namespace

Anchor CreateRgaAnchor(const Rga& rga, uint64_t position, Bias bias) {
  std::string bytes;
  const bool left = bias == Bias::kBefore;
  if (left ? position == 0 : position == rga.sequence().metrics().code_points) {
    AppendVarint(bytes, left ? kToBeginning : kToEnd);
    return FromBytes(bytes);
  }
  const Lv element = rga.sequence().ElementAt(left ? position - 1 : position);
  const OpId id = rga.history().IdOf(element);
  AppendVarint(bytes, left ? kToLeft : kToRight);
  AppendVarint(bytes, id.counter);
  AppendVarint(bytes, id.replica.value);
  return FromBytes(bytes);
}

Expected<uint64_t> ResolveRgaAnchor(const Rga& rga, const Anchor& anchor) {
  ByteReader reader(anchor.bytes());
  const std::optional<uint64_t> cling = reader.Varint();
  if (!cling || *cling > kToRight) return Invalid();
  if (*cling == kToBeginning || *cling == kToEnd) {
    if (!reader.done()) return Invalid();
    return *cling == kToBeginning ? 0 : rga.sequence().metrics().code_points;
  }
  const std::optional<uint64_t> counter = reader.Varint();
  const std::optional<uint64_t> replica = reader.Varint();
  if (!counter || !replica || !reader.done()) return Invalid();
  const OpId id{.counter = *counter, .replica = ReplicaId{*replica}};
  if (!IsValid(id)) return Invalid();
  const std::optional<Lv> element = rga.history().ElementOf(id);
  if (!element) {
    return MakeError(ErrorCode::kUnknownAnchor, "the anchor's character is not in this document");
  }
  const Sequence::Rank rank = rga.sequence().RankOf(*element);
  return rank.position + (*cling == kToLeft && rank.visible ? 1 : 0);
}

}  // namespace cotext
