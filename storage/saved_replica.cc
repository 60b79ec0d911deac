#include "storage/saved_replica.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "document/document_id.h"
#include "storage/file.h"

namespace cotext {
namespace {

// As many numbers below 2^53 as there may be, a line each.
constexpr uint64_t kWritersBytesMax = (SavedReplica::kFormerMax + 1) * 17;

std::string WritersPath(const std::string& path) { return path + ".writers"; }

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::optional<ReplicaId> ParseReplica(std::string_view line) {
  ReplicaId replica;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), replica.value);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return IsValid(replica) ? std::optional(replica) : std::nullopt;
}

}  // namespace

Expected<std::unique_ptr<SavedReplica>> SavedReplica::Open(const std::string& path,
                                                           ReplicaId replica,
                                                           const SaverOptions& options) {
  std::unique_ptr<SavedReplica> saved(new SavedReplica(path, options));
  if (!Exists(path)) {
    saved->document_ = std::make_unique<RgaDocument>(replica, options.sequence);
    return saved;
  }
  auto opened = DocumentSaver::Open(path, replica, options);
  if (!opened) return std::unexpected(std::move(opened).error());
  saved->document_ = std::move(opened->document);
  saved->saver_ = std::move(opened->saver);
  COTEXT_RETURN_IF_ERROR(saved->document_->Unpack());
  COTEXT_RETURN_IF_ERROR(saved->ReadWriters());
  return saved;
}

Expected<void> SavedReplica::ReadWriters() {
  const std::string path = WritersPath(path_);
  if (!Exists(path)) return {};
  const auto content = ReadFile(path, kWritersBytesMax);
  if (!content) return std::unexpected(content.error());
  const VersionVector version = document_->version_vector();
  std::string_view rest = *content;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const auto replica = ParseReplica(rest.substr(0, end));
    if (!replica || end == rest.npos) {
      return MakeError(ErrorCode::kMalformedFile, path + ": not a list of replica ids");
    }
    // Whoever edited nothing has nothing to upload.
    if (version.CounterOf(*replica) > 0) former_.push_back(*replica);
    rest.remove_prefix(end + 1);
  }
  return {};
}

Expected<void> SavedReplica::SaveWriters() {
  const ReplicaId own = document_->replica();
  if (is_writer_saved_ || document_->version_vector().CounterOf(own) == 0) return {};
  std::string lines;
  const size_t skipped = former_.size() - std::min(former_.size(), kFormerMax - 1);
  for (size_t i = skipped; i < former_.size(); ++i) {
    lines += std::to_string(former_[i].value) + '\n';
  }
  lines += std::to_string(own.value) + '\n';
  COTEXT_RETURN_IF_ERROR(WriteFileAtomically(WritersPath(path_), lines));
  is_writer_saved_ = true;
  return {};
}

Expected<void> SavedReplica::Save() {
  if (document_->id() == DocumentId{}) return {};
  if (!saver_ && Exists(path_)) {
    return MakeError(ErrorCode::kFileChanged, path_ + ": somebody else has made that file");
  }
  COTEXT_RETURN_IF_ERROR(SaveWriters());
  if (saver_) {
    COTEXT_RETURN_IF_ERROR(saver_->Save(*document_));
    return {};
  }
  auto created = DocumentSaver::Create(path_, *document_, options_);
  if (!created) return std::unexpected(std::move(created).error());
  saver_ = *std::move(created);
  return {};
}

}  // namespace cotext
