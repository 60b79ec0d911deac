// The JSON library as the core uses it: without exceptions and streams, and in a namespace of its
// own, so that the linker never takes these functions for others that throw. For .cc files only.
#ifndef COTEXT_DOCUMENT_CORE_JSON_H_
#define COTEXT_DOCUMENT_CORE_JSON_H_

#define JSON_NOEXCEPTION
#define JSON_NO_IO
#define NLOHMANN_JSON_NAMESPACE nlohmann::cotext_core
#define NLOHMANN_JSON_NAMESPACE_BEGIN \
  namespace nlohmann {                \
  inline namespace cotext_core {
#define NLOHMANN_JSON_NAMESPACE_END \
  }                                 \
  }
#include <nlohmann/json.hpp>  // IWYU pragma: export

#endif  // COTEXT_DOCUMENT_CORE_JSON_H_
