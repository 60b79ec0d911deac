#include "crdt/rga_anchor.h"

#include <optional>
#include <string>

#include "crdt/ids.h"
#include "crdt/sequence.h"
#include "document/check.h"
#include "document/varint.h"

namespace cotext {
namespace {

enum Cling : uint64_t { kToBeginning, kToEnd, kToLeft, kToRight, kToPlace };

Anchor FromBytes(const std::string& bytes) {
  const Expected<Anchor> anchor = Anchor::FromBytes(bytes);
  COTEXT_CHECK(anchor.has_value());
  return *anchor;
}

Anchor AtEdge(Cling cling) {
  std::string bytes;
  AppendVarint(bytes, cling);
  return FromBytes(bytes);
}

Anchor OnElement(const Rga& rga, Cling cling, Lv element) {
  const OpId id = rga.history().IdOf(element);
  std::string bytes;
  AppendVarint(bytes, cling);
  AppendVarint(bytes, id.counter);
  AppendVarint(bytes, id.replica.value);
  return FromBytes(bytes);
}

// What an anchor's bytes say.
struct Parsed {
  Cling cling;
  OpId id;  // kRoot for the beginning and the end.
};

std::optional<Parsed> Parse(const Anchor& anchor) {
  ByteReader reader(anchor.bytes());
  const std::optional<uint64_t> cling = reader.Varint();
  if (!cling || *cling > kToPlace) return std::nullopt;
  Parsed parsed{.cling = static_cast<Cling>(*cling), .id = kRoot};
  if (*cling >= kToLeft) {
    const std::optional<uint64_t> counter = reader.Varint();
    const std::optional<uint64_t> replica = reader.Varint();
    if (!counter || !replica) return std::nullopt;
    parsed.id = OpId{.counter = *counter, .replica = ReplicaId{*replica}};
    if (!IsValid(parsed.id)) return std::nullopt;
  }
  if (!reader.done()) return std::nullopt;
  return parsed;
}

}  // namespace

std::optional<Lv> ElementOfRgaAnchor(const Rga& rga, const Anchor& anchor) {
  const std::optional<Parsed> parsed = Parse(anchor);
  if (!parsed || parsed->id == kRoot) return std::nullopt;
  return rga.history().ElementOf(parsed->id);
}

bool ClingsToCharacter(const Anchor& anchor) {
  const std::optional<Parsed> parsed = Parse(anchor);
  return parsed && (parsed->cling == kToLeft || parsed->cling == kToRight);
}

Anchor MoveRgaAnchor(const Rga& rga, const Anchor& anchor, Lv to) {
  COTEXT_CHECK(ClingsToCharacter(anchor));
  const std::optional<Parsed> parsed = Parse(anchor);
  return OnElement(rga, parsed->cling, to);
}

Anchor AnchorInPlaceBefore(const Rga& rga, std::optional<Lv> element) {
  return element ? OnElement(rga, kToPlace, *element) : AtEdge(kToEnd);
}

Anchor CreateRgaAnchor(const Rga& rga, uint64_t position, Bias bias) {
  const bool left = bias == Bias::kBefore;
  if (left ? position == 0 : position == rga.sequence().metrics().code_points) {
    return AtEdge(left ? kToBeginning : kToEnd);
  }
  return OnElement(rga, left ? kToLeft : kToRight,
                   rga.sequence().ElementAt(left ? position - 1 : position));
}

Expected<uint64_t> ResolveRgaAnchor(const Rga& rga, const Anchor& anchor) {
  const std::optional<Parsed> parsed = Parse(anchor);
  if (!parsed) {
    return MakeError(ErrorCode::kInvalidAnchor, "the bytes are not an anchor of this engine");
  }
  if (parsed->cling == kToBeginning) return 0;
  if (parsed->cling == kToEnd) return rga.sequence().metrics().code_points;
  const std::optional<Lv> element = rga.history().ElementOf(parsed->id);
  if (!element && rga.history().graph.horizon().Covers(parsed->id)) {
    return MakeError(ErrorCode::kHistoryTrimmed, "the anchor's character was trimmed");
  }
  if (!element) {
    return MakeError(ErrorCode::kUnknownAnchor, "the anchor's character is not in this document");
  }
  const Sequence::Rank rank = rga.sequence().RankOf(*element);
  return rank.position + (parsed->cling == kToLeft && rank.visible ? 1 : 0);
}

}  // namespace cotext
