// A server's driver without sockets, over a store in memory, with a clock that a test turns; and
// users who edit through it. What HTTP is made of stands on this.
#ifndef COTEXT_TESTS_NET_SERVED_DOCUMENTS_H_
#define COTEXT_TESTS_NET_SERVED_DOCUMENTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/random.h"
#include "net/base/schedule.h"
#include "net/driver/in_process_connection.h"
#include "net/driver/server_driver.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"
#include "ot/ot_replica.h"
#include "sync/client_event.h"
#include "sync/memory_store.h"
#include "sync/messages.h"

namespace cotext::net {

class ServedDocuments {
 public:
  explicit ServedDocuments(uint64_t seed = 1);
  ServedDocuments(const ServedDocuments&) = delete;
  ServedDocuments& operator=(const ServedDocuments&) = delete;
  ~ServedDocuments();

  // Lets time pass: everything that is due in it happens.
  void Run(uint64_t ms);
  // Runs until something is so, for ten seconds at most; returns whether it is.
  bool RunUntil(const std::function<bool()>& is_so);

  std::function<uint64_t()> random() {
    return [this] { return random_.Next(); };
  }
  uint64_t now_ms() const { return now_ms_; }
  Schedule& schedule() { return *schedule_; }
  ServerDriver& driver() { return *driver_; }
  sync::MemoryStore& store() { return store_; }

 private:
  Random random_;
  uint64_t now_ms_ = 1'000;
  std::optional<uint64_t> wake_schedule_ms_;
  std::optional<uint64_t> wake_driver_ms_;
  sync::MemoryStore store_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<ServerDriver> driver_;
};

// Somebody who has a document open.
class ServedUser {
 public:
  ServedUser(ServedDocuments& served, const std::string& user, const std::string& document,
             Engine engine = Engine::kRga, sync::Rights rights = sync::kAllRights);
  ServedUser(const ServedUser&) = delete;
  ServedUser& operator=(const ServedUser&) = delete;
  ~ServedUser();

  Document& document() { return rga_ ? static_cast<Document&>(*rga_) : ot_->document(); }
  sync::Client& client() { return connection_->client(); }
  sync::DocumentKey key() const { return key_; }
  // Each returns once it is durable.
  void Insert(uint64_t at, std::string_view text);
  void Erase(uint64_t at, uint64_t count);
  void Settle();
  void Touch() { connection_->Touch(); }
  const std::optional<Error>& error() const { return error_; }

 private:
  ServedDocuments* served_;
  std::unique_ptr<RgaDocument> rga_;
  std::unique_ptr<OtReplica> ot_;
  std::unique_ptr<InProcessConnection> connection_;
  sync::DocumentKey key_ = 0;
  std::optional<Error> error_;
};

// The other end of a request: keeps what is answered.
class KeptOutput final : public HttpOutput {
 public:
  void Answer(HttpResponse response) override {
    if (!answer && !head) answer = std::move(response);
  }
  void Begin(HttpResponse response) override { head = std::move(response); }
  void Write(std::shared_ptr<const std::string> bytes) override {
    body += *bytes;
    if (is_stalled) waiting += bytes->size();
  }
  void End() override { is_ended = true; }
  void Cut() override { is_cut = true; }
  size_t waiting_bytes() const override { return waiting; }

  // Takes what has come since it was taken last.
  std::string Take() { return std::exchange(body, {}); }

  std::optional<HttpResponse> answer;
  std::optional<HttpResponse> head;
  std::string body;
  bool is_ended = false;
  bool is_cut = false;
  bool is_stalled = false;
  size_t waiting = 0;
};

// A request that is being answered.
struct KeptRequest {
  std::unique_ptr<KeptOutput> output;
  std::unique_ptr<HttpTask> task;  // Goes first.

  bool is_answered() const { return output->answer.has_value(); }
  const HttpResponse& answer() const { return *output->answer; }
};
KeptRequest Begin(const HttpReply& reply);

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_SERVED_DOCUMENTS_H_
