// Bytes as text that can stand in a URL, a header or JSON as it is (RFC 4648 §5), without padding.
#ifndef COTEXT_NET_BASE_BASE64URL_H_
#define COTEXT_NET_BASE_BASE64URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace cotext::net {

std::string ToBase64Url(std::string_view bytes);

// Returns nothing if that is not how some bytes are written.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_BASE64URL_H_
