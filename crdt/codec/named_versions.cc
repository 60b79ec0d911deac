#include "crdt/codec/named_versions.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

constexpr bool HasNameSize(uint64_t bytes) {
  return bytes > 0 && bytes <= NamedVersions::kNameBytesMax;
}

// Returns the heads that follow; nothing if they are no ascending ids.
std::optional<std::vector<OpId>> ReadHeads(ByteReader& reader) {
  const std::optional<uint64_t> count = reader.Varint();
  // A head takes two bytes at least, which bounds the allocation by the input.
  if (!count || *count > reader.remaining() / 2) return std::nullopt;
  std::vector<OpId> heads;
  heads.reserve(static_cast<size_t>(*count));
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> counter = reader.Varint();
    const std::optional<uint64_t> replica = reader.Varint();
    if (!counter || !replica) return std::nullopt;
    const OpId id{.counter = *counter, .replica = ReplicaId{*replica}};
    if (!IsValid(id) || (i > 0 && id <= heads.back())) return std::nullopt;
    heads.push_back(id);
  }
  return heads;
}

}  // namespace

Expected<void> NamedVersions::Set(std::string_view name, std::vector<OpId> heads) {
  if (!HasNameSize(name.size())) {
    return MakeError(ErrorCode::kOutOfRange, "a version's name has 1 to " +
                                                 std::to_string(kNameBytesMax) + " bytes, not " +
                                                 std::to_string(name.size()));
  }
  if (!IsValidUtf8(name)) {
    return MakeError(ErrorCode::kInvalidUtf8, "a version's name is not UTF-8");
  }
  const auto known = versions_.find(name);
  if (known != versions_.end()) {
    known->second = std::move(heads);
    return {};
  }
  if (versions_.size() == kNamesMax) {
    return MakeError(ErrorCode::kTooLarge,
                     "there are " + std::to_string(kNamesMax) + " named versions already");
  }
  versions_.emplace(name, std::move(heads));
  return {};
}

bool NamedVersions::Remove(std::string_view name) {
  const auto at = versions_.find(name);
  if (at == versions_.end()) return false;
  versions_.erase(at);
  return true;
}

const std::vector<OpId>* NamedVersions::Find(std::string_view name) const {
  const auto at = versions_.find(name);
  return at == versions_.end() ? nullptr : &at->second;
}

std::string NamedVersions::Encode() const {
  std::string bytes;
  AppendVarint(bytes, versions_.size());
  for (const auto& [name, heads] : versions_) {
    AppendVarint(bytes, name.size());
    bytes += name;
    AppendVarint(bytes, heads.size());
    for (const OpId head : heads) {
      AppendVarint(bytes, head.counter);
      AppendVarint(bytes, head.replica.value);
    }
  }
  return bytes;
}

Expected<NamedVersions> NamedVersions::Decode(std::string_view bytes) {
  const auto malformed = [] {
    return MakeError(ErrorCode::kMalformedFile, "the list of named versions is malformed");
  };
  ByteReader reader(bytes);
  const std::optional<uint64_t> count = reader.Varint();
  if (!count) return malformed();
  if (*count > kNamesMax) {
    return MakeError(ErrorCode::kTooLarge, "there are more than " + std::to_string(kNamesMax) +
                                               " named versions, which is the limit");
  }
  NamedVersions decoded;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> size = reader.Varint();
    if (!size || !HasNameSize(*size)) return malformed();
    const std::optional<std::string_view> name = reader.Bytes(*size);
    if (!name || !IsValidUtf8(*name)) return malformed();
    if (!decoded.empty() && *name <= decoded.versions_.rbegin()->first) return malformed();
    std::optional<std::vector<OpId>> heads = ReadHeads(reader);
    if (!heads) return malformed();
    decoded.versions_.emplace_hint(decoded.versions_.end(), *name, *std::move(heads));
  }
  if (!reader.done()) return malformed();
  return decoded;
}

}  // namespace cotext
