#include "net/driver/version_token.h"

#include <algorithm>
#include <optional>

#include "document/varint.h"
#include "net/base/base64url.h"
#include "net/base/secret.h"

namespace cotext::net {
namespace {

constexpr char kRgaToken = 1;
constexpr char kOtToken = 2;
constexpr char kDigestToken = 3;

constexpr size_t kMarkBytes = 4;
constexpr size_t kDigestBytes = 16;
constexpr size_t kTokenBytesMax = kTokenCharactersMax / 4 * 3;

// Folds an id, which is mostly random already, so that each of its bytes counts (FNV-1a).
std::string MarkOf(const DocumentId& document) {
  constexpr uint32_t kBasis = 2166136261;
  constexpr uint32_t kPrime = 16777619;
  uint32_t hash = kBasis;
  for (const uint8_t byte : document.bytes) hash = (hash ^ byte) * kPrime;
  std::string mark;
  for (size_t i = 0; i < kMarkBytes; ++i) mark += static_cast<char>(hash >> (8 * i));
  return mark;
}

std::optional<std::vector<OpId>> ReadHeads(ByteReader bytes) {
  std::vector<OpId> heads;
  while (!bytes.done()) {
    const auto counter = bytes.Varint();
    const auto replica = bytes.Varint();
    if (!counter || !replica) return std::nullopt;
    heads.push_back({.counter = *counter, .replica = {*replica}});
    if (!IsValid(heads.back())) return std::nullopt;
  }
  return heads;
}

std::optional<TokenVersion> ReadVersion(char kind, std::string_view rest) {
  ByteReader reader(rest);
  if (kind == kRgaToken) {
    auto heads = ReadHeads(reader);
    if (!heads) return std::nullopt;
    return TokenVersion(*std::move(heads));
  }
  if (kind == kDigestToken && rest.size() == kDigestBytes) return TokenVersion(TokenDigest());
  const auto revision = reader.Varint();
  if (kind != kOtToken || !revision || !reader.done()) return std::nullopt;
  return TokenVersion(*revision);
}

}  // namespace

std::string TokenOf(const DocumentId& document, std::span<const OpId> heads) {
  std::string numbers;
  for (const OpId head : heads) {
    AppendVarint(numbers, head.counter);
    AppendVarint(numbers, head.replica.value);
  }
  const std::string mark = MarkOf(document);
  if (1 + kMarkBytes + numbers.size() <= kTokenBytesMax) {
    return ToBase64Url(std::string(1, kRgaToken) + mark + numbers);
  }
  return ToBase64Url(std::string(1, kDigestToken) + mark +
                     HashSecret(numbers).substr(0, kDigestBytes));
}

std::string TokenOf(const DocumentId& document, uint64_t revision) {
  std::string bytes = std::string(1, kOtToken) + MarkOf(document);
  AppendVarint(bytes, revision);
  return ToBase64Url(bytes);
}

bool IsDigest(std::string_view token) {
  const std::optional<std::string> bytes = FromBase64Url(token);
  return bytes && bytes->starts_with(kDigestToken);
}

Expected<TokenVersion> ReadToken(const DocumentId& document, std::string_view token) {
  const auto invalid = [] {
    return MakeError(ErrorCode::kInvalidVersion, "a version that this server never gave");
  };
  if (token.size() > kTokenCharactersMax) return invalid();
  const std::optional<std::string> bytes = FromBase64Url(token);
  if (!bytes || bytes->size() < 1 + kMarkBytes) return invalid();
  const std::string_view all = *bytes;
  std::optional<TokenVersion> version = ReadVersion(all.front(), all.substr(1 + kMarkBytes));
  if (!version) return invalid();
  if (all.substr(1, kMarkBytes) != MarkOf(document)) {
    return MakeError(ErrorCode::kDocumentReplaced,
                     "a version of a document that had this name before");
  }
  return *std::move(version);
}

Expected<VersionVector> VersionIn(const RgaDocument& rga, const DocumentId& document,
                                  std::string_view token) {
  const Expected<TokenVersion> read = ReadToken(document, token);
  if (!read) return std::unexpected(read.error());
  if (std::holds_alternative<TokenDigest>(*read)) {
    if (TokenOf(document, rga.frontier()) == token) return rga.version_vector();
    return MakeError(ErrorCode::kUnknownVersion, "a version that is not remembered any more");
  }
  const auto* const heads = std::get_if<std::vector<OpId>>(&*read);
  if (heads == nullptr) {
    return MakeError(ErrorCode::kUnknownVersion, "a version of a document of another engine");
  }
  return rga.VersionOf(*heads);
}

}  // namespace cotext::net
