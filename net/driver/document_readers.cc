#include "net/driver/document_readers.h"

#include <algorithm>

namespace cotext::net {

ReaderLease& ReaderLease::operator=(ReaderLease&& other) noexcept {
  if (this == &other) return *this;
  Release();
  readers_ = other.readers_;
  reader_ = std::move(other.reader_);
  listener_ = other.listener_;
  return *this;
}

void ReaderLease::Release() {
  if (reader_ == nullptr) return;
  reader_->Remove(*listener_);
  readers_->OnReleased(std::exchange(reader_, nullptr));
}

DocumentReaders::~DocumentReaders() {
  schedule_->Cancel(sweep_);
  for (auto& [name, entry] : readers_) schedule_->Cancel(entry.drop);
}

size_t DocumentReaders::bytes() const {
  size_t bytes = 0;
  for (const auto& [name, entry] : readers_) bytes += entry.reader->bytes();
  return bytes;
}

Expected<ReaderLease> DocumentReaders::Read(const std::string& document, ReaderListener& listener) {
  auto found = readers_.find(document);
  if (found == readers_.end()) {
    COTEXT_RETURN_IF_ERROR(MakeRoom());
    found = readers_.emplace(document, Entry{}).first;
    found->second.reader =
        std::make_shared<DocumentReader>(*driver_, *schedule_, random_, document, [this, document] {
          const auto failed = readers_.find(document);
          // It may have been dropped, and loaded anew, before it failed.
          if (failed == readers_.end()) return;
          if (failed->second.reader->state() == DocumentReader::State::kFailed) Erase(failed);
        });
  }
  schedule_->Cancel(found->second.drop);
  ReaderLease lease;
  lease.readers_ = this;
  lease.reader_ = found->second.reader;
  lease.listener_ = &listener;
  lease.reader_->Add(listener);
  return lease;
}

Expected<void> DocumentReaders::MakeRoom() {
  while (readers_.size() >= options_.documents_max || bytes() >= options_.bytes_max) {
    auto oldest = readers_.end();
    for (auto at = readers_.begin(); at != readers_.end(); ++at) {
      if (at->second.drop == 0) continue;
      if (oldest == readers_.end() || at->second.idle_since_ms < oldest->second.idle_since_ms) {
        oldest = at;
      }
    }
    if (oldest == readers_.end()) {
      return MakeError(ErrorCode::kTooManyDocuments, "too many documents are read at once");
    }
    Erase(oldest);
  }
  return {};
}

void DocumentReaders::OnUnreadable(std::string_view document, ErrorCode why) {
  const auto found = readers_.find(document);
  if (found == readers_.end()) return;
  const std::shared_ptr<DocumentReader> reader = found->second.reader;  // Erased by its failing.
  reader->OnUnreadable(why);
}

bool DocumentReaders::Forget(std::string_view document) {
  const auto found = readers_.find(document);
  if (found == readers_.end()) return true;
  if (found->second.reader->listener_count() > 0) return false;
  schedule_->Cancel(found->second.drop);
  readers_.erase(found);  // Not inside a call of the reader, which nobody listens to.
  return true;
}

void DocumentReaders::OnReleased(std::shared_ptr<DocumentReader> reader) {
  const auto found = readers_.find(reader->name());
  if (found == readers_.end() || found->second.reader != reader) return Retire(std::move(reader));
  if (reader->listener_count() > 0) return;
  schedule_->Cancel(found->second.drop);
  found->second.idle_since_ms = schedule_->NowMs();
  found->second.drop = schedule_->After(options_.idle_ms, [this, name = reader->name()] {
    const auto idle = readers_.find(name);
    idle->second.drop = 0;
    Erase(idle);
  });
}

void DocumentReaders::Erase(Entries::iterator entry) {
  schedule_->Cancel(entry->second.drop);
  Retire(std::move(entry->second.reader));
  readers_.erase(entry);
}

void DocumentReaders::Retire(std::shared_ptr<DocumentReader> reader) {
  leaving_.push_back(std::move(reader));
  if (sweep_ != 0) return;
  sweep_ = schedule_->Soon([this] {
    sweep_ = 0;
    leaving_.clear();
  });
}

}  // namespace cotext::net
