// The page that `cotext serve` shows, compiled in: made of the sources beside this by make_web.mjs.
#ifndef COTEXT_WEB_WEB_FILES_H_
#define COTEXT_WEB_WEB_FILES_H_

#include <span>

#include "net/http/embedded_files.h"

namespace cotext {

std::span<const net::EmbeddedFile> WebFiles();

}  // namespace cotext

#endif  // COTEXT_WEB_WEB_FILES_H_
