// What files are, by their names, for Content-Type.
#ifndef COTEXT_NET_HTTP_MEDIA_TYPE_H_
#define COTEXT_NET_HTTP_MEDIA_TYPE_H_

#include <string>
#include <string_view>

namespace cotext::net {

// Of what a page may be made of. Others are bytes to be saved.
std::string MediaTypeOf(std::string_view path);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_MEDIA_TYPE_H_
