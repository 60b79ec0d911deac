#include "net/endpoints/file_cache.h"

#include <utility>

namespace cotext::net {

void FileCache::Use(const std::string& document, Entry& entry) {
  order_.erase(entry.used);
  entry.used = ++uses_;
  order_.emplace(entry.used, document);
}

const std::string* FileCache::Find(const std::string& document, std::string_view version) {
  const auto found = entries_.find(document);
  if (found == entries_.end() || found->second.version != version) return nullptr;
  Use(document, found->second);
  return &found->second.file;
}

void FileCache::Keep(const std::string& document, std::string version, std::string file) {
  Drop(document);
  if (file.size() > bytes_max_) return;
  while (bytes_ + file.size() > bytes_max_) Drop(std::string(order_.begin()->second));
  bytes_ += file.size();
  Entry& entry = entries_[document];
  entry.version = std::move(version);
  entry.file = std::move(file);
  Use(document, entry);
}

void FileCache::Drop(const std::string& document) {
  const auto found = entries_.find(document);
  if (found == entries_.end()) return;
  bytes_ -= found->second.file.size();
  order_.erase(found->second.used);
  entries_.erase(found);
}

}  // namespace cotext::net
