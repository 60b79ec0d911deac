// Answers a WebSocket's handshake that is refused as other requests are answered (http_error.h),
// where libwebsockets itself would send a page for people.
#ifndef COTEXT_NET_HTTP_HANDSHAKE_REFUSAL_H_
#define COTEXT_NET_HTTP_HANDSHAKE_REFUSAL_H_

#include "net/http/http_message.h"

struct lws;

namespace cotext::net {

// Writes as much as the socket takes at once; nothing of more than 2 KiB. REQUIRES: this is a
// callback before the upgrade, and it returns that the connection is to be closed.
void AnswerHandshake(lws* wsi, const HttpResponse& response);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HANDSHAKE_REFUSAL_H_
