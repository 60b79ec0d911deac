// Edits by programs that do not follow a document: POST /v1/documents/{name}/edits. One is merged
// with what has happened since its base, and answered when it is durable (docs/PROTOCOL.md §14.5).
//
// Who edits a document is kept for a while with his copy of it (edit_writer.h), and the id that he
// writes under for longer: a new one for every edit would make documents grow.
//
// Memory: writers_max copies of documents. For the loop's thread. REQUIRES: outlives the outputs'
// tasks.
#ifndef COTEXT_NET_ENDPOINTS_EDIT_ENDPOINT_H_
#define COTEXT_NET_ENDPOINTS_EDIT_ENDPOINT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/base/schedule.h"
#include "net/driver/document_readers.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/edit_writer.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"
#include "sync/grants.h"

namespace cotext::net {

struct EditOptions {
  uint64_t idle_ms = 10'000;
  uint64_t answer_ms = 30'000;  // How long it may take until an edit is durable.
  size_t writers_max = 200;
  size_t waiting_bytes_max = size_t{1} << 26U;  // Of edits that are not made yet.
  size_t former_max = 10'000;                   // Ids that are kept.
};

class EditEndpoint {
 public:
  EditEndpoint(ServerDriver& driver, DocumentReaders& readers, Schedule& schedule,
               std::function<uint64_t()> random, const EditOptions& options = {})
      : driver_(&driver),
        readers_(&readers),
        schedule_(&schedule),
        random_(std::move(random)),
        options_(options) {}
  EditEndpoint(const EditEndpoint&) = delete;
  EditEndpoint& operator=(const EditEndpoint&) = delete;
  ~EditEndpoint();

  // REQUIRES: he may read and write the document.
  HttpReply Post(const HttpRequest& request, const sync::Identity& identity,
                 const std::string& document);

  // Lets go of who is idle; returns whether nobody edits the document.
  bool Forget(const std::string& document);

  size_t writer_count() const { return writers_.size(); }
  // Edits that are not answered yet.
  size_t waiting_count() const { return asked_.size(); }
  // Answers them all as if their time were over.
  void GiveUpAll();

 private:
  // Document, user, and what he may do, as tokens of one user may differ in that.
  using Key = std::pair<std::pair<std::string, std::string>, std::string>;
  struct Entry {
    std::unique_ptr<EditWriter> writer;
    Schedule::TaskId drop = 0;
    uint64_t planned = 0;  // When it was done last, in order.
  };

  void Write(const Key& key, const sync::Identity& identity, const EditRequest& edit,
             const std::function<void(HttpResponse)>& answer);
  HttpResponse GiveUp(const Key& key, uint64_t job);
  Entry* FindOrMake(const Key& key, const sync::Identity& identity);
  bool MakeRoom();
  void Plan(const Key& key);
  void Drop(std::map<Key, Entry>::iterator entry);

  ServerDriver* driver_;
  DocumentReaders* readers_;
  Schedule* schedule_;
  std::function<uint64_t()> random_;
  EditOptions options_;
  std::map<Key, Entry> writers_;
  uint64_t jobs_ = 0;
  uint64_t plans_ = 0;
  size_t waiting_bytes_ = 0;
  std::map<uint64_t, std::pair<Key, std::function<void(HttpResponse)>>> asked_;  // By job.
  std::map<std::pair<std::string, std::string>, FormerReplica> former_;  // By document and user.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_EDIT_ENDPOINT_H_
