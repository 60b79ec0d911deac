// Files of documents as they were made last, each for one version: to make one takes as long as the
// document is large, and it may be asked for again and again.
//
// No more than bytes_max are kept: those that were not asked for longest go first, and one that is
// larger is not kept. A document has one. O(log n) a call. Thread-compatible.
#ifndef COTEXT_NET_ENDPOINTS_FILE_CACHE_H_
#define COTEXT_NET_ENDPOINTS_FILE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cotext::net {

class FileCache {
 public:
  static constexpr size_t kBytesMax = size_t{1} << 26U;

  explicit FileCache(size_t bytes_max = kBytesMax) : bytes_max_(bytes_max) {}

  // Until the next call of Keep or Drop; null if there is none.
  const std::string* Find(const std::string& document, std::string_view version);
  void Keep(const std::string& document, std::string version, std::string file);
  void Drop(const std::string& document);

  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string version;
    std::string file;
    uint64_t used = 0;  // When it was asked for last, in order.
  };

  void Use(const std::string& document, Entry& entry);

  size_t bytes_max_;
  size_t bytes_ = 0;  // Of all files.
  uint64_t uses_ = 0;
  std::map<std::string, Entry> entries_;   // By document.
  std::map<uint64_t, std::string> order_;  // By `used`.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_FILE_CACHE_H_
