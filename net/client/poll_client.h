// A client's connection by long polling: a PollSession whose requests libcurl makes.
//
// For the loop's thread. REQUIRES: loop and HTTP client outlive it.
#ifndef COTEXT_NET_CLIENT_POLL_CLIENT_H_
#define COTEXT_NET_CLIENT_POLL_CLIENT_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "net/base/event_loop.h"
#include "net/base/url.h"
#include "net/client/client_transport.h"
#include "net/client/http_client.h"
#include "net/client/poll_session.h"

namespace cotext::net {

class PollClient final : public ClientTransport {
 public:
  // Begins to connect. Without a token the client is nobody in particular.
  PollClient(EventLoop& loop, HttpClient& http, const ServerUrl& url, std::string token,
             TransportEvents events, const PollSessionOptions& options = {});
  ~PollClient() override;

  void Send(std::string packet) override;
  void Finish() override;

 private:
  void Pump();
  void Make(PollCall call);

  EventLoop* loop_;
  HttpClient* http_;
  std::string origin_;
  std::string token_;
  TransportEvents events_;
  PollSession session_;
  Timer timer_;
  std::set<uint64_t> calls_;  // Under way, by libcurl's number.
  bool is_open_told_ = false;
  bool is_end_told_ = false;
  // What comes after this is gone is for nobody.
  std::shared_ptr<PollClient*> self_ = std::make_shared<PollClient*>(this);
};

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_POLL_CLIENT_H_
