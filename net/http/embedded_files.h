// The page that a server shows unless it is given a folder of files: files that are compiled in.
//
// An address of a document, /d/NAME, is the page that edits it, index.html, and so is /; /live/NAME
// is the page that follows it, live.html. All else is a file by its path. Names of files in assets/
// have a hash of their content, so browsers keep them; the pages are asked for each time, and have
// entity tags.
#ifndef COTEXT_NET_HTTP_EMBEDDED_FILES_H_
#define COTEXT_NET_HTTP_EMBEDDED_FILES_H_

#include <span>
#include <string_view>

#include "net/http/http_message.h"

namespace cotext::net {

// Views of what is there as long as the program.
struct EmbeddedFile {
  std::string_view path;  // "assets/a.js"
  std::string_view content;
  std::string_view zipped;  // The same by gzip; empty: it would not be smaller.
};

class EmbeddedFiles {
 public:
  explicit EmbeddedFiles(std::span<const EmbeddedFile> files) : files_(files) {}

  bool empty() const { return files_.empty(); }

  // By the path of the request. 404 for what is not there.
  HttpResponse Get(const HttpRequest& request) const;

 private:
  const EmbeddedFile* Find(std::string_view path) const;

  std::span<const EmbeddedFile> files_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_EMBEDDED_FILES_H_
