#include "tools/history/version_argument.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "crdt/history.h"
#include "crdt/known_version.h"
#include "crdt/rga.h"
#include "tools/terminal_text.h"

namespace cotext {
namespace {

constexpr std::string_view kNow = "now";

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

// Returns the value of a number; one that is too great is greater than any that means something.
uint64_t ValueOf(std::string_view number) {
  uint64_t value = 0;
  const char* const end = number.data() + number.size();
  return std::from_chars(number.data(), end, value).ec == std::errc() ? value : UINT64_MAX;
}

// Returns the number in @N, whatever it is.
std::optional<uint64_t> AsCount(std::string_view argument) {
  if (!argument.starts_with('@') || !IsNumber(argument.substr(1))) return std::nullopt;
  return ValueOf(argument.substr(1));
}

// Returns the ids in COUNTER@REPLICA,..., whatever they are.
std::optional<std::vector<OpId>> AsIds(std::string_view argument) {
  std::vector<OpId> ids;
  while (true) {
    const std::string_view id = argument.substr(0, argument.find(','));
    const size_t at = id.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view counter = id.substr(0, at);
    const std::string_view replica = id.substr(at + 1);
    if (!IsNumber(counter) || !IsNumber(replica)) return std::nullopt;
    ids.push_back(OpId{.counter = ValueOf(counter), .replica = ReplicaId{ValueOf(replica)}});
    if (id.size() == argument.size()) return ids;
    argument.remove_prefix(id.size() + 1);
  }
}

// Returns the last operations of what was trimmed and of the first `count` changes.
Expected<std::vector<OpId>> LastOfChanges(const Rga& rga, uint64_t count) {
  const PackedUpdate history = rga.PackedSince({});
  if (count > history.changes.size()) {
    return MakeError(ErrorCode::kUnknownVersion,
                     "the document has " + std::to_string(history.changes.size()) + " changes");
  }
  std::vector<OpId> last = rga.horizon().frontier;
  for (size_t change = 0; change < count; ++change) last.push_back(LastIdOf(history, change));
  return last;
}

Expected<std::vector<OpId>> ParseHeads(std::string_view argument, const StoredDocument& document) {
  if (argument == kNow) return document.rga.frontier();
  if (const auto count = AsCount(argument)) return LastOfChanges(document.rga, *count);
  if (auto ids = AsIds(argument)) return *std::move(ids);
  if (const auto* const heads = document.file.names().Find(argument)) return *heads;
  return MakeError(ErrorCode::kUnknownVersion, "no version has that name");
}

}  // namespace

Expected<VersionVector> ParseVersion(std::string_view argument, const StoredDocument& document) {
  const auto heads = ParseHeads(argument, document);
  auto version = heads ? VersionOf(document.rga.history().graph, *heads)
                       : Expected<VersionVector>(std::unexpected(heads.error()));
  if (version) return version;
  return MakeError(version.error().code,
                   "version " + WithoutControls(argument) + ": " + version.error().message);
}

bool IsVersionName(std::string_view argument) {
  return argument != kNow && !AsCount(argument) && !AsIds(argument);
}

std::string ToArgument(OpId id) {
  return std::to_string(id.counter) + "@" + std::to_string(id.replica.value);
}

std::string ToArgument(std::span<const OpId> heads) {
  if (heads.empty()) return "@0";
  std::string argument;
  for (const OpId head : heads) {
    if (!argument.empty()) argument += ',';
    argument += ToArgument(head);
  }
  return argument;
}

OpId LastIdOf(const PackedUpdate& update, size_t change) {
  OpId id = update.FirstIdOf(change);
  id.counter += update.LengthOf(change) - 1;
  return id;
}

}  // namespace cotext
