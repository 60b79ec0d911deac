// The live feed of a document: GET /v1/documents/{name}/events, server-sent events that anything
// which speaks HTTP can read (docs/PROTOCOL.md §14.4).
//
// A feed begins with a snapshot, or, for who names the version that he has, with what has happened
// since; where that is not known any more, with a snapshot again. Then come deltas, each with the
// id of the version it leads to, and who is there. A browser comes back by itself after a loss, and
// says by Last-Event-ID what it has.
//
// A feed ends when its reader does not keep up, so that what waits for it takes backlog_bytes_max
// beyond the snapshot; when he may not read any more; when the document is gone.
//
// For the driver's thread. REQUIRES: outlives the outputs' tasks.
#ifndef COTEXT_NET_ENDPOINTS_EVENT_STREAM_H_
#define COTEXT_NET_ENDPOINTS_EVENT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "net/access/access.h"
#include "net/access/access_watch.h"
#include "net/base/schedule.h"
#include "net/driver/document_readers.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"

namespace cotext::net {

struct EventStreamOptions {
  uint64_t heartbeat_ms = 15'000;  // A comment after so long keeps proxies from closing it.
  size_t backlog_bytes_max = size_t{1} << 20U;
  size_t streams_max = 10'000;
};

class EventStreams {
 public:
  EventStreams(DocumentReaders& readers, AccessWatch& watch, Schedule& schedule,
               const EventStreamOptions& options = {});
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;
  ~EventStreams();

  // REQUIRES: whoever was admitted may read the document.
  HttpReply Open(const HttpRequest& request, const Admission& admission,
                 const std::string& document);

  // Ends all: the server goes.
  void EndAll();

  size_t count() const { return streams_.size(); }

 private:
  class Stream;

  void Beat();

  DocumentReaders* readers_;
  AccessWatch* watch_;
  Schedule* schedule_;
  EventStreamOptions options_;
  std::set<Stream*> streams_;
  std::shared_ptr<const std::string> beat_;
  Schedule::TaskId timer_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_EVENT_STREAM_H_
