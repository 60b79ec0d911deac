#include "net/driver/version_token.h"

#include <optional>

#include "document/varint.h"
#include "net/base/base64url.h"

namespace cotext::net {
namespace {

constexpr char kRgaToken = 1;
constexpr char kOtToken = 2;

std::optional<std::vector<OpId>> ReadHeads(ByteReader bytes) {
  std::vector<OpId> heads;
  while (!bytes.done()) {
    const auto counter = bytes.Varint();
    const auto replica = bytes.Varint();
    if (!counter || !replica || heads.size() >= kTokenHeadsMax) return std::nullopt;
    heads.push_back({.counter = *counter, .replica = {*replica}});
    if (!IsValid(heads.back())) return std::nullopt;
  }
  return heads;
}

}  // namespace

std::string TokenOf(std::span<const OpId> heads) {
  std::string bytes(1, kRgaToken);
  for (const OpId head : heads) {
    AppendVarint(bytes, head.counter);
    AppendVarint(bytes, head.replica.value);
  }
  return ToBase64Url(bytes);
}

std::string TokenOf(uint64_t revision) {
  std::string bytes(1, kOtToken);
  AppendVarint(bytes, revision);
  return ToBase64Url(bytes);
}

Expected<TokenVersion> ReadToken(std::string_view token) {
  const auto invalid = [] {
    return MakeError(ErrorCode::kInvalidVersion, "a version that this server never gave");
  };
  const std::optional<std::string> bytes = FromBase64Url(token);
  if (!bytes || bytes->empty()) return invalid();
  ByteReader reader(std::string_view(*bytes).substr(1));
  if (bytes->front() == kRgaToken) {
    auto heads = ReadHeads(reader);
    if (!heads) return invalid();
    return TokenVersion(*std::move(heads));
  }
  const auto revision = reader.Varint();
  if (bytes->front() != kOtToken || !revision || !reader.done()) return invalid();
  return TokenVersion(*revision);
}

Expected<VersionVector> VersionIn(const RgaDocument& document, std::string_view token) {
  const Expected<TokenVersion> read = ReadToken(token);
  if (!read) return std::unexpected(read.error());
  const auto* const heads = std::get_if<std::vector<OpId>>(&*read);
  if (heads == nullptr) {
    return MakeError(ErrorCode::kUnknownVersion, "a version of a document of another engine");
  }
  return document.VersionOf(*heads);
}

}  // namespace cotext::net
