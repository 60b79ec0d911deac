// The files of a folder, for browsers: the demo, or whatever an operator puts there.
//
// Only what is in the folder is given: names are checked one by one (IsFileName), so that no path
// leads out, and nothing hidden is shown. Links are followed: they are the operator's. A folder is
// its index.html.
//
// A file is read when it is asked for, from memory mostly, and has an entity tag made of its size
// and time, by which browsers need not get it twice.
#ifndef COTEXT_NET_HTTP_STATIC_FILES_H_
#define COTEXT_NET_HTTP_STATIC_FILES_H_

#include <cstddef>
#include <string>
#include <utility>

#include "net/http/http_message.h"

namespace cotext::net {

inline constexpr size_t kStaticFileMax = size_t{1} << 25U;

class StaticFiles {
 public:
  explicit StaticFiles(std::string folder) : folder_(std::move(folder)) {}

  // By the path of the request. 404 for what is not there, as for what may not be.
  HttpResponse Get(const HttpRequest& request) const;

 private:
  std::string folder_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_STATIC_FILES_H_
